"""From the bytes of a file to a Table: detects the kind of file and the types of its columns."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath

import pandas as pd

from core.bounded_process import bounded
from core.damage import log_suspicious
from core.errors import DataError
from core.tables import binary_files, sheets, text_files
from core.tables.column_form import FileForm, form_of
from core.tables.column_types import Typed, find_type, order_dates, read_as
from core.tables.formats import packed
from core.tables.formats.known import find_format, other_kind
from core.tables.identifiers import has_no_name
from core.tables.table import MAX_BYTES, RawTable, Reading, Surroundings, Table

_LONGEST_NAME = 100
_SHOWN_NAMES = 5  # in a warning
NOTES_MOST = 40  # on columns
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet", ".npz")


@bounded
def read_table(content: bytes, filename: str, reading: Reading = Reading()) -> Table:  # noqa: B008 it is frozen
    """Return the table of a text, Excel, Parquet or .npz file, or of another format of `formats.known`.

    The kind of file is detected from its bytes; `filename` is only used in messages.

    >>> table = read_table(b"x;y\\n1,5;red\\n2,5;blue\\n", "points.csv")
    >>> table.reading.delimiter, table.reading.decimal, [column.type for column in table.columns]
    (';', ',', ['number', 'text'])

    Raises:
        DataError: if it cannot be read; the message is for the person who uploaded it.
    """
    _check_size(content)
    if reading.decimal not in (None, ".", ","):
        raise DataError(f"`decimal` must be a point or a comma. Received: {reading.decimal[:40]!r}.")
    try:
        return _typed(_read(content, filename, reading), reading, None)
    except MemoryError as error:
        log_suspicious(error)
        raise DataError("The table does not fit into memory. Use fewer rows or columns.") from error


@bounded
def read_rows(content: bytes, filename: str, trained: FileForm) -> Table:
    """Return the table of a file of rows to predict, read as the file that was trained on.

    Its columns keep the form that they had there. Its encoding, delimiter and sheet are tried first; a file that does
    not have the trained columns like that is read by its own signs.

    Raises:
        DataError: as `read_table`.
    """
    _check_size(content)
    wanted = {form.name for form in trained.columns}
    try:
        for reading in _likely_readings(content, trained.reading):
            with suppress(DataError):
                raw = _read(content, filename, reading)
                if wanted <= set(unique_names(raw.names)[0]):
                    return _typed(raw, reading, trained)
        return _typed(_read(content, filename, Reading()), Reading(), trained)
    except MemoryError as error:
        log_suspicious(error)
        raise DataError("The table does not fit into memory. Use fewer rows or columns.") from error


def _check_size(content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise DataError(
            f"A file may have at most {MAX_BYTES // 1_000_000:,} MB. This one has {len(content) / 1e6:,.0f} MB."
        )


def _likely_readings(content: bytes, trained: Reading) -> Iterator[Reading]:
    """Yield how a file of rows is probably read: as the trained one in all, then with its own delimiter or sheet."""
    if _is_unicode(content):
        trained = replace(trained, encoding=None)
    yield trained
    yield replace(trained, delimiter=None, decimal=None, sheet=None)


def _is_unicode(content: bytes) -> bool:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(content: bytes, filename: str, reading: Reading) -> RawTable:
    if content.startswith(b"PAR1"):
        return binary_files.read_parquet(content, reading)
    if content.startswith(_OLD_EXCEL):
        return sheets.read_sheet(content, reading)
    kind = packed.packed_kind(content)
    if kind is not None:
        return _unpacked(packed.unpacked(content, kind), PurePath(filename).stem, kind, reading)
    if content.startswith(b"PK\x03\x04"):
        kind = binary_files.zip_kind(content)
        if kind == "other":
            name, table = packed.table_in_zip(content)
            return _unpacked(table, name, f"{PurePath(name).name[:100]!r} in a zip archive", reading)
        return sheets.read_sheet(content, reading) if kind == "sheet" else binary_files.read_arrays(content, reading)
    other = other_kind(content)
    if other is not None:
        raise _no_table(other)
    format = find_format(content)
    if format is not None:
        return format.read(content, reading)
    raw = text_files.read_text(content, reading)
    ending = PurePath(filename).suffix.lower()
    if ending in _BINARY_ENDINGS:
        return replace(
            raw, warnings=(f"The name of the file ends with {ending}, but it was read as text.", *raw.warnings)
        )
    return raw


def _unpacked(content: bytes, filename: str, how: str, reading: Reading) -> RawTable:
    """Return the table of a file that was packed.

    Raises:
        DataError: if it cannot be read, or is packed again.
    """
    if packed.packed_kind(content) or (content.startswith(b"PK\x03\x04") and binary_files.zip_kind(content) == "other"):
        raise _no_table("packed twice: unpack it first")
    raw = _read(content, filename, reading)
    return replace(raw, warnings=(f"The file is packed ({how}); the table in it was read.", *raw.warnings))


def _no_table(what: str) -> DataError:
    return DataError(f"The file is {what}. Expected: a table as CSV, Excel, Parquet or .npz.")


def _typed(raw: RawTable, asked: Reading, trained: FileForm | None) -> Table:
    """Return the table with a type for every column; `asked` is how the person said that the file is read."""
    warnings = list(raw.warnings)
    names, renamed = unique_names(raw.names)
    if renamed and raw.reading.header is not False:
        shown = ", ".join(map(repr, renamed[:_SHOWN_NAMES])) + (", …" if len(renamed) > _SHOWN_NAMES else "")
        warnings.append(f"Columns without a unique name were renamed: {shown}.")
    around = _surroundings(raw, asked)
    found: list[Typed] = []
    # From the last column, so that its text is freed before the next one is read.
    for place in reversed(range(len(names))):
        unnamed = (
            raw.reading.header is not False and has_no_name(raw.names[place]) and not all(map(has_no_name, raw.names))
        )
        here = replace(around, unnamed=unnamed, last=place == len(names) - 1)
        form = None if trained is None else form_of(trained.columns, names[place])
        values = raw.columns.pop()
        found.append(find_type(names[place], values, here) if form is None else read_as(names[place], values, form))
    found.reverse()
    if asked.day_first is None:
        found, around = order_dates(found, around)
    notes = [note for column in found for note in column.notes]
    warnings += notes[:NOTES_MOST]
    if len(notes) > NOTES_MOST:
        warnings.append(f"{len(notes) - NOTES_MOST:,} more notes of this kind on other columns.")
    frame = pd.DataFrame({typed.column.name: typed.values for typed in found}, copy=False)
    return Table(
        frame,
        tuple(typed.column for typed in found),
        raw.reading,
        raw.sheets,
        tuple(warnings),
        raw.image_shape,
        originals={typed.column.name: typed.original for typed in found if typed.original is not None},
        repairs=raw.repairs.union(*(typed.repairs for typed in found)),
        extra=raw.extra,
        forms=tuple(typed.form for typed in found),
        around=around,
    )


def _surroundings(raw: RawTable, asked: Reading) -> Surroundings:
    """Return what the file says about all its columns."""
    reading = raw.reading
    typed_file = reading.delimiter is None  # a sheet's numbers have a point
    decimal = reading.decimal or "."
    european = decimal == "," or reading.delimiter == ";"
    day_first = asked.day_first if asked.day_first is not None else True if european else None
    return Surroundings(decimal, typed_file, asked.decimal is not None, day_first)


def unique_names(written: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return unique names that are not empty, and those among them that were changed.

    >>> unique_names(["a", "", "a"])
    (['a', 'column 2', 'a (2)'], ['column 2', 'a (2)'])
    """
    cleaned = list(map(_cleaned, written))
    names: list[str] = []
    changed: list[str] = []
    taken = {name for name in cleaned if name}
    used: set[str] = set()
    times: dict[str, int] = {}
    for place, name in enumerate(cleaned, start=1):
        wanted = name or f"column {place}"
        final = wanted
        while final in used or (final != name and final in taken):
            times[wanted] = times.get(wanted, 1) + 1
            final = f"{wanted} ({times[wanted]})"
        if final != name:
            changed.append(final)
        names.append(final)
        used.add(final)
    return names, changed


def _cleaned(name: str) -> str:
    r"""Return a name on one line, not too long, and without signs that nobody sees or that turn the writing around.

    >>> _cleaned("\ufeffsize\u200b of\n the \u202ebox ")
    'size of the box'
    """
    seen = "".join(sign for sign in name if sign.isprintable() or sign.isspace())
    return " ".join(seen.split())[:_LONGEST_NAME].rstrip()
