"""Whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.analysis.evaluation import predicted_classes

BINS = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """Rows in bins of the probability of their predicted class.

    Attributes:
        counts: int64 (bins,): the rows of each bin; the bins part 0 to 1 evenly, a bound belonging to the bin below.
        confidence: float64 (bins,): the mean probability of the predicted class; not a number in an empty bin.
        accuracy: float64 (bins,): the share of rows predicted right; not a number in an empty bin.
        error: the expected calibration error, 0 to 1: how far the two lie apart, by rows.
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

    What is not a number counts as a probability of 0. Source: C. Guo et al., "On calibration of modern neural
    networks", ICML 2017.
    """
    confidence = np.nan_to_num(probabilities, nan=0.0).max(axis=1).astype(np.float64)
    right = (predicted_classes(probabilities) == labels).astype(np.float64)
    places = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    counts = np.bincount(places, minlength=bins)
    with np.errstate(invalid="ignore"):
        said = np.bincount(places, confidence, bins) / counts
        true = np.bincount(places, right, bins) / counts
    error = float(np.nansum(counts * np.abs(said - true)) / len(labels))
    return Calibration(counts, said, true, error, float(confidence.mean()), float(right.mean()))
