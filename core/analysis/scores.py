"""How good a network is on the rows of one part, in a few numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.analysis.evaluation import predicted_classes

LEAST_PROBABILITY = 1e-7  # as in Keras's losses: the logarithm of less is that of this
_NORMAL_975 = 1.959963984540054  # of the standard normal distribution, 95 % lie within this many deviations


@dataclass(frozen=True)
class ClassScores:
    """How well classes are predicted.

    Attributes:
        rows: how many rows were looked at.
        loss: their cross-entropy, in nats; not a number without rows.
        accuracy: the share of them that is predicted right, 0 to 1; not a number without rows.
        low, high: the 95 % interval of the accuracy.
        commonest: the share of the class that most rows have: what guessing it would reach.
    """

    rows: int
    loss: float
    accuracy: float
    low: float
    high: float
    commonest: float


@dataclass(frozen=True)
class NumberScores:
    """How well numbers are predicted, in the target's own units.

    Attributes:
        rows: how many rows were looked at.
        r2: the coefficient of determination, at most 1; not a number where all true numbers are the same.
        mae: the mean absolute error.
        rmse: the root of the mean squared error.
    """

    rows: int
    r2: float
    mae: float
    rmse: float


def class_scores(probabilities: np.ndarray, labels: np.ndarray) -> ClassScores:
    """Return the scores of probabilities (rows, classes) for labels (rows,)."""
    rows = len(labels)
    if not rows:
        return ClassScores(0, math.nan, math.nan, 0.0, 1.0, math.nan)
    right = int(np.count_nonzero(predicted_classes(probabilities) == labels))
    low, high = wilson_interval(right, rows)
    commonest = int(np.bincount(labels).max())
    return ClassScores(rows, float(row_losses(probabilities, labels).mean()), right / rows, low, high, commonest / rows)


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


def row_losses(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the cross-entropy of every row, float64 (rows,), at most 16.2 nats; not a number where they are not."""
    of_the_true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    losses: np.ndarray = -np.log(np.clip(of_the_true, LEAST_PROBABILITY, 1))
    return losses


def wilson_interval(right: int, rows: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share, `right` of `rows` (at least 1).

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    Unlike the normal approximation it stays within 0 and 1, and is a true interval where all rows are right.
    """
    share, square = right / rows, _NORMAL_975**2
    middle = (share + square / (2 * rows)) / (1 + square / rows)
    reach = _NORMAL_975 / (1 + square / rows) * math.sqrt(share * (1 - share) / rows + square / (4 * rows**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)
