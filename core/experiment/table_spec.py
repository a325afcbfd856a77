"""Target and input columns of an uploaded file, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment import menus
from core.experiment.keys import Choice, Flag, Key, Names, Text, Whole

# By field of TableSpec, which is also the name in the address.
TABLE_KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        Text("file", 32, "([0-9a-f]{32})?", "the 32 hexadecimal digits of an uploaded file"),
        Text("target_column", 200),
        Names("columns", Text("columns", 200), 10_000),
        Names("number_columns", Text("number_columns", 200), 10_000),
        Names("category_columns", Text("category_columns", 200), 10_000),
        Choice("missing", tuple(menus.MISSING)),
        Whole("rare", 1, 1000),
        Whole("rare_classes", 1, 1000),
        Whole("side", 8, 64),
        Flag("colour"),
        Text("encoding", 20),
        Text("delimiter", 1),
        Text("decimal", 1, "[.,]?", "a point or a comma"),
        Text("header", 3, "(yes|no)?", "yes or no"),
        Text("sheet", 200),
        Text("dates", 5, "(day|month)?", "day or month"),
    )
}


@dataclass(frozen=True)
class TableSpec:
    """Target and inputs of an uploaded file, how its columns or pictures become numbers, and how it is read.

    Attributes:
        file: the first 32 hexadecimal digits of the content's SHA-256; "" if there is no file yet.
        target_column: the column to predict; "" to choose it automatically.
        columns: the inputs; empty for all columns of numbers, categories and dates.
        number_columns, category_columns: columns whose detected type is overridden.
        missing: how missing values of inputs are treated, a key of `menus.MISSING`.
        rare: categories with fewer training rows than this are merged.
        rare_classes: classes with fewer rows than this are merged.
        side: width and height, in pixels, that the pictures of a zip are scaled to.
        colour: whether the pictures of a zip are read in colour.
        encoding, delimiter, decimal, header, sheet: how the file is read; "" to detect it.
        dates: what comes first in dates that don't tell, day or month; "" to detect it.
    """

    file: str = ""
    target_column: str = ""
    columns: tuple[str, ...] = ()
    number_columns: tuple[str, ...] = ()
    category_columns: tuple[str, ...] = ()
    missing: str = "median"
    rare: int = 10
    rare_classes: int = 1
    side: int = 28
    colour: bool = False
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    header: str = ""
    sheet: str = ""
    dates: str = ""

    def __post_init__(self) -> None:
        for name, key in TABLE_KEYS.items():
            object.__setattr__(self, name, key.check(getattr(self, name)))
