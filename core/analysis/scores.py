"""Scores of a network on the rows of one part."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.analysis.evaluation import predicted_classes


@dataclass(frozen=True)
class ClassScores:
    """Scores of predicted classes.

    Attributes:
        rows: the number of rows.
        loss: their mean cross-entropy, in nats; NaN without rows.
        accuracy: the share of rows predicted correctly, 0 to 1; NaN without rows.
        low, high: the 95 % confidence interval of the accuracy.
        commonest: the share of the most common class, which is the accuracy of always guessing it.
    """

    rows: int
    loss: float
    accuracy: float
    low: float
    high: float
    commonest: float


@dataclass(frozen=True)
class NumberScores:
    """Scores of predicted numbers, in the target's own units.

    Attributes:
        rows: the number of rows.
        r2: the coefficient of determination, at most 1; NaN where all true values are the same.
        mae: the mean absolute error.
        rmse: the root of the mean squared error.
    """

    rows: int
    r2: float
    mae: float
    rmse: float


def class_scores(probabilities: np.ndarray, labels: np.ndarray, losses: np.ndarray) -> ClassScores:
    """Return the scores of probabilities (rows, classes) for labels (rows,), with the cross-entropy of each (rows,)."""
    rows = len(labels)
    if not rows:
        return ClassScores(0, math.nan, math.nan, 0.0, 1.0, math.nan)
    right = int(np.count_nonzero(predicted_classes(probabilities) == labels))
    low, high = wilson_interval(right, rows)
    commonest = int(np.bincount(labels).max())
    return ClassScores(rows, float(losses.mean()), right / rows, low, high, commonest / rows)


def number_scores(predicted: np.ndarray, true: np.ndarray) -> NumberScores:
    """Return the scores of predicted numbers (rows,) for true ones, at least one row."""
    errors = np.asarray(predicted, np.float64) - np.asarray(true, np.float64)
    squared = float(np.square(errors).sum())
    spread = float(np.square(true - np.mean(true, dtype=np.float64)).sum())
    return NumberScores(
        rows=len(errors),
        r2=1 - squared / spread if spread else math.nan,
        mae=float(np.abs(errors).mean()),
        rmse=math.sqrt(squared / len(errors)),
    )


def wilson_interval(right: int, rows: int) -> tuple[float, float]:
    """Return Wilson's 95 % confidence interval of a proportion, `right` of `rows` (at least 1).

    Unlike the normal approximation it stays within 0 and 1, and has a width where all rows are right.
    See `scipy.stats.binomtest(...).proportion_ci`.
    """
    from scipy.stats import binomtest

    interval = binomtest(right, rows).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
