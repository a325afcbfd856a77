"""How the lines of a text are parted: their delimiter, the lines above the table, its header and its decimal sign."""

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

# In the order in which one is preferred where several part all lines evenly: commas are decimal signs too.
DELIMITERS = ("\t", ";", "|", ",")
SPACES = " "
LONGEST_LINE = 1 << 24  # bytes

# A number with a decimal comma; thousands are marked by points, apostrophes or spaces.
_COMMA = re.compile(r"\s*[+-]?(\d+|\d{1,3}([.'’ \u00a0\u202f]\d{3})+),\d+([eE][+-]?\d+)?\s*")
_DOT = re.compile(r"\s*[+-]?(\d*|\d{1,3}(,\d{3})+)\.\d+\s*")  # one with a point
_GROUP = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*")  # what could be either

_SAMPLE = 1 << 20  # bytes that say how the file is laid out
_SAMPLE_LINES = 2_000
_MOST_LINES_ABOVE = 20  # a title and remarks, before the table begins
_LEAST_SHARE = 0.5  # of the lines that a delimiter parts into the same number of values

Record = list[str]

# Python's own bound of 131,072 characters a value is less than what the fast way reads.
csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are parted.

    Attributes:
        delimiter: one character; `SPACES` for runs of spaces.
        width: the number of values in most lines, or in the first if that has more.
        above: how many lines stand above the table.
        even: whether every line of the sample has `width` values and none stands above.
        records: the lines of the sample from the first of the table on, parted.
    """

    delimiter: str
    width: int
    above: int
    even: bool
    records: list[Record]


def find_layout(text: pa.Buffer, delimiter: str | None = None) -> Layout:
    """Return how the lines are parted, by a sample from the beginning.

    A delimiter fits where it parts most lines into the same number of values, two or more. Among those the one that
    fits from the first line on comes first, then the one that parts more lines evenly, then the order of
    `DELIMITERS`. Runs of spaces count where nothing else fits, all lines are even and a column holds numbers.

    Raises:
        DataError: where the text is empty.
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
    # One column: any delimiter that does not occur.
    absent = next((sign for sign in (",", ";", "\t", "|") if sign not in sample), "\x1f")
    return _fit(_records(sample, absent, whole), absent)


def has_header(records: list[Record]) -> bool:
    """Return whether the first record holds names.

    Columns of numbers vote: yes where a word stands above them, no where a number does. Numbers that count
    (0, 1, 2 … or 2019, 2020), which no second row goes on with, are names too. Without such columns the first row
    holds names unless its values come again below.
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
    """Return the decimal sign of most numbers in the sample: "," or "."; groups as in 1,234 say little."""
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
    """Return whether the first line has a name for every column but the first, as R writes row names."""
    first, *rest = layout.records
    return (
        len(first) == layout.width - 1
        and len(first) > 1
        and all(len(record) == layout.width for record in rest)
        and any(record[-1].strip() for record in rest)
        and has_header([["", *first], *rest])
    )


def parted(lines: Iterator[str] | io.TextIOBase, delimiter: str, quoted: bool = True) -> Iterator[Record]:
    """Yield the values of every line that has any.

    Raises:
        csv.Error: where a value is longer than `LONGEST_LINE`.
    """
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        skipinitialspace=delimiter == SPACES,
    )
    for record in reader:
        if delimiter == SPACES and record:
            # Spaces at the ends of a line part nothing.
            record = record[record[0] == "" : len(record) - (record[-1] == "")]
        if record:
            yield record


def _sample(text: pa.Buffer) -> tuple[str, bool]:
    """Return the beginning of the text, with two lines at least if they are not too long, and whether it is all."""
    for size in (_SAMPLE, LONGEST_LINE):
        sample = text.slice(0, min(text.size, size)).to_pybytes()
        if len(sample.splitlines()) > 2:
            break
    return sample.decode("utf-8", "ignore"), len(sample) == text.size


def _records(sample: str, delimiter: str, whole: bool) -> list[Record]:
    records: list[Record] = []
    for record in parted(io.StringIO(sample, newline=""), delimiter):
        records.append(record)
        if len(records) == _SAMPLE_LINES:
            return records
    # The sample ends within a line.
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
    # A delimiter at the end of every line but the first is no further column.
    if len(table[0]) == usual - 1 and not any(record[-1].strip() for record in table[1:] if len(record) == usual):
        width = usual - 1
    even = not above and all(len(record) == width for record in table)
    return Layout(delimiter, width, above, even, table)


def _lines_above(records: list[Record], width: int) -> int:
    """Return how many lines come before the first that could be of the table."""
    if width < 2:
        return 0
    for place, record in enumerate(records[: _MOST_LINES_ABOVE + 1]):
        remark = record[0].startswith("#") and len(record) != width
        if len(record) >= max(2, width - 1) and not remark and not _is_title(records[place : place + 6], width):
            return place
    return 0


def _is_title(records: list[Record], width: int) -> bool:
    """Return whether the first record is a title padded with empty values, as spreadsheets save it."""
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
    # A name above numbers with a decimal comma is one column.
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
    """Return whether the numbers of a record count on by one: three or more, or two years."""
    numbers = [int(value) for value in record if re.fullmatch(r"\s*\d{1,9}\s*", value)]
    if len(numbers) < 2 or any(after - before != 1 for before, after in pairwise(numbers)):
        return False
    return len(numbers) > 2 or 1800 <= numbers[0] <= 2100


def _empty() -> DataError:
    return DataError("The file is empty. Expected: a table with at least one row.")
