"""The rows of the table of faults, and the bounds that all faults share."""

from __future__ import annotations

from dataclasses import dataclass

PAGE_MOST_MS = 500.0  # of other people's pages, p95
COMMAND_MOST_S = 5.0  # that a command may be held up by somebody else's worker


@dataclass(frozen=True)
class Row:
    """A figure of one fault and its bound."""

    fault: str
    figure: str
    measured: float
    unit: str
    most: float
    kept: bool


def bounded(fault: str, figure: str, measured: float, unit: str, most: float) -> Row:
    """Return the row of a figure that must be at most `most`.

    >>> bounded("upload race", "uploads that were lost", 0.0, "", 0.0).kept
    True
    """
    return Row(fault, figure, measured, unit, most, measured <= most)
