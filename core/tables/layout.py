"""The layout of a text file: delimiter, lines above the table, header and decimal separator."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import pyarrow as pa

from core.errors import DataError
from core.tables.cell_values import is_missing, is_number
from core.tables.headers import Record, is_figure, misses_first_name
from core.tables.table_end import first_table, lines_before, table_end

# In order of preference if several fit: a comma may also be a decimal separator.
DELIMITERS = ("\t", ";", "|", ",")
SPACES = " "  # and tabs
LONGEST_LINE = 1 << 24  # bytes

# A number with a decimal comma; thousands are separated by points, apostrophes or spaces.
_COMMA = re.compile(r"\s*[+-]?(\d+|\d{1,3}([.'’ \u00a0\u202f]\d{3})+),\d+([eE][+-]?\d+)?\s*")
_DOT = re.compile(r"\s*[+-]?(\d*|\d{1,3}(,\d{3})+)\.\d+\s*")  # with a decimal point
_GROUP = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*")  # could be either

_SAMPLE = 1 << 20  # bytes from which the layout is detected
_SAMPLE_LINES = 2_000
_QUOTE_SAMPLE = 20_000  # characters in which single quotes are looked for
_MOST_LINES_ABOVE = 20  # a title and remarks, before the table begins
_LEAST_SHARE = 0.5  # of the lines that a delimiter splits into the same number of values

# What Excel writes into the first line, to name the delimiter; perhaps saved again with delimiters behind it.
_DECLARED = re.compile(rb'"?sep=([^\w\s"]|\t| )"?[;,|\t ]*\r?\n', re.IGNORECASE)

# Python's default limit of 131,072 characters per value is below that of the fast path.
csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are split into values.

    Attributes:
        delimiter: one character; `SPACES` for runs of spaces and tabs.
        width: the number of values in most lines, or in the first line if it has more.
        above: the number of lines above the table that are not empty.
        even: whether all lines of the sample have `width` values, with no lines above or below the table.
        records: the values of the lines of the sample, from the first to the last line of the table.
        quote: the sign around values that contain delimiters: " or '.
        start: the bytes of a line that names the delimiter, sep=;, at the beginning of the text.
        top: the lines above the table.
        below: the lines of the sample below the table.
        mixed: whether runs of spaces and tabs were chosen although tabs alone fit too.
    """

    delimiter: str
    width: int
    above: int
    even: bool
    records: list[Record]
    quote: str = '"'
    start: int = 0
    top: tuple[Record, ...] = ()
    below: tuple[Record, ...] = ()
    mixed: bool = False


@dataclass(frozen=True)
class _Sample:
    """The beginning of a text, and whether it is all of it."""

    text: str
    whole: bool


def find_layout(text: pa.Buffer, delimiter: str | None = None, quote: str | None = None) -> Layout:
    """Return the layout of a text, detected from its beginning; `delimiter` and `quote` if they are known.

    A delimiter fits if it splits most lines into the same number of values, at least two. Of several, the best one fits
    from the first line, then fits more lines, then comes first in `DELIMITERS`. Runs of spaces and tabs are used if
    nothing else fits, all lines have the same number of values and a column has numbers; and in place of tabs where
    these leave several numbers in a value.

    Raises:
        DataError: if the text is empty.
    """
    declared = _DECLARED.match(text.slice(0, min(text.size, 100)).to_pybytes())
    start = declared.end() if declared else 0
    delimiter = delimiter or (declared[1].decode() if declared else None)
    sample = _sample(text.slice(start))
    if sample.whole and not sample.text.strip():
        raise _empty()
    layout = _found(sample) if delimiter is None else _fit(sample, delimiter, quote)
    return replace(layout, start=start)


def _found(sample: _Sample) -> Layout:
    fits = [layout for candidate in DELIMITERS if candidate in sample.text and _fits(layout := _fit(sample, candidate))]
    best = max(fits, key=_rank) if fits else None
    if best is not None and (best.delimiter != "\t" or (SPACES not in sample.text and best.even)):
        return best
    if SPACES in sample.text or "\t" in sample.text:
        spaced = _fit(sample, SPACES)
        named = spaced.even or misses_first_name(spaced.records, spaced.width)
        usable = spaced.width > 1 and named and not spaced.above and _has_numbers(spaced.records)
        if usable and (best is None or not best.even or _holds_several_numbers(best, spaced)):
            return replace(spaced, mixed=best is not None)
    if best is not None:
        return best
    # A single column: any delimiter that does not occur.
    absent = next((sign for sign in (",", ";", "\t", "|") if sign not in sample.text), "\x1f")
    return _fit(sample, absent)


def _holds_several_numbers(tabs: Layout, spaced: Layout) -> bool:
    """Return whether every value of a column between tabs is several numbers between spaces."""
    if spaced.width <= tabs.width:
        return False
    for values in zip(*tabs.records[1:], strict=True):
        parts = [value.split() for value in values]
        if all(len(part) > 1 and all(is_number(one) or is_missing(one) for one in part) for part in parts):
            return True
    return False


def find_decimal(layout: Layout) -> str:
    """Return the decimal separator of most numbers in the sample, "," or "."; 1,234 alone is ambiguous."""
    commas = dots = clear = 0
    for value in chain.from_iterable(layout.records):
        if _COMMA.fullmatch(value):
            commas += 1
            clear += not _GROUP.fullmatch(value)
        elif _DOT.fullmatch(value):
            dots += 1
    if layout.delimiter == ";":
        return "," if commas > dots else "."
    return "," if clear > dots else "."


