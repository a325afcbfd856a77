"""What units look for: their incoming weights as pictures, and the rows that activate them."""

from __future__ import annotations

import numpy as np

from core.datasets.dataset import Floats


def strongest_units(kernel: Floats, most: int) -> np.ndarray:
    """Return at most `most` units, int64, by falling norm of their incoming weights.

    Args:
        kernel: float32 (inputs, units).
    """
    norms = np.linalg.norm(kernel.astype(np.float64), axis=0)
    return np.argsort(-norms, kind="stable")[:most]


def incoming_pictures(kernel: Floats, units: np.ndarray, image_shape: tuple[int, ...]) -> Floats:
    """Return the incoming weights of units as pictures: (m, height, width), or (m, height, width, 3) of colour data.

    Each picture is scaled to -1..1 by its largest absolute weight; a picture of zeros stays 0.
    """
    weights = kernel[:, units].T
    largest = np.abs(weights).max(axis=1, keepdims=True)
    scaled: Floats = np.divide(weights, largest, out=np.zeros_like(weights), where=largest > 0)
    return scaled.reshape(-1, *image_shape)


def most_activating(outputs: Floats, unit: int, most: int) -> np.ndarray:
    """Return at most `most` rows of outputs (rows, units), int64, by falling output of a unit."""
    return np.argsort(-outputs[:, unit], kind="stable")[:most]
