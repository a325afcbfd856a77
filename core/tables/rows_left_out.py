"""The lines of a table that are no rows of it: bare delimiters, its header again, and totals and remarks at the end."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.tables.cell_values import is_missing
from core.tables.headers import BYTE_ORDER_MARK, Record, bare, is_figure

_LAST_ROWS = 10  # in which totals and remarks are looked for
_LEAST_LEFT = 3  # rows
_SHOWN = 5  # numbers of rows in a note
_LONGEST_SHOWN = 60  # characters
_LONG_WORDS = 40  # characters: a value alone in its line that is longer is a sentence
_TOTAL_WORDS = (
    "total totals subtotal sub-total sum summe gesamt gesamtsumme insgesamt totaal totale totales suma итого всего "
    "合计 总计 小计 合計 総計 합계"
)
_TOTALS = {*_TOTAL_WORDS.split(), "grand total", "total général", "total general"}
# Also names and words of other meanings, so the figures must agree.
_AGGREGATES: dict[str, Callable[[NDArray[np.float64]], float]] = {
    "average": np.mean, "avg": np.mean, "mean": np.mean, "mittelwert": np.mean, "durchschnitt": np.mean,
    "moyenne": np.mean, "media": np.mean, "media aritmetica": np.mean, "среднее": np.mean, "平均": np.mean,
    "median": np.median, "min": np.min, "minimum": np.min, "max": np.max, "maximum": np.max, "count": len, "n": len,
    "std": lambda values: float(np.std(values, ddof=1)),
}  # fmt: skip
_RULE = r"^\s*([-=+|:_]{3,}\s*)?$"  # nothing, or a line drawn between rows
_REMARK = re.compile(
    r"\s*(\*|†|‡|#|--|—|©|\(c\)|https?:|www\.|sources?\b|notes?\b|footnotes?\b|remarks?\b|generated\b|created\b|"
    r"exported\b|downloaded\b|updated\b|last updated\b|copyright\b|data (from|provided)\b|legend\b|end of\b|quelle\b|"
    r"hinweis|anmerkung|stand\b|fuente\b|nota\b|fonte\b|источник|примечание|来源|注[:：]|出典|\(?\d+ rows?\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Row:
    """One of the last rows: its place, its values, and the places of those that are not empty."""

    place: int
    values: Record
    filled: list[int]


@dataclass(frozen=True, eq=False)
class RowsLeftOut:
    """A table without the lines that are no rows of it.

    Attributes:
        columns: text, each (rows,).
        blank: the places of the lines without values, of all lines.
        again: the places of those that repeat the header.
        sections: the first lines with a heading of the rows below only, as text, and their number.
        repeated: the header, if there are any.
        ending: totals and remarks at the end, as text.
    """

    columns: list[pa.ChunkedArray]
    blank: NDArray[np.intp]
    again: NDArray[np.intp]
    sections: tuple[tuple[str, ...], int] = ((), 0)
    repeated: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()

    def notes(self, blank_is_said: bool) -> Iterator[str]:
        """Yield a sentence for each kind of lines left out; empty rows of a sheet are not worth one."""
        if len(self.blank) and blank_is_said:
            yield f"{_lines(len(self.blank))} without values {_were(len(self.blank))} left out{_places(self.blank)}."
        if len(self.again):
            repeating = f"{_lines(len(self.again))} that {'repeats' if len(self.again) == 1 else 'repeat'}"
            yield f"{repeating} the column names {_were(len(self.again))} left out{_places(self.again)}."
        headings, count = self.sections
        if count:
            shown = ", ".join(map(repr, headings)) + (", …" if count > len(headings) else "")
            yield f"{_lines(count)} with nothing but a heading {_were(count)} left out: {shown}."
        if self.ending:
            count = len(self.ending)
            shown = "; ".join(map(repr, self.ending[:_SHOWN])) + ("; …" if count > _SHOWN else "")
            yield f"{_lines(count)} at the end {_were(count)} left out as totals or remarks: {shown}."


def without_extra_rows(columns: list[pa.ChunkedArray], names: Record, figures: Sequence[int]) -> RowsLeftOut:
    """Return the columns without the lines that are no rows of the table.

    Args:
        columns: text, each (rows,), without the header.
        names: the values of the header; empty strings if there is none.
        figures: the places of the columns of figures.
    """
    none = np.empty(0, np.intp)
    if len(columns) < 2:
        return RowsLeftOut(columns, none, none)
    blank = _rows_with(columns, [partial(pc.match_substring_regex, pattern=_RULE)] * len(columns))
    same = [partial(_equals, value=bare(name)) for name in names]
    again = _rows_with(columns, same) if any(map(str.strip, names)) else none
    if len(blank) + len(again) == len(columns[0]):
        return RowsLeftOut(columns, none, none)
    columns = _without(columns, np.concatenate([blank, again]))
    ending = _ending(columns, figures)
    if ending:
        columns = [column[: ending[-1].place] for column in columns]
    headings = _headings(columns) if 0 in figures else none
    shown = tuple(_cut(str(columns[0][int(row)])) for row in headings[:_SHOWN])
    return RowsLeftOut(
        _without(columns, headings),
        blank,
        again,
        (shown, len(headings)),
        tuple(names) if len(again) else (),
        tuple(_shown(row) for row in reversed(ending)),
    )


def _headings(columns: list[pa.ChunkedArray]) -> NDArray[np.intp]:
    """Return the places of the rows with nothing but a word in the first column, which is one of figures.

    What stands below the last other row is a heading of nothing.
    """
    rows = _rows_with(columns[:0:-1], [partial(_equals, value="")] * (len(columns) - 1))
    words = [not is_missing(value) and not is_figure(value) for value in columns[0].take(pa.array(rows)).to_pylist()]
    headings = np.asarray(rows[np.array(words, bool)])
    others = np.setdiff1d(np.arange(len(columns[0])), headings)
    return headings[headings < others[-1]] if len(others) else headings[:0]


def _rows_with(
    columns: list[pa.ChunkedArray], fits: Sequence[Callable[[pa.ChunkedArray], pa.ChunkedArray]]
) -> NDArray[np.intp]:
    """Return the places of the rows whose values fit, column by column."""
    rows: NDArray[np.intp] | None = None
    for column, fit in zip(columns, fits, strict=True):
        some = column if rows is None else column.take(pa.array(rows))
        fitting = fit(some).to_numpy().astype(bool)
        rows = np.flatnonzero(fitting) if rows is None else rows[fitting]
        if not len(rows):
            break
    assert rows is not None
    return rows


def _equals(values: pa.ChunkedArray, value: str) -> pa.ChunkedArray:
    return pc.equal(pc.utf8_trim_whitespace(pc.replace_substring(values, BYTE_ORDER_MARK, "")), value)


def _without(columns: list[pa.ChunkedArray], rows: NDArray[np.intp]) -> list[pa.ChunkedArray]:
    if not len(rows):
        return columns
    kept = np.ones(len(columns[0]), bool)
    kept[rows] = False
    mask = pa.array(kept)
    return [column.filter(mask) for column in columns]


def _ending(columns: list[pa.ChunkedArray], figures: Sequence[int]) -> list[_Row]:
    """Return the rows at the end that are totals or remarks, the last one first."""
    count = len(columns[0])
    first = max(_LEAST_LEFT, count - _LAST_ROWS)
    if first >= count:
        return []
    last = zip(*(column[first:].to_pylist() for column in columns), strict=True)
    found: list[_Row] = []
    for place, values in reversed(list(enumerate(last, start=first))):
        row = _Row(place, list(values), [at for at, value in enumerate(values) if value.strip()])
        if not (_is_total(row, columns, figures) or _is_remark(row, columns, figures)):
            break
        found.append(row)
    return found


def _is_total(row: _Row, columns: list[pa.ChunkedArray], figures: Sequence[int]) -> bool:
    if not row.filled:
        return False
    place = row.filled[0]
    word = row.values[place].strip().rstrip(":").strip().lower()
    if word not in _TOTALS and word not in _AGGREGATES:
        return False
    filled = [at for at in figures if at in row.filled and is_figure(row.values[at])]
    if place in figures:
        return True
    if word in _TOTALS:
        return bool(filled) and _is_new(row, place, columns)
    return any(_agrees(row, at, columns[at], _AGGREGATES[word]) for at in filled)


def _is_new(row: _Row, place: int, columns: list[pa.ChunkedArray]) -> bool:
    """Return whether a value is in none of the rows above."""
    return not pc.any(pc.equal(columns[place][: row.place], row.values[place])).as_py()


def _agrees(row: _Row, place: int, column: pa.ChunkedArray, aggregate: Callable[[NDArray[np.float64]], float]) -> bool:
    """Return whether a figure is an aggregate of those above it."""
    above = pd.to_numeric(pd.Series(column[: row.place].to_pylist()), errors="coerce").dropna().to_numpy(np.float64)
    try:
        return len(above) > 1 and math.isclose(float(row.values[place]), float(aggregate(above)), rel_tol=0.01)
    except ValueError:
        return False


def _is_remark(row: _Row, columns: list[pa.ChunkedArray], figures: Sequence[int]) -> bool:
    """Return whether a row has words only, few of them, that say something of the table."""
    values = [row.values[place] for place in row.filled]
    if not values or len(values) == len(columns):
        return False
    if _REMARK.match(values[0]) and not any(
        is_figure(row.values[place]) for place in figures if place != row.filled[0]
    ):
        return _is_new(row, row.filled[0], columns)
    if len(values) > 1 or is_figure(values[0]) or is_missing(values[0]):
        return False
    alone = row.filled[0]
    return _is_new(row, alone, columns) and (alone in figures or len(values[0].strip()) > _LONG_WORDS)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _places(rows: NDArray[np.intp]) -> str:
    shown = ", ".join(f"{row + 1:,}" for row in rows[:_SHOWN]) + (", …" if len(rows) > _SHOWN else "")
    return f" (row {shown})" if len(rows) == 1 else f" (rows {shown})"


def _shown(row: _Row) -> str:
    return _cut(", ".join(row.values[place].strip() for place in row.filled))


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
