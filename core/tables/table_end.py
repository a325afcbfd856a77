"""Where a table ends whose text goes on: a second table, or remarks below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.tables.cell_values import is_missing
from core.tables.headers import Record, figure_columns, find_heading, has_header, is_figure, same_values

_LEAST_ROWS = 3  # below its header, for a first table to be told from remarks above
_REMARKS_SHOWN = 3
_LONGEST_SHOWN = 60  # characters


@dataclass(frozen=True)
class _Block:
    """Lines with values between two empty ones; `start` and `end` count the lines of the text that are not empty."""

    start: int
    records: list[Record]

    @property
    def end(self) -> int:
        return self.start + len(self.records)


def first_table(lines: Sequence[Record]) -> list[Record] | None:
    """Return the lines up to the first empty one if they are a table: names above figures; None if they are not.

    Args:
        lines: the values of all lines of a text, empty ones included.
    """
    first = next(_blocks(lines), None)
    if first is None or len(first.records) <= _LEAST_ROWS:
        return None
    names, *rows = first.records
    even = all(len(row) == len(names) for row in rows)
    return (
        first.records
        if even and len(names) > 1 and _names_figures(first.records) and has_header(first.records)
        else None
    )


def lines_before(lines: Sequence[Record], width: int, most: int) -> int:
    """Return the number of lines, at most `most`, up to an empty one that are all shorter than the table below them.

    Args:
        lines: the values of lines of a text from its beginning, empty ones included.
        width: the number of values in a line of the table.
        most: lines above a table.
    """
    before = 0
    for block in _blocks(lines):
        if block.end > most or any(record[width - 1].strip() for record in block.records if len(record) >= width):
            return before
        before = block.end
    return 0


def table_end(lines: Sequence[Record], above: int, width: int) -> int:
    """Return the number of lines of a table, empty ones not counted.

    It goes on behind empty lines and lines of bare delimiters if most lines there have its width, and figures where it
    has some. It ends where another header stands above figures.

    Args:
        lines: the values of all lines of a text, empty ones included.
        above: the lines above the table, empty ones not counted.
        width: the number of values in a line of the table.
    """
    total = sum(map(bool, lines)) - above
    blocks = list(_blocks(lines, above))
    if width < 2 or not blocks:
        return total
    first = blocks[0]
    other = _other_header(first.records, width)
    if other is not None:
        return other
    heading = find_heading(first.records, width, None)
    figures = figure_columns(first.records[heading.rows + len(heading.units) :], width)
    end = first.end
    for block in blocks[1:]:
        if figures and _starts_another(block.records, first.records[0]):
            return end - above
        if _continues(block.records, first.records[0], width, figures):
            end = block.end
    return total if end == blocks[-1].end else end - above


def below_note(below: Sequence[Record]) -> str | None:
    """Return the sentence about the lines below a table that are left out."""
    filled = [record for record in below if any(map(str.strip, record))]
    if not filled:
        return None
    count = "1 line below the table was" if len(filled) == 1 else f"{len(filled):,} lines below the table were"
    table = next((place for place in range(len(filled) - 1) if _names_figures(filled[place : place + 3])), None)
    if table is None:
        return f"{count} left out: {shown_lines(filled)}."
    shown = _shown(filled[table])
    return f"{count} left out, with a second table: {shown}. To use that one, save it as a file of its own."


def shown_lines(records: Sequence[Record]) -> str:
    """Return the first of some lines, each quoted and cut."""
    filled = [record for record in records if any(map(str.strip, record))]
    more = ", …" if len(filled) > _REMARKS_SHOWN else ""
    return ", ".join(_shown(record) for record in filled[:_REMARKS_SHOWN]) + more


def _shown(record: Record) -> str:
    text = " ".join(", ".join(value.strip() for value in record if value.strip()).split())
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…")


def _blocks(lines: Sequence[Record], above: int = 0) -> Iterator[_Block]:
    block: list[Record] = []
    count = 0
    for record in lines:
        count += bool(record)
        if any(map(str.strip, record)):
            if count > above:
                block.append(record)
        elif block:
            yield _Block(count - bool(record) - len(block), block)
            block = []
    if block:
        yield _Block(count - len(block), block)


def _names_figures(records: Sequence[Record]) -> bool:
    """Return whether the first record has only words, two at least, and the others figures below some of them."""
    names = [value for value in records[0] if value.strip()]
    if len(names) < 2 or any(map(is_figure, names)):
        return False
    rows = [record for record in records[1:] if len(record) == len(records[0])]
    return bool(figure_columns(rows, len(records[0])))


def _other_header(records: list[Record], width: int) -> int | None:
    """Return the place where lines of another width begin, with a header of their own; None if there are none."""
    for place in range(2, len(records) - 2):
        length = len(records[place])
        if length == width or length < 2 or {len(record) for record in records[place : place + 3]} != {length}:
            continue
        if len(records[place - 1]) != length and _names_figures(records[place : place + 3]):
            return place
    return None


def _starts_another(block: list[Record], names: Record) -> bool:
    """Return whether a block begins with another header, perhaps below a title."""
    rest = [record for record in block if len([value for value in record if value.strip()]) > 1]
    return len(rest) > 1 and not same_values(rest[0], names) and _names_figures(rest)


def _continues(block: list[Record], names: Record, width: int, figures: list[int]) -> bool:
    """Return whether most lines of a block have the table's width, and figures where it has some."""
    rows = [record for record in block if not same_values(record, names)]
    wide = [row for row in rows if width - 1 <= len(row) <= width + 1 and sum(bool(value.strip()) for value in row) > 1]
    if len(wide) < len(rows) / 2:
        return False
    if not figures or not wide:
        return True
    values = [row[place] for row in wide for place in figures if place < len(row)]
    return 2 * sum(is_figure(value) or is_missing(value) for value in values) >= len(values)
