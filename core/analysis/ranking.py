"""ROC and precision-recall curves: how well probabilities separate one class from the rest, at every threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

POINTS_MOST = 400  # of one curve


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve in the unit square and the area below it.

    Attributes:
        x: float64 (points,): the false positive rate, rising; or the recall, falling.
        y: float64 (points,): the true positive rate, or the precision.
        area: AUC or average precision of the whole curve, before thinning.
    """

    x: np.ndarray
    y: np.ndarray
    area: float


def roc_curves(probabilities: np.ndarray, labels: np.ndarray, most: int = POINTS_MOST) -> tuple[Curve | None, ...]:
    """Return the ROC curve of every class against the rest, with at most `most` points; None where there is none.

    Args:
        probabilities: (rows, classes). NaN counts as 0.
        labels: (rows,), from 0 to classes - 1.

    A class of no row or of every row has no curve. See sklearn.metrics.roc_curve and auc.
    """
    return _curves(probabilities, labels, _roc, most)


def precision_recall_curves(
    probabilities: np.ndarray, labels: np.ndarray, most: int = POINTS_MOST
) -> tuple[Curve | None, ...]:
    """Return the precision-recall curve of every class against the rest, as `roc_curves` does.

    The area is the average precision, a sum of steps. See sklearn.metrics.precision_recall_curve and
    average_precision_score.
    """
    return _curves(probabilities, labels, _precision_recall, most)


def thinned(x: np.ndarray, y: np.ndarray, most: int) -> np.ndarray:
    """Return the indices of at most `most` points (at least 2) of a curve, int64, including its ends.

    They are evenly spaced along the curve, measured as |dx| + |dy|. The area of a curve that rises through the unit
    square changes by at most 1 / (most - 1), since each piece lies in a box whose sides add up to 2 / (most - 1).
    """
    if len(x) <= most:
        return np.arange(len(x))
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    kept = np.searchsorted(along, np.linspace(0, along[-1], most))
    kept[-1] = len(x) - 1
    return np.unique(kept)


_Points = tuple[np.ndarray, np.ndarray, float]


def _curves(
    probabilities: np.ndarray, labels: np.ndarray, curve: Callable[[np.ndarray, np.ndarray], _Points], most: int
) -> tuple[Curve | None, ...]:
    probabilities = np.nan_to_num(probabilities, nan=0.0)
    curves: list[Curve | None] = []
    for index in range(probabilities.shape[1]):
        members = labels == index
        if members.all() or not members.any():
            curves.append(None)
            continue
        x, y, area = curve(members, probabilities[:, index])
        kept = thinned(x, y, most)
        curves.append(Curve(x[kept], y[kept], area))
    return tuple(curves)


def _roc(members: np.ndarray, scores: np.ndarray) -> _Points:
    from sklearn.metrics import auc, roc_curve

    false_positives, true_positives, _ = roc_curve(members, scores)
    return false_positives, true_positives, float(auc(false_positives, true_positives))


def _precision_recall(members: np.ndarray, scores: np.ndarray) -> _Points:
    from sklearn.metrics import average_precision_score, precision_recall_curve

    precision, recall, _ = precision_recall_curve(members, scores)
    return recall, precision, float(average_precision_score(members, scores))
