"""Calibration: whether predicted probabilities match observed frequencies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.analysis.evaluation import predicted_classes

BINS = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """Rows in bins of the probability of their predicted class.

    Attributes:
        counts: int64 (bins,): rows in each bin. Bins divide 0..1 evenly and include their upper edge.
        confidence: float64 (bins,): the mean probability of the predicted class; NaN in an empty bin.
        accuracy: float64 (bins,): the share of rows predicted correctly; NaN in an empty bin.
        error: the expected calibration error, 0 to 1: the mean distance of the two, weighted by rows.
        mean_confidence, mean_accuracy: of all rows.
    """

    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    error: float
    mean_confidence: float
    mean_accuracy: float


def calibration(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Calibration:
    """Return the calibration of probabilities (rows, classes) for labels (rows,), at least one row.

    NaN counts as a probability of 0. Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    confidence = np.nan_to_num(probabilities, nan=0.0).max(axis=1).astype(np.float64)
    right = (predicted_classes(probabilities) == labels).astype(np.float64)
    places = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    counts = np.bincount(places, minlength=bins)
    with np.errstate(invalid="ignore"):
        confident = np.bincount(places, confidence, bins) / counts
        true = np.bincount(places, right, bins) / counts
    error = float(np.nansum(counts * np.abs(confident - true)) / len(labels))
    return Calibration(counts, confident, true, error, float(confidence.mean()), float(right.mean()))
