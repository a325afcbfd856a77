"""Pictures among the rows: a sample, small versions, and the mean of every class."""

from __future__ import annotations

import numpy as np

from core.analysis.overview import Rows


def picture_rows(rows: Rows, label: int | None, most: int) -> np.ndarray:
    """Return the indices of the first `most` rows of a class, or of all classes if None, int64."""
    numbers = np.arange(len(rows)) if label is None else np.flatnonzero(rows.target == label)
    return numbers[:most]


def small_pictures(images: np.ndarray, low: float, high: float, side: int) -> np.ndarray:
    """Return pictures as bytes, reduced to at most side x side pixels by averaging squares of pixels.

    Args:
        images: float (m, height, width), or (…, 3) in colour.
        low, high: the values that become 0 and 255.
    """
    count, height, width, *_ = images.shape
    edge = -(-max(height, width) // side)
    squares = np.pad(images, [(0, 0), (0, -height % edge), (0, -width % edge), *[(0, 0)] * (images.ndim - 3)], "edge")
    rows, columns = squares.shape[1] // edge, squares.shape[2] // edge
    means = squares.reshape(count, rows, edge, columns, edge, *images.shape[3:]).mean(axis=(2, 4))
    small: np.ndarray = np.rint(255 * np.clip((means - low) / ((high - low) or 1.0), 0, 1)).astype(np.uint8)
    return small


def mean_pictures(rows: Rows) -> np.ndarray:
    """Return the mean row of every class, float64 (classes, features); zeros for a class without rows."""
    members = (rows.target == np.arange(len(rows.class_names))[:, None]).astype(np.float64)
    means: np.ndarray = members @ rows.raw.astype(np.float64) / np.maximum(members.sum(axis=1, keepdims=True), 1)
    return means
