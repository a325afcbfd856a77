"""The plane through the path of the weights during training, over which the loss is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CELLS = 25  # grid points per side
_MARGIN = 0.25  # of the path's extent, on every side
_FEWEST = 3  # kept weights that define a plane


@dataclass(frozen=True, eq=False)
class PathPlane:
    """A plane of weights: `origin + across * directions[0] + up * directions[1]`.

    Attributes:
        origin: float32 (weights,), the last weights of the path.
        directions: float32 (2, weights), orthonormal.
        path: float64 (epochs, 2), the kept weights projected onto the plane; the last is at 0.
        shares: the share of the path's variance along each direction, 0 to 1.
    """

    origin: np.ndarray
    directions: np.ndarray
    path: np.ndarray
    shares: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss over the plane of a run's path.

    Attributes:
        epochs: the epochs after which weights were kept, rising.
        path: float64 (epochs, 2), as in `PathPlane`.
        path_losses: float32 (epochs,), the loss of the kept weights themselves, which need not lie in the plane.
        shares: as in `PathPlane`.
        across: float64 (25,), coordinates of the grid along the first direction, rising.
        up: float64 (25,), … along the second.
        losses: float32 (25, 25), the loss at every grid point, row by row upwards.
        rows: the number of training rows that the loss is computed on.
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
    """Return the plane of the first two principal components of the path; None if it has too few points or never moves.

    Source: Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", section 7.2; scikit-learn's `PCA`.

    Args:
        weights: float32 (epochs, weights), a row for each kept epoch.
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
    """Return the grid's coordinates along each direction, a little beyond the path: float64 (25,) twice.

    A direction in which the path hardly moves gets a tenth of the other's length.
    """
    low, high = path.min(axis=0), path.max(axis=0)
    half = np.maximum((high - low) / 2, (high - low).max() / 20) * (1 + 2 * _MARGIN)
    middle = (low + high) / 2
    across, up = (np.linspace(middle[at] - half[at], middle[at] + half[at], CELLS) for at in (0, 1))
    return across, up


def grid_places(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return the coordinates of all grid points, float64 (rows * columns, 2), row by row."""
    return np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
