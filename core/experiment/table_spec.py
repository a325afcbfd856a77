"""What of a file that a person brings is learned, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment import menus
from core.experiment.keys import Choice, Flag, Key, Names, Text, Whole

# By the fields of a TableSpec, which are their names in the address too.
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
    )
}


@dataclass(frozen=True)
class TableSpec:
    """What of an uploaded file is learned, how its columns or pictures become numbers, and how it is read.

    Attributes:
        file: the first 32 hexadecimal digits of the content's SHA-256; "" where there is no file yet.
        target_column: what is to be predicted; "" for the last column.
        columns: the inputs; none stands for all that are numbers, categories or dates.
        number_columns, category_columns: columns whose type was guessed otherwise.
        missing: what becomes of missing values among the inputs, a key of `menus.MISSING`.
        rare: categories of fewer training rows than this are pooled.
        rare_classes: classes of fewer rows than this are pooled.
        side: of a zip of pictures, how many pixels they are scaled to, across and down.
        colour: of a zip of pictures, whether red, green and blue are told apart.
        encoding, delimiter, decimal, header, sheet: how the file is read; "" is found out.
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

    def __post_init__(self) -> None:
        for name, key in TABLE_KEYS.items():
            object.__setattr__(self, name, key.check(getattr(self, name)))
