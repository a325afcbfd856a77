"""Precision, recall and F1 of every class."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Report:
    """Precision, recall and F1 by class and on average.

    Attributes:
        precision: float64 (classes,): of the rows predicted as a class, the share that is of it; 0 without any.
        recall: float64 (classes,): of the rows of a class, the share predicted as it.
        f1: float64 (classes,): the harmonic mean of the two.
        support: int64 (classes,): the rows of the class.
        macro: mean precision, recall and F1 over the classes.
        weighted: … weighted by support.

    A class without rows has NaN, and the averages leave it out.
    """

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray
    macro: tuple[float, float, float]
    weighted: tuple[float, float, float]


def report(counts: np.ndarray) -> Report:
    """Return the report of a confusion matrix, int (classes, classes): rows true, columns predicted."""
    counts = np.asarray(counts, np.int64)
    right, support, predicted = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    present = support > 0
    precision, recall, f1 = (
        np.where(present, above / np.maximum(below, 1), np.nan)
        for above, below in ((right, predicted), (right, support), (2 * right, support + predicted))
    )
    weights = np.column_stack([present, support])
    macro, weighted = (
        (_mean(precision, weight), _mean(recall, weight), _mean(f1, weight)) for weight in weights.T.astype(np.float64)
    )
    return Report(precision, recall, f1, support, macro, weighted)


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean over the values with a positive weight; NaN if there are none."""
    counted = weights > 0
    return float(np.average(values[counted], weights=weights[counted])) if counted.any() else math.nan
