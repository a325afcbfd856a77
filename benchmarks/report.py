"""Rows of figures, as a table for people or as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def text_table(rows: Sequence[Mapping[str, Any]], headings: Mapping[str, str]) -> str:
    """Return the rows under their headings, the first column to the left and the others to the right.

    Args:
        headings: what stands over each column, by the rows' key.
    """
    cells = [list(headings.values()), *([cell_text(row[key]) for key in headings] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_line(line, widths) for line in cells)


def quantile(values: Iterable[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed.

    >>> quantile([3, 1, 2, 4], 0.5), quantile(range(100), 0.95)
    (2, 94)
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = [
        cell.ljust(width) if not place else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join([first, *others])


def cell_text(value: Any) -> str:
    """Return a figure as it is written in tables: three significant digits, "yes" or "NO", or as it is."""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)
