"""The curves of many runs as bands: median, middle half and range, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Bands:
    """The distribution of a figure over several runs after every epoch. All arrays are (epochs,).

    Attributes:
        counts: int64, how many runs have a finite figure; a run that has ended, or was not trained so far, has none.
        median, lower, upper, low, high: float64: the median, the bounds of the middle half, and those of the range.
            NaN where no run has a figure.
    """

    counts: np.ndarray
    median: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def epochs(self) -> int:
        """How many epochs the longest run has."""
        return len(self.counts)


def bands_of(curves: Sequence[np.ndarray]) -> Bands:
    """Return the bands of curves, float (epochs,) each, of any lengths; quartiles are interpolated linearly.

    >>> bands = bands_of([np.array([1.0, 2.0]), np.array([3.0])])
    >>> bands.counts.tolist(), bands.median.tolist(), bands.low.tolist()
    ([2, 1], [2.0, 2.0], [1.0, 2.0])
    """
    epochs = max(map(len, curves), default=0)
    rows = np.full((len(curves), epochs), np.nan)
    for row, curve in zip(rows, curves, strict=True):
        row[: len(curve)] = curve
    rows[~np.isfinite(rows)] = np.nan
    counts = np.isfinite(rows).sum(axis=0)
    found = np.full((5, epochs), np.nan)
    if counts.any():
        found[:, counts > 0] = np.nanquantile(rows[:, counts > 0], (0, 0.25, 0.5, 0.75, 1), axis=0)
    low, lower, median, upper, high = found
    return Bands(counts, median, lower, upper, low, high)
