"""Units, by what comes into them and by what comes out of them."""

from __future__ import annotations

import numpy as np

from core.datasets.dataset import Floats


def strongest_units(kernel: Floats, most: int) -> np.ndarray:
    """Return at most so many units, int64, those with the largest norm of incoming weights first.

    Args:
        kernel: float32 (inputs, units).
    """
    norms = np.linalg.norm(kernel.astype(np.float64), axis=0)
    return np.argsort(-norms, kind="stable")[:most]


def incoming_pictures(kernel: Floats, units: np.ndarray, image_shape: tuple[int, ...]) -> Floats:
    """Return the incoming weights of units as pictures: (m, height, width), or (m, height, width, 3) of colour data.

    Each picture is divided by its largest absolute weight, so it goes from -1 to 1; one of zeros stays 0.
    """
    weights = kernel[:, units].T
    largest = np.abs(weights).max(axis=1, keepdims=True)
    scaled: Floats = np.divide(weights, largest, out=np.zeros_like(weights), where=largest > 0)
    return scaled.reshape(-1, *image_shape)


def most_exciting(outputs: Floats, unit: int, most: int) -> np.ndarray:
    """Return at most so many rows of outputs (rows, units), int64, those for which a unit gives most first."""
    return np.argsort(-outputs[:, unit], kind="stable")[:most]
