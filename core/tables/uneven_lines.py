"""The slow way for a text whose lines are not even: Python's csv parts them, and each gets as many values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain

import pyarrow as pa

from core.tables.decoding import pieces
from core.tables.layout import Layout, misses_first_name, parted

_SHOWN_LINES = 5  # line numbers in a warning


def even_out(text: pa.Buffer, layout: Layout, most: int, warnings: list[str]) -> tuple[pa.Buffer, int]:
    """Return the table as commas part it, its first `most` lines with `width` values each, and how many it has.

    What was mended is added to `warnings`.

    Raises:
        csv.Error: where a value is longer than `LONGEST_LINE`.
    """
    if any(b'"' in piece for piece in pieces(text)) and _ends_in_quotes(text, layout.delimiter):
        warnings.append("A quotation mark is never closed, so quotation marks were read as any other sign.")
        quoted = False
    else:
        quoted = True
    out = io.BytesIO()
    written = io.TextIOWrapper(out, "utf-8", newline="", write_through=False)
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    padded = rows = 0
    left_out: list[int] = []
    for number, record in enumerate(parted(_lines(text), layout.delimiter, quoted), start=1):
        if number <= layout.above:
            continue
        if len(record) > layout.width and not any(map(str.strip, record[layout.width :])):
            record = record[: layout.width]
        if len(record) > layout.width:
            left_out.append(number)
            continue
        if len(record) < layout.width:
            missing = [""] * (layout.width - len(record))
            # Names without one for the first column: R writes row names so.
            shifted = number == layout.above + 1 and misses_first_name(layout)
            padded += not shifted
            record = missing + record if shifted else record + missing
        rows += 1
        if rows <= most:
            writer.writerow(record)
    written.flush()
    warnings += _mended(layout, padded, left_out)
    return pa.py_buffer(out.getbuffer()), rows


def _ends_in_quotes(text: pa.Buffer, delimiter: str) -> bool:
    """Return whether a line put at the end would be swallowed by a value."""
    end = "\x02end"
    last = [""]
    try:
        for record in parted(chain(_lines(text), [end]), delimiter):
            last = record
    except csv.Error:  # one that has swallowed more than a line may have
        return True
    return last != [end]


def _lines(text: pa.Buffer) -> io.TextIOWrapper:
    # pa.BufferReader has all that a wrapped file needs; its type does not say so.
    return io.TextIOWrapper(io.BufferedReader(pa.BufferReader(text)), "utf-8", newline="")


def _mended(layout: Layout, padded: int, left_out: list[int]) -> Iterator[str]:
    if layout.above:
        yield f"{_lines_have(layout.above)} been left out above the table."
    if padded:
        yield f"{_lines_have(padded)} fewer than {layout.width} values: what they lack is missing."
    if left_out:
        shown = ", ".join(f"{number:,}" for number in left_out[:_SHOWN_LINES])
        more = ", …" if len(left_out) > _SHOWN_LINES else ""
        which = "it was" if len(left_out) == 1 else "they were"
        yield f"{_lines_have(len(left_out))} more than {layout.width} values: {which} left out ({shown}{more})."


def _lines_have(count: int) -> str:
    return "1 line has" if count == 1 else f"{count:,} lines have"
