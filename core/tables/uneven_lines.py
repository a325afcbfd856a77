"""Text whose lines have different numbers of values: split by Python's csv module, and repaired."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain, islice

import pyarrow as pa

from core.tables.decoding import pieces
from core.tables.headers import misses_first_name
from core.tables.layout import Layout, split_lines
from core.tables.table import LONG_LINES_SKIPPED, QUOTES_IGNORED
from core.tables.table_end import below_note, shown_lines

_SHOWN_LINES = 5  # line numbers in a warning


def even_out(
    text: pa.Buffer, layout: Layout, most: int, warnings: list[str], repairs: set[str]
) -> tuple[pa.Buffer, int]:
    """Return the first `most` lines of the table as CSV with `width` values each, and the number of all lines.

    Adds to `warnings` and `repairs`.

    Raises:
        csv.Error: if a value is longer than `LONGEST_LINE`.
    """
    quote: str | None = layout.quote
    sign = layout.quote.encode()
    if any(sign in piece for piece in pieces(text)) and _ends_in_quotes(text, layout):
        warnings.append("A quotation mark is never closed, so quotation marks were read as ordinary characters.")
        repairs.add(QUOTES_IGNORED)
        quote = None
    out = io.BytesIO()
    written = io.TextIOWrapper(out, "utf-8", newline="", write_through=False)
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    padded = rows = 0
    left_out: list[int] = []
    misses_one = misses_first_name(layout.records, layout.width)
    last = layout.above + len(layout.records) if layout.below else None
    for number, record in enumerate(islice(split_lines(_lines(text), layout.delimiter, quote), last), start=1):
        if number <= layout.above:
            continue
        if len(record) > layout.width and not any(map(str.strip, record[layout.width :])):
            record = record[: layout.width]
        if len(record) > layout.width:
            left_out.append(number)
            continue
        if len(record) < layout.width:
            missing = [""] * (layout.width - len(record))
            # A header without a name for the first column, as R writes tables with row names.
            shifted = number == layout.above + 1 and misses_one
            padded += not shifted and any(map(str.strip, record))
            record = missing + record if shifted else record + missing
        rows += 1
        if rows <= most:
            writer.writerow(record)
    written.flush()
    warnings += _warnings(layout, padded, left_out)
    repairs |= {LONG_LINES_SKIPPED} if left_out else set()
    return pa.py_buffer(out.getbuffer()), rows


def _ends_in_quotes(text: pa.Buffer, layout: Layout) -> bool:
    """Return whether a line appended to the text would become part of a quoted value."""
    end = "\x02end"
    last = [""]
    try:
        for record in split_lines(chain(_lines(text), [end]), layout.delimiter, layout.quote):
            last = record
    except csv.Error:  # a quoted value longer than any line
        return True
    return last != [end]


def _lines(text: pa.Buffer) -> io.TextIOWrapper:
    # pa.BufferReader has all methods that are needed here, although its type doesn't say so.
    return io.TextIOWrapper(io.BufferedReader(pa.BufferReader(text)), "utf-8", newline="")


def _warnings(layout: Layout, padded: int, left_out: list[int]) -> Iterator[str]:
    if layout.above:
        shown = shown_lines(layout.top)
        yield f"{_lines_have(layout.above)} been skipped above the table{': ' + shown if shown else ''}."
    if padded:
        yield f"{_lines_have(padded)} fewer than {layout.width} values; the rest count as missing."
    if left_out:
        shown = ", ".join(f"{number:,}" for number in left_out[:_SHOWN_LINES])
        more = ", …" if len(left_out) > _SHOWN_LINES else ""
        skipped = "was skipped" if len(left_out) == 1 else "were skipped"
        yield f"{_lines_have(len(left_out))} more than {layout.width} values and {skipped} ({shown}{more})."
    below = below_note(layout.below)
    if below:
        yield below


def _lines_have(count: int) -> str:
    return "1 line has" if count == 1 else f"{count:,} lines have"
