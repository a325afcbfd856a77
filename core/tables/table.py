"""The values that make up a table, and the bounds on what is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import DataError
from core.tables.column_form import ColumnForm, Reading

__all__ = ["Column", "ColumnForm", "RawTable", "Reading", "Surroundings", "Table", "Values"]

NUMBER = "number"
CATEGORY = "category"
DATE = "date"
TEXT = "text"
IDENTIFIER = "identifier"
TYPES = (NUMBER, CATEGORY, DATE, TEXT, IDENTIFIER)

# A file at these bounds is read within 10 s and 1 GB. MNIST has 55 million cells.
MAX_BYTES = 200_000_000
MAX_CELLS = 60_000_000
MAX_TEXTS = 20_000_000  # of the cells of a file that declares its types; a text takes three times a number
MAX_ROWS = 1_000_000
MAX_COLUMNS = 10_000
MAX_WORD_COLUMNS = 4_000  # whose types take ten times as long to find
MAX_UNPACKED_BYTES = 600_000_000  # that a zip archive (Excel, .npz) may declare

# Repairs that whoever reads the file again has to repeat.
LONG_LINES_SKIPPED = "long lines skipped"
QUOTES_IGNORED = "quotes ignored"
BYTES_REPLACED = "bytes replaced"  # that are not valid in UTF-8
NOT_NUMBERS = "not numbers"  # in a column of numbers; infinity too


@dataclass(frozen=True)
class ExtraLines:
    """Lines of a text or a sheet that are no rows of its table, for whoever reads the file again.

    Attributes:
        names: the lines of column names: 0, 1, or 2 that are joined.
        units: the lines below them that hold no values.
        again: the values of the last line of names if lines further down repeat them, which are left out.
        ended: whether lines below the table are left out.
    """

    names: int = 1
    units: int = 0
    again: tuple[str, ...] = ()
    ended: bool = False


@dataclass(frozen=True)
class Column:
    """What is known of a column.

    Attributes:
        name: unique in its table.
        type: one of `TYPES`.
        missing: the number of missing values.
        unique: the number of different values that are not missing.
        rows: the number of values, missing ones included.
        why: of an identifier, why it is one; otherwise "".
    """

    name: str
    type: str
    missing: int
    unique: int
    rows: int
    why: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What a file says about a column besides its values.

    Attributes:
        decimal: the decimal separator.
        certain: whether a number that can be read with either is read with this one: sheets have a point.
        chosen: whether a person chose it, so that no other one is tried.
        day_first: the order of day and month; None if it is not known.
        unnamed: whether the file has no name for this column, but for others.
        last: whether it is the last column.
    """

    decimal: str = "."
    certain: bool = False
    chosen: bool = False
    day_first: bool | None = None
    unnamed: bool = False
    last: bool = False


# eq=False: frames have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Table:
    """A table as it was read.

    Attributes:
        frame: (rows, columns); numbers as finite float64 with NaN for missing values, dates as datetime64, all others
            as str with NA.
        columns: one for each column of the frame, in its order.
        reading: how it was read; every field that applies is set.
        sheets: the sheets of an Excel file; otherwise empty.
        warnings: sentences for the person who uploaded the file.
        image_shape: (height, width) if the rows of an .npz file are pictures, (height, width, 3) in colour; otherwise
            None.
        originals: the original text of columns whose values don't give it back; used by `retype`.
        repairs: LONG_LINES_SKIPPED, QUOTES_IGNORED, BYTES_REPLACED and NOT_NUMBERS, as far as they apply.
        extra: the lines that are no rows, of text files and sheets.
        forms: how the text of every column was read, in the order of the columns.
        around: what the file says about all its columns.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    reading: Reading
    sheets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    originals: Mapping[str, pd.Series] = field(default_factory=dict)
    repairs: frozenset[str] = frozenset()
    extra: ExtraLines = ExtraLines()
    forms: tuple[ColumnForm, ...] = ()
    around: Surroundings = Surroundings()

    def column(self, name: str) -> Column | None:
        """Return the column of this name; None if there is none."""
        return next((column for column in self.columns if column.name == name), None)


Values: TypeAlias = pa.ChunkedArray | NDArray[np.generic]  # text, or the file's numbers, booleans and dates


def check_width(columns: int, words: int = 0) -> None:
    """Raise a DataError where a table has too many columns; called before its rows are read.

    Args:
        columns: the number of all columns.
        words: of those that do not hold plain numbers, as far as that is known.
    """
    if words > MAX_WORD_COLUMNS:
        raise DataError(
            f"A table may have at most {MAX_WORD_COLUMNS:,} columns of words. This one has {words:,}. Keep those "
            "you need, or write numbers instead."
        )
    if columns > MAX_COLUMNS:
        raise DataError(
            f"A table may have at most {MAX_COLUMNS:,} columns. This one has {columns:,}. Keep those you need, or, "
            "where each column is an example, swap rows and columns."
        )


def cut_rows(kept: int, rows: int) -> list[str]:
    """Return the warning that only some rows were read, if so."""
    if kept == rows:
        return []
    bounds = f"a table may have {MAX_ROWS:,} rows and {MAX_CELLS:,} values, of a Parquet file {MAX_TEXTS:,} texts"
    return [f"Only the first {kept:,} of {rows:,} rows were read: {bounds}."]


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table before the types of its columns are detected, with the names of the file."""

    names: list[str]
    columns: list[Values]  # each (rows,); removed one by one to free memory
    reading: Reading
    sheets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    repairs: frozenset[str] = frozenset()
    extra: ExtraLines = ExtraLines()
