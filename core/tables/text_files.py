"""Tables from text files, with all values as text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.csv

from core.errors import DataError
from core.tables.decoding import FoundEncoding, damaged_bytes, known_encoding, pieces, to_utf8
from core.tables.encodings import find_encoding
from core.tables.headers import Heading, Record, figure_columns, find_heading, word_columns
from core.tables.layout import LONGEST_LINE, SPACES, Layout, find_decimal, find_layout
from core.tables.rows_left_out import without_extra_rows
from core.tables.table import (
    BYTES_REPLACED,
    MAX_CELLS,
    MAX_ROWS,
    MAX_WORD_COLUMNS,
    ExtraLines,
    RawTable,
    Reading,
    Values,
    check_width,
    cut_rows,
)
from core.tables.uneven_lines import even_out

_SHOWN_NAMES = 5
_LONGEST_SHOWN = 60  # characters
_MAX_UNEVEN = 100_000_000  # bytes of a file with uneven lines, whose repair takes four times as long


def read_text(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a text file, with all values as text.

    Raises:
        DataError: if the bytes are not text, or there is no table in it.
    """
    encoding = _encoding(content, reading.encoding)
    text = to_utf8(content, encoding.name)
    raw = read_utf8(text, replace(reading, delimiter=_known_delimiter(reading.delimiter)))
    damaged = damaged_bytes(content) if encoding.name.startswith("utf-8") else 0
    return replace(
        raw,
        reading=replace(raw.reading, encoding=encoding.name),
        warnings=(*_encoding_notes(encoding, damaged), *raw.warnings),
        repairs=raw.repairs | ({BYTES_REPLACED} if damaged else set()),
    )


def decoded(content: bytes, given: str | None, hint: str | None = None) -> tuple[pa.Buffer, str]:
    """Return a text in UTF-8 and its encoding: the one `given`, else the one that the text names, else detected.

    Raises:
        DataError: if the bytes are not text.
    """
    if given is None and hint is not None:
        try:
            encoding = known_encoding(hint)
            return to_utf8(content, encoding), encoding
        except DataError:  # another one than it says
            pass
    encoding = _encoding(content, given).name
    return to_utf8(content, encoding), encoding


def _encoding(content: bytes, given: str | None) -> FoundEncoding:
    return find_encoding(content) if given is None else FoundEncoding(known_encoding(given))


def _encoding_notes(encoding: FoundEncoding, damaged: int) -> Iterator[str]:
    """Yield the sentences about an encoding that is in doubt, with the first words in both readings, and on damage."""
    if damaged:
        bytes_are = "1 byte is" if damaged == 1 else f"{damaged:,} bytes are"
        yield f"{bytes_are} not valid UTF-8, in a text that otherwise is: look for � in its place."
    if encoding.others:
        yield (
            f"The encoding is uncertain: the text was read as {encoding.name} ({', '.join(encoding.words)}), but it "
            f"may be {encoding.others[0]} ({', '.join(encoding.other_words)})"
            f"{''.join(f' or {other}' for other in encoding.others[1:])}. Choose the `encoding` if it is another one."
        )


def read_utf8(text: pa.Buffer, reading: Reading, sheet: bool = False, quote: str | None = None) -> RawTable:
    """Return the table of a text in UTF-8 without a byte order mark.

    Args:
        text: the text.
        reading: how it is read; its encoding is ignored.
        sheet: whether it was written from a sheet, whose empty rows are not worth a note.
        quote: the sign that quotes values; None to detect it.

    Raises:
        DataError: if there is no table in it.
    """
    text = _from_first_line(text)
    layout = find_layout(text, reading.delimiter, quote)
    check_width(layout.width)
    heading = find_heading(layout.records, layout.width, reading.header)
    top = heading.rows + len(heading.units)
    if layout.width > MAX_WORD_COLUMNS:
        check_width(layout.width, word_columns(layout.records[top:], layout.width))
    decimal = reading.decimal or find_decimal(layout)
    warnings = list(_layout_notes(layout, heading, quote))
    repairs: set[str] = set()
    columns, rows = _parse(text.slice(layout.start), layout, top, warnings, repairs)
    columns, rows = [column[top:] for column in columns], rows - top
    if rows <= 0:
        raise DataError("The file has column names but no rows below. Add rows, or choose that it has no header.")
    warnings += cut_rows(len(columns[0]), rows)
    left = without_extra_rows(
        columns, _written_names(layout, heading), figure_columns(layout.records[top:], layout.width)
    )
    extra = ExtraLines(heading.rows, len(heading.units), left.repeated, bool(layout.below or left.ending))
    found = replace(reading, delimiter=layout.delimiter, decimal=decimal, header=heading.rows > 0)
    warnings += left.notes(blank_is_said=not sheet)
    return RawTable(
        heading.names,
        list[Values](left.columns),
        found,
        warnings=tuple(warnings),
        repairs=frozenset(repairs),
        extra=extra,
    )


