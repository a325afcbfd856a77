"""How a file and the text of its columns were read, as plain values, so that other rows can be read in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """How a file is read; None to detect it.

    Attributes:
        encoding: one of `decoding.ENCODINGS`; text files only.
        delimiter: one character, " " for runs of spaces; text files only.
        decimal: "." or ",".
        header: whether the first row has the column names; text files and sheets.
        sheet: the name of a sheet; Excel files only.
        day_first: whether the day comes before the month in dates of numbers that don't tell.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None
    sheet: str | None = None
    day_first: bool | None = None


@dataclass(frozen=True)
class ColumnForm:
    """How the text of a column became its values.

    Attributes:
        name: of the column.
        type: one of `table.TYPES`.
        missing: the words that count as missing, besides empty values.
        decimal: of numbers, "." or ",".
        marks: what stands before or behind the numbers and was left out, such as "$", "%" or "kg".
        odd: whether some numbers are not written plainly: with marks, thousands, brackets or another minus.
        scaled: whether K, M and B multiply.
        formats: of dates, as `datetime.strptime` takes them.
    """

    name: str
    type: str
    missing: tuple[str, ...] = ()
    decimal: str = "."
    marks: tuple[str, ...] = ()
    odd: bool = False
    scaled: bool = False
    formats: tuple[str, ...] = ()


def form_of(forms: Sequence[ColumnForm], name: str) -> ColumnForm | None:
    """Return the form of the column of this name; None if there is none."""
    return next((form for form in forms if form.name == name), None)


@dataclass(frozen=True)
class FileForm:
    """How a file was read: as a whole, and the columns that a network was trained on."""

    reading: Reading
    columns: tuple[ColumnForm, ...]
