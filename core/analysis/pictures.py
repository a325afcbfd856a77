"""Pictures among the rows: a choice of them, and what the mean of a class looks like."""

from __future__ import annotations

import numpy as np

from core.analysis.overview import Rows


def picture_rows(rows: Rows, label: int | None, most: int) -> np.ndarray:
    """Return the numbers of the first `most` rows of a class, or of any where it is None, int64."""
    numbers = np.arange(len(rows)) if label is None else np.flatnonzero(rows.target == label)
    return numbers[:most]


def mean_pictures(rows: Rows) -> np.ndarray:
    """Return the mean row of every class, float64 (classes, features); of a class without rows, zeros."""
    members = (rows.target == np.arange(len(rows.class_names))[:, None]).astype(np.float64)
    means: np.ndarray = members @ rows.raw.astype(np.float64) / np.maximum(members.sum(axis=1, keepdims=True), 1)
    return means