def _written_names(layout: Layout, heading: Heading) -> Record:
    """Return the last line of column names; empty strings if there is none."""
    record = layout.records[heading.rows - 1] if heading.rows else []
    return [*record, *[""] * (layout.width - len(record))][: layout.width]


def _layout_notes(layout: Layout, heading: Heading, quote: str | None) -> Iterator[str]:
    """Yield what a person should know of the layout."""
    if layout.start:
        yield "The first line of the file names the delimiter and was left out (sep=)."
    if layout.mixed:
        yield "Both spaces and tabs separate the values."
    if layout.quote == "'" and quote is None:
        yield "Single quotes around values were read as quotation marks."
    if heading.rows == 2:
        shown = ", ".join(map(repr, heading.names[:_SHOWN_NAMES])) + (
            ", …" if len(heading.names) > _SHOWN_NAMES else ""
        )
        yield f"Two lines of column names were joined: {shown}."
    if heading.units:
        lines = "line below the column names was" if len(heading.units) == 1 else "lines below the column names were"
        first = ", ".join(value.strip() for value in heading.units[0] if value.strip())
        yield f"The {lines} left out: {_cut(first)!r} holds units or descriptions, no values."


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def layout_of(content: bytes, reading: Reading) -> Layout:
    """Return the layout of a file that was read with this encoding and delimiter.

    Raises:
        DataError: if it cannot be read like that.
    """
    return find_layout(_from_first_line(to_utf8(content, reading.encoding or "utf-8")), reading.delimiter)


def _known_delimiter(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter.isalnum() or delimiter in '"\r\n\0.':
        raise DataError(
            "`delimiter` must be one character such as a comma, a semicolon, a tab, | or a space. "
            f"Received: {delimiter[:40]!r}."
        )
    return delimiter


def _from_first_line(text: pa.Buffer) -> pa.Buffer:
    """Return the text without empty lines at the start, and without the sign that ends a file in DOS."""
    if text.slice(max(0, text.size - 1)).to_pybytes() == b"\x1a":
        text = text.slice(0, text.size - 1)
    start = 0
    for piece in pieces(text):
        rest = piece.lstrip(b"\r\n")
        start += len(piece) - len(rest)
        if rest:
            break
    return text.slice(start)


def _parse(
    text: pa.Buffer, layout: Layout, top: int, warnings: list[str], repairs: set[str]
) -> tuple[list[pa.ChunkedArray], int]:
    """Return the columns as text, and the number of rows, with the `top` lines of names; adds to warnings and repairs.

    The columns are shorter than that if there are too many cells. Files with uneven lines take a slower path.
    """
    most = min(MAX_ROWS, MAX_CELLS // layout.width) + top
    # With an odd number of quotation marks, one may quote everything that follows.
    if layout.even and layout.delimiter != SPACES and not _odd_quotes(text, layout.quote):
        try:
            return _parse_even(text, layout.delimiter, layout.width, most, layout.quote)
        except pa.ArrowInvalid:
            pass  # a line with another number of values, which the slower path handles
    try:
        even, rows = even_out(_shortened(text, warnings), layout, most, warnings, repairs)
        return _parse_even(even, ",", layout.width, most)[0], rows
    except (csv.Error, pa.ArrowInvalid) as error:
        raise DataError(
            "The file cannot be split into columns: its lines are too long, or their numbers of values all differ. "
            "Choose another delimiter, or close the open quotation mark."
        ) from error


def _parse_even(
    text: pa.Buffer, delimiter: str, width: int, most: int, quote: str = '"'
) -> tuple[list[pa.ChunkedArray], int]:
    reader = pyarrow.csv.open_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True, block_size=LONGEST_LINE),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, quote_char=quote, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={f"f{place}": pa.string() for place in range(width)}, strings_can_be_null=False
        ),
    )
    if len(reader.schema) != width:
        raise pa.ArrowInvalid(f"{len(reader.schema)} columns instead of {width}")
    batches: list[pa.RecordBatch] = []
    kept = rows = 0
    for batch in reader:
        if kept < most:
            batches.append(batch.slice(0, most - kept))
            kept += batches[-1].num_rows
        rows += batch.num_rows
    table = pa.Table.from_batches(batches, reader.schema)
    return list(table.columns), rows


def _odd_quotes(text: pa.Buffer, quote: str) -> bool:
    return sum(piece.count(quote.encode()) for piece in pieces(text)) % 2 == 1


def _shortened(text: pa.Buffer, warnings: list[str]) -> pa.Buffer:
    if text.size <= _MAX_UNEVEN:
        return text
    end = text.slice(0, _MAX_UNEVEN).to_pybytes().rfind(b"\n") + 1
    warnings.append(
        f"Only the first {_MAX_UNEVEN // 1_000_000} MB were read, as not all lines have the same number of values."
    )
    return text.slice(0, end or _MAX_UNEVEN)
