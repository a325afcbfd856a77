"""The plane through the path of a training, over which its loss is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CELLS = 25  # places a side
_BEYOND = 0.25  # of the path's extent, on every side
_FEWEST = 3  # kept weights that say a plane


@dataclass(frozen=True, eq=False)
class PathPlane:
    """A plane of weights: `origin + across * directions[0] + up * directions[1]`.

    Attributes:
        origin: float32 (weights,), the last weights of the path.
        directions: float32 (2, weights), of length 1, at right angles.
        path: float64 (epochs, 2), where the kept weights lie, each seen along the normals of the plane; the last at 0.
        shares: of the path's variance along each direction, from 0 to 1.
    """

    origin: np.ndarray
    directions: np.ndarray
    path: np.ndarray
    shares: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss over the plane of a training's path.

    Attributes:
        epochs: after which epochs the weights were kept, rising.
        path: float64 (epochs, 2), as in `PathPlane`.
        path_losses: float32 (epochs,), the loss of the kept weights themselves, which need not lie in the plane.
        shares: as in `PathPlane`.
        across: float64 (25,), where the places lie along the first direction, rising.
        up: float64 (25,), … along the second.
        losses: float32 (25, 25), the loss at every place, row by row upwards.
        rows: how many training rows the loss is of.
    """

    epochs: tuple[int, ...]
    path: np.ndarray
    path_losses: np.ndarray
    shares: tuple[float, float]
    across: np.ndarray
    up: np.ndarray
    losses: np.ndarray
    rows: int


def path_plane(weights: np.ndarray) -> PathPlane | None:
    """Return the plane of the two directions in which the weights have moved most, or None where they say none.

    Source: Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", section 7.2; scikit-learn's `PCA`.

    Args:
        weights: float32 (epochs, weights), a row for the weights kept behind an epoch.
    """
    from sklearn.decomposition import PCA

    if len(weights) < _FEWEST or np.all(weights == weights[-1]):
        return None
    moved = weights.astype(np.float64) - weights[-1]
    found = PCA(2, svd_solver="full").fit(moved)
    first, second = found.explained_variance_ratio_
    directions = found.components_
    return PathPlane(weights[-1], directions.astype(np.float32), moved @ directions.T, (float(first), float(second)))


def grid_axes(path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where 25 places lie along each direction, a little beyond the path: float64 (25,) twice.

    A direction in which the path hardly moves is as long as a tenth of the other.
    """
    low, high = path.min(axis=0), path.max(axis=0)
    half = np.maximum((high - low) / 2, (high - low).max() / 20) * (1 + 2 * _BEYOND)
    middle = (low + high) / 2
    across, up = (np.linspace(middle[at] - half[at], middle[at] + half[at], CELLS) for at in (0, 1))
    return across, up


def grid_places(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return the places of a grid as coordinates, float64 (rows * columns, 2), row by row."""
    return np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
