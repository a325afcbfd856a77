"""The decision boundary: the network asked over a grid of two of its inputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.datasets import Split

RESOLUTION = 70  # cells a side: two bytes each leave a live frame under 12 kB
_GOLDEN = (5**0.5 - 1) / 2  # multiples of the golden ratio fill a line evenly
_MARGIN = 0.08  # of the data's range, on every side


@dataclass(frozen=True)
class Plane:
    """A rectangle over two features, in the data's own units.

    `axes` are the columns across and up; `low` and `high` are the corners (x, y).
    """

    axes: tuple[int, int]
    low: tuple[float, float]
    high: tuple[float, float]


def has_plane(split: Split) -> bool:
    """Return whether there is a plane to draw over: of two features, or of classes over a single one."""
    return split.features > 1 or split.classes > 0


def points_on_plane(raw: np.ndarray, axes: tuple[int, int]) -> np.ndarray:
    """Return where rows of raw values (rows, features) stand on the plane: (rows, 2).

    A single feature goes across; up, its rows are spread evenly from 0 to 1, so that equal ones can be told apart.
    """
    if raw.shape[1] > 1:
        return raw[:, list(axes)]
    spread = np.arange(len(raw)) * _GOLDEN % 1
    return np.column_stack([raw[:, 0], spread])


def plane_of(split: Split, axes: tuple[int, int]) -> Plane:
    """Return the plane that holds every row of the split, with a margin."""
    values = np.concatenate([points_on_plane(raw, axes) for raw in (split.raw_train, split.raw_val, split.raw_test)])
    low, high = values.min(axis=0), values.max(axis=0)
    margin = np.where(high > low, (high - low) * _MARGIN, 1.0)
    low, high = low - margin, high + margin
    return Plane(axes, (float(low[0]), float(low[1])), (float(high[0]), float(high[1])))


def grid_inputs(split: Split, plane: Plane, resolution: int = RESOLUTION) -> np.ndarray:
    """Return the scaled inputs of every cell of the plane, float32 (resolution**2, features).

    Cells go row by row from the top left, each asked at its middle. Features that are not on the plane
    are held at their median over the training rows.
    """
    steps = (np.arange(resolution) + 0.5) / resolution
    across = plane.low[0] + steps * (plane.high[0] - plane.low[0])
    up = plane.high[1] - steps * (plane.high[1] - plane.low[1])
    raw = np.tile(np.median(split.raw_train, axis=0), (resolution * resolution, 1))
    raw[:, plane.axes[0]] = np.tile(across, resolution)
    if split.features > 1:
        raw[:, plane.axes[1]] = np.repeat(up, resolution)
    return split.to_inputs(raw.astype(np.float32))


def paint(probabilities: np.ndarray) -> np.ndarray:
    """Return class and confidence of every cell as bytes, uint8 (2, resolution, resolution).

    Args:
        probabilities: (resolution**2, classes), row by row from the top left.

    The confidence is the winning class's probability, stretched from 1/classes..1 to 0..255; a probability
    that is not a number counts as no confidence in class 0.
    """
    side = round(len(probabilities) ** 0.5)
    probabilities = np.nan_to_num(probabilities, nan=0.0)
    guess = 1 / probabilities.shape[1]
    confidence = np.clip((probabilities.max(axis=1) - guess) / (1 - guess), 0, 1)
    cells = np.stack([probabilities.argmax(axis=1), np.rint(confidence * 255)])
    return cells.astype(np.uint8).reshape(2, side, side)
