"""The values of a table that somebody brings, and the bounds within which one is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

NUMBER = "number"
CATEGORY = "category"
DATE = "date"
TEXT = "text"
IDENTIFIER = "identifier"
TYPES = (NUMBER, CATEGORY, DATE, TEXT, IDENTIFIER)

# A file at the bounds is read in less than 10 s and 1 GB: MNIST with its 55 million cells just fits.
MAX_BYTES = 200_000_000
MAX_CELLS = 60_000_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 10_000
# What a zip archive (Excel, .npz) may say that it unpacks to.
MAX_UNPACKED_BYTES = 600_000_000


@dataclass(frozen=True)
class Reading:
    """How a file is read; None is found out.

    Attributes:
        encoding: one of `decoding.ENCODINGS`; text files only.
        delimiter: one character; " " means runs of spaces; text files only.
        decimal: "." or ",".
        header: whether the first row holds the names; text files and sheets.
        sheet: the name of a sheet; Excel files only.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Column:
    """What a column is: its type is one of `TYPES`; `unique` counts its different values, missing ones apart."""

    name: str
    type: str
    missing: int
    unique: int


# eq=False: frames have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Table:
    """A table as it was read.

    Attributes:
        frame: (rows, columns); numbers float64 and finite with NaN for what is missing, dates datetime64, all
            others str with NA.
        columns: one a column of the frame, in its order.
        reading: how it was read, every field that applies filled in.
        sheets: the sheets of an Excel file; else empty.
        warnings: what a person should know, one sentence each.
        image_shape: (height, width) where every row of an .npz file is a picture, (height, width, 3) in colour; else
            None.
        originals: what stood in a column, as text, where its type made some of it missing: `retype` finds it again.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    reading: Reading
    sheets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    originals: Mapping[str, pd.Series] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """Return the column of a name; None where there is none."""
        return next((column for column in self.columns if column.name == name), None)


Values: TypeAlias = pa.ChunkedArray | NDArray[np.generic]  # text, or numbers, booleans and dates as they came


def cut_rows(kept: int, rows: int) -> list[str]:
    """Return the warning that only some rows were read; none where all were."""
    if kept == rows:
        return []
    bounds = f"a table may have {MAX_ROWS:,} rows and {MAX_CELLS:,} values"
    return [f"Only the first {kept:,} of {rows:,} rows were read: {bounds}."]


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table before its columns have types: names as they stand in the file, text or numbers."""

    names: list[str]
    columns: list[Values]  # each (rows,); taken out one by one, so that memory is given back
    reading: Reading
    sheets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