def split_lines(
    lines: Iterator[str] | io.TextIOBase, delimiter: str, quote: str | None = '"', keep_empty: bool = False
) -> Iterator[Record]:
    """Yield the values of every line; of empty lines only if asked for, as an empty list.

    Raises:
        csv.Error: if a value is longer than `LONGEST_LINE`.
    """
    spaces = delimiter == SPACES
    reader = csv.reader(
        (line.replace("\t", SPACES) for line in lines) if spaces else lines,
        delimiter=delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
        skipinitialspace=spaces,
    )
    for record in reader:
        if spaces and record:
            # Spaces at both ends of a line separate nothing.
            record = record[record[0] == "" : len(record) - (record[-1] == "")]
        if record or keep_empty:
            yield record


def _sample(text: pa.Buffer) -> _Sample:
    """Return the beginning of the text, with at least two lines unless they are too long."""
    for size in (_SAMPLE, LONGEST_LINE):
        sample = text.slice(0, min(text.size, size)).to_pybytes()
        if len(sample.splitlines()) > 2:
            break
    return _Sample(sample.decode("utf-8", "ignore"), len(sample) == text.size)


def _records(sample: _Sample, delimiter: str, quote: str) -> tuple[list[Record], bool]:
    """Return the values of the lines of a sample, empty ones included, and whether these are all of the text."""
    records: list[Record] = []
    for record in split_lines(io.StringIO(sample.text, newline=""), delimiter, quote, keep_empty=True):
        records.append(record)
        if len(records) == _SAMPLE_LINES:
            return records, False
    # The last line of the sample may be cut off.
    return (records, True) if sample.whole or len(records) < 2 else (records[:-1], False)


def _quote(sample: _Sample, delimiter: str) -> str:
    """Return the sign that quotes values: ' if most lines have values between two, or all are even by it; else "."""
    if "'" not in sample.text:
        return '"'
    edge = r"[ \t]" if delimiter == SPACES else re.escape(delimiter)
    opening, closing = re.compile(rf"(?:^|{edge}) *'"), re.compile(rf"'\s*(?={edge}|$)")
    lines = [line for line in sample.text[:_QUOTE_SAMPLE].splitlines()[:_SAMPLE_LINES] if line.strip()]
    lines = lines[:-1] if len(sample.text) > _QUOTE_SAMPLE else lines
    found = [(len(opening.findall(line)), len(closing.findall(line))) for line in lines]
    quoted = sum(first > 0 for first, _ in found)
    if not quoted or any(first != last for first, last in found):
        return '"'
    if quoted >= max(2, len(found) / 2):
        return "'"
    # A few values that need it may be quoted.
    uneven, even = (len({len(record) for record in _records(sample, delimiter, sign)[0] if record}) for sign in "\"'")
    return "'" if even == 1 < uneven else '"'


def _fit(sample: _Sample, delimiter: str, quote: str | None = None) -> Layout:
    quote = quote or _quote(sample, delimiter)
    lines, all_read = _records(sample, delimiter, quote)
    records = [record for record in lines if record]
    if not records:
        raise _empty()
    first = first_table(lines) if all_read else None
    likely_records = records if first is None else first
    counts = Counter(map(len, likely_records))
    most = max(counts.values())
    likely = {width for width, count in counts.items() if count == most}
    usual = len(likely_records[0]) if len(likely_records[0]) in likely else max(likely)
    before = lines_before(lines, usual, _MOST_LINES_ABOVE) if first is None and usual > 1 else 0
    above = before + _lines_above(records[before:], usual)
    end = above + table_end(lines, above, usual) if all_read else len(records)
    table = records[above:end]
    width = max(usual, len(table[0]))
    # A delimiter at the end of every line but the first does not start another column.
    if len(table[0]) == usual - 1 and not any(record[-1].strip() for record in table[1:] if len(record) == usual):
        width = usual - 1
    even = not above and end == len(records) and all(len(record) == width for record in table)
    return Layout(delimiter, width, above, even, table, quote, top=tuple(records[:above]), below=tuple(records[end:]))


def _lines_above(records: list[Record], width: int) -> int:
    """Return the number of lines before the first that could belong to the table."""
    if width < 2:
        return 0
    for place, record in enumerate(records[: _MOST_LINES_ABOVE + 1]):
        remark = record[0].startswith("#") and len(record) != width
        if len(record) >= max(2, width - 1) and not remark and not _is_title(records[place : place + 6], width):
            return place
    return 0


def _is_title(records: list[Record], width: int) -> bool:
    """Return whether the first record is a title padded with empty values, as spreadsheets write it."""
    filled = [value for value in records[0] if value.strip()]
    if width < 3 or len(filled) > 1 or any(map(is_number, filled)):
        return False
    for record in records[1:]:
        names = [value for value in record if value.strip()]
        if len(record) == width and len(names) > 1 and not any(map(is_figure, names)):
            return True
    return False


def _fits(layout: Layout) -> bool:
    if layout.width < 2 or len(layout.records[0]) < 2:
        return False
    usual = Counter(map(len, layout.records)).most_common(1)[0][1] / len(layout.records)
    if usual < _LEAST_SHARE:
        return False
    # A name above numbers with decimal commas is a single column.
    decimals = layout.delimiter == "," and layout.width == 2 and layout.above
    return not (decimals and all(all(map(str.isdigit, record)) for record in layout.records))


def _rank(layout: Layout) -> tuple[bool, float, int]:
    return not layout.above, round(_share(layout), 1), -DELIMITERS.index(layout.delimiter)


def _share(layout: Layout) -> float:
    return sum(len(record) == layout.width for record in layout.records) / len(layout.records)


def _has_numbers(records: list[Record]) -> bool:
    below = records[1:] or records
    return any(all(map(is_number, values)) for values in zip(*below, strict=True))


def _empty() -> DataError:
    return DataError("The file is empty. Expected: a table with at least one row.")
