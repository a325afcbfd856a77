"""The lines at the top of a table that hold no values: names of columns, in one line or two, and their units."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.tables.cell_values import is_missing, is_number

Record = list[str]
BYTE_ORDER_MARK = "\ufeff"

_MOSTLY = 0.9  # of the values of a column
_PROBED = 300  # lines, fewer in a wide table
_PROBED_LEAST, _PROBED_VALUES = 20, 50_000
_UNIT_LINES_MOST = 3  # surveys have a line of questions and one of codes
# What begins with a digit, perhaps after a sign or a currency: numbers of any form, dates and times.
_FIGURE = re.compile(r"\s*[^\w\s]{0,2}\s?\d")
_BRACKETED = re.compile(r"[(\[{<].*[)\]}>]")
_UNIT_WORDS = """
% ‰ ° °c °f k m mm cm km um µm μm nm in ft mi m2 m² m3 m³ l ml g kg mg ug µg μg t lb oz s sec ms us µs ns min h hr hrs d
day days year years yr a v mv kv ma w kw kwh mw j kj n pa hpa kpa mpa bar mbar mmhg psi hz khz mhz ghz db rad deg mol
mmol ppm ppb usd eur gbp $ € £ count counts - n/a none unit units
"""
_UNITS = frozenset(_UNIT_WORDS.split())


@dataclass(frozen=True)
class Heading:
    """The names of a table's columns, and the lines that have them.

    Attributes:
        names: one for each column, "" where there is none.
        rows: the lines with names: 0, 1 or 2.
        units: the lines below them that hold no values either, such as units.
    """

    names: list[str]
    rows: int
    units: list[Record]


def find_heading(records: list[Record], width: int, header: bool | None) -> Heading:
    """Return the heading of a table whose first lines are `records`; `header` says whether it has one, None to detect.

    A line below the names holds no values if the columns that have figures further down have words in it, and no
    column has a figure. Where the names above it are incomplete, as over merged cells, it completes them.
    """
    described = _described(records, width)
    found = described > 0 or has_header(records) if header is None else header
    if not found:
        return Heading([""] * width, 0, [])
    first = _padded(records[0], width, misses_first_name(records, width))
    lines = [_padded(record, width) for record in records[1 : 1 + described]]
    if lines and _is_incomplete(first, lines[0]):
        return Heading(joined_names(first, lines[0]), 2, lines[1:])
    return Heading(first, 1, lines)


def has_header(records: list[Record]) -> bool:
    """Return whether the first record is a header.

    Columns of numbers vote: yes if their first value is a word, no if it is a number. Numbers that count (0, 1, 2 … or
    2019, 2020) are names if the second record does not count. Without columns of numbers, the first record is a header
    unless its values are repeated below. A line that repeats the first one does not count as values of numbers.
    """
    first, rest = records[0], records[1:]
    if not rest:
        return not any(map(is_number, first))
    if _counts(first) and not _counts(rest[0]):
        return True
    others = (
        rest if any(map(is_number, first)) else [record for record in rest if not same_values(record, first)] or rest
    )
    yes = no = again = 0
    for place, name in enumerate(first):
        below = _column(others, place)
        if not below or not name.strip():
            continue
        for is_value in (is_number, is_figure):
            if sum(map(is_value, below)) > _MOSTLY * len(below):
                yes, no = yes + (not is_value(name)), no + is_value(name)
                break
        else:
            again += name in below
    if yes != no:
        return yes > no
    return yes > 0 or not again


def same_values(record: Record, other: Record) -> bool:
    """Return whether two lines have the same values, spaces around them aside."""
    return len(record) == len(other) and all(map(operator.eq, map(bare, record), map(bare, other)))


def bare(value: str) -> str:
    """Return a value without spaces around it, and without the byte order mark of a file that was appended."""
    return value.replace(BYTE_ORDER_MARK, "").strip()


def misses_first_name(records: list[Record], width: int) -> bool:
    """Return whether the first line has names for all columns but the first, as R writes tables with row names."""
    first, *rest = records
    return (
        len(first) == width - 1
        and len(first) > 1
        and all(len(record) == width for record in rest)
        and any(record[-1].strip() for record in rest)
        and has_header([["", *first], *rest])
    )


def is_figure(value: str) -> bool:
    """Return whether a value begins with a digit, perhaps after a sign or a currency."""
    return _FIGURE.match(value) is not None


def figure_columns(records: Sequence[Record], width: int) -> list[int]:
    """Return the columns in which nearly all values that are not missing are figures.

    Records with a single value do not count if they may be headings of the rows below.
    """
    return [place for place, values in _filled_columns(records, width) if _are_figures(values)]


def word_columns(records: Sequence[Record], width: int) -> int:
    """Return the number of columns with values that are not missing, in which not nearly all of them are figures."""
    return sum(not _are_figures(values) for _, values in _filled_columns(records, width))


def _filled_columns(records: Sequence[Record], width: int) -> Iterator[tuple[int, list[str]]]:
    """Return the place and the first values of every column that has some that are not missing."""
    records = records[: min(_PROBED, max(_PROBED_LEAST, _PROBED_VALUES // width))]
    rows = [record for record in records if width < 2 or _has_two(record)] or records
    columns = ((place, _column(rows, place)) for place in range(width))
    return ((place, values) for place, values in columns if values)


def _are_figures(values: Sequence[str]) -> bool:
    return sum(map(is_figure, values)) > _MOSTLY * len(values)


def _has_two(record: Record) -> bool:
    filled = (value for value in record if value.strip())
    return next(filled, None) is not None and next(filled, None) is not None


def _column(records: Sequence[Record], place: int) -> list[str]:
    return [record[place] for record in records if place < len(record) and not is_missing(record[place])]


def _described(records: list[Record], width: int) -> int:
    """Return the number of lines below the first that hold no values."""
    # Most tables end here: their second line has figures.
    if len(records) < 3 or not all(map(_may_name, records[0])) or 2 * sum(map(is_number, records[1])) > len(records[1]):
        return 0
    records = records[:_PROBED]
    for count in range(min(_UNIT_LINES_MOST, len(records) - 2), 0, -1):
        below = records[1 + count :]
        figures = figure_columns(below, width)
        # Above a single row, only what certainly are units.
        certain = len(below) > 1 or all(_is_unit(value.strip()) for value in records[1] if value.strip())
        if figures and certain and all(_holds_no_values(record, below, figures) for record in records[1 : 1 + count]):
            return count
    return 0


def _holds_no_values(record: Record, below: list[Record], figures: list[int]) -> bool:
    """Return whether the columns that have figures `below` have none in a record, but words that are not repeated."""
    places = [place for place in figures if place < len(record) and record[place].strip()]
    words = [record[place].strip() for place in places]
    others = [value.strip() for place, value in enumerate(record) if place not in figures and value.strip()]
    if not words or all(map(is_missing, words)):
        return False
    units = sum(map(_is_unit, words))
    for place in places:
        column = _column(below, place)
        is_value = is_number if sum(map(is_number, column)) > _MOSTLY * len(column) else is_figure
        # A number that is a unit: of a share, 1.
        if (is_value(record[place]) and not (units and record[place].strip() == "1")) or record[place] in column:
            return False
    # A single word among figures may be a remark in a row of values: absent.
    if len(words) > 1:
        return True
    return (not others and len(record) > 1 and len(figures) == 1) or all(map(_is_unit, (*words, *others)))


def _may_name(value: str) -> bool:
    """Return whether a value may be the name of a column with figures: no number but a year."""
    return not is_number(value) or (value.strip().isdecimal() and 1800 <= int(value.strip()) <= 2100)


def _is_unit(word: str) -> bool:
    return word.lower() in _UNITS or _BRACKETED.fullmatch(word) is not None


def _padded(record: Record, width: int, shifted: bool = False) -> Record:
    missing = [""] * (width - len(record))
    return [*missing, *record] if shifted else [*record, *missing][:width]


def _is_incomplete(first: Record, second: Record) -> bool:
    """Return whether a line of names leaves out or repeats some that the line below it has."""
    names = [name.strip() for name in first]
    doubtful = [
        place for place, name in enumerate(names) if second[place].strip() and (not name or names.count(name) > 1)
    ]
    return bool(doubtful)


def joined_names(first: Record, second: Record) -> Record:
    """Return names of two lines; a cell that is merged stands above all columns up to the next one."""
    names, group = [], ""
    for above, below in zip(first, second, strict=True):
        own = below.strip()
        if above.strip():
            group = above.strip() if own else ""
        names.append(f"{group} {own}".strip() if own else above.strip())
    return names


def _counts(record: Record) -> bool:
    """Return whether the numbers of a record are consecutive: three or more, or two years."""
    numbers = [int(value) for value in map(str.strip, record) if re.fullmatch(r"\d{1,9}", value)]
    if len(numbers) < 2 or any(after - before != 1 for before, after in pairwise(numbers)):
        return False
    return len(numbers) > 2 or 1800 <= numbers[0] <= 2100
