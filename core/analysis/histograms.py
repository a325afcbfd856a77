"""Histograms: of a feature by class, of the target by part, of features before and after scaling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.overview import Rows
from core.datasets import Split
from core.experiment import menus

_BINS_MOST = 40
_HALVES_END = 2.0**51  # float64 has no halves between whole numbers from here on


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of rows in adjacent bins, one row of counts a group.

    Attributes:
        edges: float64 (bins + 1,), rising.
        counts: int64 (groups, bins).
    """

    edges: np.ndarray
    counts: np.ndarray


def bin_edges(values: np.ndarray) -> np.ndarray:
    """Return the edges of up to 40 bins over values (rows,), float64 (bins + 1,).

    Whole numbers over a range of fewer than 40 have a bin each; a single value has one; otherwise Rice's rule gives the
    number of bins, twice the cube root of the rows, at least 10.
    """
    values = np.asarray(values, np.float64)
    low, high = (values.min(), values.max()) if len(values) else (0.0, 0.0)
    if high - low < _BINS_MOST and np.all(values == np.rint(values)) and abs(high) < _HALVES_END:
        return np.arange(low, high + 2) - 0.5
    if low == high:
        reach = max(0.5, abs(low) / 1000)  # next to a large number, a half is lost in rounding
        return np.array([low - reach, low + reach])
    bins = int(np.clip(np.ceil(2 * np.cbrt(len(values))), 10, _BINS_MOST))
    return np.linspace(low, high, bins + 1)


def histogram(values: np.ndarray, groups: np.ndarray, group_count: int) -> Histogram:
    """Return the histogram of values (rows,) by group; `groups` (rows,) has each value's group."""
    edges = bin_edges(values)
    counts = [np.histogram(values[groups == group], edges)[0] for group in range(group_count)]
    return Histogram(edges, np.array(counts, np.int64).reshape(group_count, len(edges) - 1))


def feature_histogram(rows: Rows, feature: int) -> Histogram:
    """Return the histogram of a feature in its own units, one group a class; a single group for regression."""
    if rows.task == menus.CLASSES:
        return histogram(rows.raw[:, feature], rows.target, len(rows.class_names))
    return histogram(rows.raw[:, feature], np.zeros(len(rows), np.int64), 1)


def target_histogram(rows: Rows) -> Histogram:
    """Return the histogram of a numeric target in its own units, one group a part."""
    return histogram(rows.target, rows.parts, len(rows.part_names))


@dataclass(frozen=True, eq=False)
class ScaledFeature:
    """A feature of the training rows before and after scaling; both histograms count the same rows.

    Attributes:
        name: the feature's name.
        before: in its own units, one group.
        after: as the network gets it, one group.
        before_numbers: mean and standard deviation before.
        after_numbers: mean and standard deviation after.
    """

    name: str
    before: Histogram
    after: Histogram
    before_numbers: tuple[float, float]
    after_numbers: tuple[float, float]


def scaled_features(rows: Rows, split: Split, features: Sequence[int]) -> tuple[ScaledFeature, ...]:
    """Return inputs of the training rows of `rows` before and after the split's scaling.

    Without derived inputs, an input is a feature. The standard deviations divide by the number of rows, as the
    scaler's does.
    """
    training = rows.parts == 0
    unscaled = rows.scaled / split.factor + split.offset if split.derived else rows.raw
    return tuple(
        _scaled_feature(split, feature, unscaled[training, feature], rows.scaled[training, feature])
        for feature in features
    )


def _scaled_feature(split: Split, feature: int, raw: np.ndarray, scaled: np.ndarray) -> ScaledFeature:
    before = histogram(raw, np.zeros(len(raw), np.int64), 1)
    # The same bins, shifted: in float32, values on an edge could fall into either bin.
    edges = (before.edges - float(split.offset[feature])) * float(split.factor[feature])
    return ScaledFeature(
        _input_name(split, feature), before, Histogram(edges, before.counts), _numbers(raw), _numbers(scaled)
    )


def _input_name(split: Split, place: int) -> str:
    name = split.input_names[place]
    return menus.INPUTS[name] if split.derived else name


def _numbers(values: np.ndarray) -> tuple[float, float]:
    values = np.asarray(values, np.float64)
    return float(values.mean()), float(values.std())
