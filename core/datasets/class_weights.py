"""Weights that give all classes the same total weight."""

from __future__ import annotations

import numpy as np


def class_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return the weight of a row of each class, float64 (classes,): rows / (classes * rows of the class).

    Source: scikit-learn's `compute_class_weight("balanced")`. A class without rows gets the weight of one with a
    single row.

    Args:
        labels: int (rows,), of the training rows.
    """
    counts = np.bincount(labels, minlength=classes)
    weights: np.ndarray = len(labels) / (classes * np.maximum(counts, 1))
    return weights
