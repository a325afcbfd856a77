"""The layout of a text file: delimiter, lines above the table, header and decimal separator."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

import pyarrow as pa

from core.errors import DataError
from core.tables.cell_values import is_missing, is_number

# In order of preference if several fit: a comma may also be a decimal separator.
DELIMITERS = ("\t", ";", "|", ",")
SPACES = " "
LONGEST_LINE = 1 << 24  # bytes

# A number with a decimal comma; thousands are separated by points, apostrophes or spaces.
_COMMA = re.compile(r"\s*[+-]?(\d+|\d{1,3}([.'’ \u00a0\u202f]\d{3})+),\d+([eE][+-]?\d+)?\s*")
_DOT = re.compile(r"\s*[+-]?(\d*|\d{1,3}(,\d{3})+)\.\d+\s*")  # with a decimal point
_GROUP = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*")  # could be either

_SAMPLE = 1 << 20  # bytes from which the layout is detected
_SAMPLE_LINES = 2_000
_MOST_LINES_ABOVE = 20  # a title and remarks, before the table begins
_LEAST_SHARE = 0.5  # of the lines that a delimiter splits into the same number of values

Record = list[str]

# Python's default limit of 131,072 characters per value is below that of the fast path.
csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are split into values.

    Attributes:
        delimiter: one character; `SPACES` for runs of spaces.
        width: the number of values in most lines, or in the first line if it has more.
        above: the number of lines above the table.
        even: whether all lines of the sample have `width` values, with no lines above the table.
        records: the values of the lines of the sample, from the first line of the table.
    """

    delimiter: str
    width: int
    above: int
    even: bool
    records: list[Record]


def find_layout(text: pa.Buffer, delimiter: str | None = None) -> Layout:
    """Return the layout of a text, detected from its beginning.

    A delimiter fits if it splits most lines into the same number of values, at least two. Of several, the best one fits
    from the first line, then fits more lines, then comes first in `DELIMITERS`. Runs of spaces are used if nothing
    else fits, all lines have the same number of values and a column has numbers.

    Raises:
        DataError: if the text is empty.
    """
    sample, whole = _sample(text)
    if whole and not sample.strip():
        raise _empty()
    if delimiter is not None:
        return _fit(_records(sample, delimiter, whole), delimiter)
    fits = [
        layout
        for candidate in DELIMITERS
        if candidate in sample and _fits(layout := _fit(_records(sample, candidate, whole), candidate))
    ]
    if fits:
        return max(fits, key=_rank)
    if SPACES in sample:
        spaced = _fit(_records(sample, SPACES, whole), SPACES)
        named = spaced.even or misses_first_name(spaced)
        if spaced.width > 1 and named and not spaced.above and _has_numbers(spaced.records):
            return spaced
    # A single column: any delimiter that does not occur.
    absent = next((sign for sign in (",", ";", "\t", "|") if sign not in sample), "\x1f")
    return _fit(_records(sample, absent, whole), absent)


def has_header(records: list[Record]) -> bool:
    """Return whether the first record is a header.

    Columns of numbers vote: yes if their first value is a word, no if it is a number. Numbers that count (0, 1, 2 … or
    2019, 2020) are names if the second record does not count. Without columns of numbers, the first record is a header
    unless its values are repeated below.
    """
    first, rest = records[0], records[1:]
    if not rest:
        return not any(map(is_number, first))
    if _counts(first) and not _counts(rest[0]):
        return True
    yes = no = again = 0
    for place, name in enumerate(first):
        below = [record[place] for record in rest if place < len(record) and not is_missing(record[place])]
        if not below or not name.strip():
            continue
        numbers = sum(map(is_number, below)) > 0.9 * len(below)
        if numbers:
            yes, no = yes + (not is_number(name)), no + is_number(name)
        else:
            again += name in below
    if yes != no:
        return yes > no
    return yes > 0 or not again


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


def misses_first_name(layout: Layout) -> bool:
    """Return whether the first line has names for all columns but the first, as R writes tables with row names."""
    first, *rest = layout.records
    return (
        len(first) == layout.width - 1
        and len(first) > 1
        and all(len(record) == layout.width for record in rest)
        and any(record[-1].strip() for record in rest)
        and has_header([["", *first], *rest])
    )


def split_lines(lines: Iterator[str] | io.TextIOBase, delimiter: str, quoted: bool = True) -> Iterator[Record]:
    """Yield the values of every line that has any.

    Raises:
        csv.Error: if a value is longer than `LONGEST_LINE`.
    """
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        skipinitialspace=delimiter == SPACES,
    )
    for record in reader:
        if delimiter == SPACES and record:
            # Spaces at both ends of a line separate nothing.
            record = record[record[0] == "" : len(record) - (record[-1] == "")]
        if record:
            yield record


def _sample(text: pa.Buffer) -> tuple[str, bool]:
    """Return the beginning of the text, with at least two lines unless they are too long, and whether it is all."""
    for size in (_SAMPLE, LONGEST_LINE):
        sample = text.slice(0, min(text.size, size)).to_pybytes()
        if len(sample.splitlines()) > 2:
            break
    return sample.decode("utf-8", "ignore"), len(sample) == text.size


def _records(sample: str, delimiter: str, whole: bool) -> list[Record]:
    records: list[Record] = []
    for record in split_lines(io.StringIO(sample, newline=""), delimiter):
        records.append(record)
        if len(records) == _SAMPLE_LINES:
            return records
    # The last line of the sample may be cut off.
    return records if whole or len(records) < 2 else records[:-1]


def _fit(records: list[Record], delimiter: str) -> Layout:
    if not records:
        raise _empty()
    counts = Counter(map(len, records))
    most = max(counts.values())
    likely = {width for width, count in counts.items() if count == most}
    usual = len(records[0]) if len(records[0]) in likely else max(likely)
    above = _lines_above(records, usual)
    table = records[above:]
    width = max(usual, len(table[0]))
    # A delimiter at the end of every line but the first does not start another column.
    if len(table[0]) == usual - 1 and not any(record[-1].strip() for record in table[1:] if len(record) == usual):
        width = usual - 1
    even = not above and all(len(record) == width for record in table)
    return Layout(delimiter, width, above, even, table)


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
    return any(
        len(record) == width and all(value.strip() and not is_number(value) for value in record)
        for record in records[1:]
    )


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


def _counts(record: Record) -> bool:
    """Return whether the numbers of a record are consecutive: three or more, or two years."""
    numbers = [int(value) for value in record if re.fullmatch(r"\s*\d{1,9}\s*", value)]
    if len(numbers) < 2 or any(after - before != 1 for before, after in pairwise(numbers)):
        return False
    return len(numbers) > 2 or 1800 <= numbers[0] <= 2100


def _empty() -> DataError:
    return DataError("The file is empty. Expected: a table with at least one row.")
