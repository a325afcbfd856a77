"""Tables from text files, with all values as text."""

from __future__ import annotations

import csv
from dataclasses import replace

import pyarrow as pa
import pyarrow.csv

from core.errors import DataError
from core.tables.decoding import FoundEncoding, known_encoding, pieces, to_utf8
from core.tables.encodings import find_encoding
from core.tables.layout import LONGEST_LINE, SPACES, Layout, find_decimal, find_layout, has_header
from core.tables.table import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, RawTable, Reading, Values, cut_rows
from core.tables.uneven_lines import even_out

_MAX_UNEVEN = 100_000_000  # bytes of a file with uneven lines, whose repair takes four times as long


def read_text(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a text file, with all values as text.

    Raises:
        DataError: if the bytes are not text, or there is no table in it.
    """
    given = reading.encoding
    encoding = find_encoding(content) if given is None else FoundEncoding(known_encoding(given))
    text = to_utf8(content, encoding.name)
    raw = read_utf8(text, replace(reading, delimiter=_known_delimiter(reading.delimiter)))
    warnings = raw.warnings
    if encoding.others:
        others = " or ".join(encoding.others)
        warnings = (
            f"The encoding is uncertain: the text was read as {encoding.name}, but it may be {others}.",
            *warnings,
        )
    return replace(raw, reading=replace(raw.reading, encoding=encoding.name), warnings=warnings)


def read_utf8(text: pa.Buffer, reading: Reading) -> RawTable:
    """Return the table of a text in UTF-8 without a byte order mark.

    Raises:
        DataError: if there is no table in it.
    """
    text = _from_first_line(text)
    layout = find_layout(text, reading.delimiter)
    if layout.width > MAX_COLUMNS:
        raise DataError(f"A table may have at most {MAX_COLUMNS:,} columns. This one has {layout.width:,}.")
    header = has_header(layout.records) if reading.header is None else reading.header
    decimal = reading.decimal or find_decimal(layout)
    warnings: list[str] = []
    repairs: set[str] = set()
    columns, rows = _parse(text, layout, header, warnings, repairs)
    first = [str(column[0]) for column in columns] if header else []
    if header:
        columns, rows = [column[1:] for column in columns], rows - 1
    if not rows:
        raise DataError("The file has column names but no rows below. Add rows, or choose that it has no header.")
    warnings += cut_rows(len(columns[0]), rows)
    names = first or [""] * layout.width
    found = replace(reading, delimiter=layout.delimiter, decimal=decimal, header=header)
    return RawTable(names, list[Values](columns), found, warnings=tuple(warnings), repairs=frozenset(repairs))


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
    """Return the text without empty lines at the start."""
    start = 0
    for piece in pieces(text):
        rest = piece.lstrip(b"\r\n")
        start += len(piece) - len(rest)
        if rest:
            break
    return text.slice(start)


def _parse(
    text: pa.Buffer, layout: Layout, header: bool, warnings: list[str], repairs: set[str]
) -> tuple[list[pa.ChunkedArray], int]:
    """Return the columns as text, including the header, and the number of rows; adds to `warnings` and `repairs`.

    The columns are shorter than that if there are too many cells. Files with uneven lines take a slower path.
    """
    most = min(MAX_ROWS, MAX_CELLS // layout.width) + header
    # With an odd number of quotation marks, one may quote everything that follows.
    if layout.even and layout.delimiter != SPACES and not _odd_quotes(text):
        try:
            return _parse_even(text, layout.delimiter, layout.width, most)
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


def _parse_even(text: pa.Buffer, delimiter: str, width: int, most: int) -> tuple[list[pa.ChunkedArray], int]:
    reader = pyarrow.csv.open_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True, block_size=LONGEST_LINE),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
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


def _odd_quotes(text: pa.Buffer) -> bool:
    return sum(piece.count(b'"') for piece in pieces(text)) % 2 == 1


def _shortened(text: pa.Buffer, warnings: list[str]) -> pa.Buffer:
    if text.size <= _MAX_UNEVEN:
        return text
    end = text.slice(0, _MAX_UNEVEN).to_pybytes().rfind(b"\n") + 1
    warnings.append(
        f"Only the first {_MAX_UNEVEN // 1_000_000} MB were read, as not all lines have the same number of values."
    )
    return text.slice(0, end or _MAX_UNEVEN)
