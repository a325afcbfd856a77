"""The decision boundary: the network's predictions over a grid of two of its inputs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from core.analysis.axes import Axes
from core.analysis.regression import widened
from core.datasets import Split

RESOLUTION = 70  # cells a side: two bytes each leave a live frame under 12 kB
_COMPONENT_ROWS = 10_000
_GOLDEN = (5**0.5 - 1) / 2  # multiples of the golden ratio fill a line evenly
_MARGIN = 0.08  # of the data's range, on every side
_SIMILAR = 2.0  # times as long as the other, up to which two ranges in the same unit are drawn on one scale
_UNIT = re.compile(r"\(([^()]*)\)\s*$")  # "petal width (cm)"


@dataclass(frozen=True)
class Plane:
    """A rectangle over two axes, in the data's own units or along components; `low` and `high` are corners (x, y)."""

    axes: Axes
    low: tuple[float, float]
    high: tuple[float, float]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The plane's range across and up: x_low, x_high, y_low, y_high."""
        return self.low[0], self.high[0], self.low[1], self.high[1]


def has_plane(split: Split) -> bool:
    """Return whether there is a plane to draw: two features, or classes over a single one."""
    return split.features > 1 or split.classes > 0


@dataclass(frozen=True, eq=False)
class Components:
    """The first two principal components of the training rows' inputs.

    Attributes:
        centre: float32 (inputs,), the mean of the training rows.
        directions: float32 (2, inputs), of length 1; the largest part of each is positive.
        shares: the share of the variance along each.
    """

    centre: np.ndarray
    directions: np.ndarray
    shares: tuple[float, float]


# Every frame of a run asks for them; with weak keys they go when the split does.
_COMPONENTS: WeakKeyDictionary[Split, Components] = WeakKeyDictionary()


def components_of(split: Split) -> Components:
    """Return the components, computed from every n-th row where there are 20,000 training rows or more.

    Source: scikit-learn's `PCA`. Identical rows have shares of 0.
    """
    found = _COMPONENTS.get(split)
    if found is None:
        # Two threads may find the same at once, which costs less than waiting for each other.
        found = _COMPONENTS[split] = _principal_components(split)
    return found


def _principal_components(split: Split) -> Components:
    from sklearn.decomposition import PCA

    rows = split.x_train[:: max(1, len(split.x_train) // _COMPONENT_ROWS)].astype(np.float64)
    with np.errstate(invalid="ignore"):
        found = PCA(2, svd_solver="covariance_eigh").fit(rows)
    first, second = np.nan_to_num(found.explained_variance_ratio_)
    return Components(
        found.mean_.astype(np.float32), found.components_.astype(np.float32), (float(first), float(second))
    )


def points_on_plane(split: Split, raw: np.ndarray, axes: Axes) -> np.ndarray:
    """Return the positions of raw rows (rows, features) on the plane: (rows, 2).

    A single feature goes across; its rows are spread evenly from 0 to 1 upwards, so that equal ones stay visible.
    """
    if raw.shape[1] == 1:
        spread = np.arange(len(raw)) * _GOLDEN % 1
        return np.column_stack([raw[:, 0], spread])
    if axes.components:
        found = components_of(split)
        points: np.ndarray = (split.to_inputs(raw) - found.centre) @ found.directions.T
        return points
    return raw[:, [axes.across, axes.up]]


def axis_names(split: Split, axes: Axes) -> tuple[str, str]:
    """Return the names of the plane's two axes."""
    if split.features == 1:
        return split.feature_names[0], "spread out"
    if axes.components:
        first, second = components_of(split).shares
        return f"component 1 ({first:.0%} of the variance)", f"component 2 ({second:.0%})"
    return split.feature_names[axes.across], split.feature_names[axes.up]


def plane_of(split: Split, axes: Axes) -> Plane:
    """Return the plane around all rows of the split, with a margin."""
    parts = (split.raw_train, split.raw_val, split.raw_test)
    values = np.concatenate([points_on_plane(split, raw, axes) for raw in parts])
    names = [split.feature_names[column] for column in (axes.across, axes.up)] if split.features > 1 else []
    one_unit = split.features > 1 and (axes.components or have_one_unit(names))
    return plane_around(axes, values.min(axis=0), values.max(axis=0), one_unit=one_unit)


def have_one_unit(names: Sequence[str]) -> bool:
    """Return whether features are measured in the same unit, as far as their names say.

    >>> have_one_unit(["x1", "x2"]), have_one_unit(["age (years)", "height (cm)"])
    (True, False)
    """
    units = {found[1].strip().casefold() if (found := _UNIT.search(name)) else "" for name in names}
    return len(units) == 1


def plane_around(axes: Axes, low: np.ndarray, high: np.ndarray, *, one_unit: bool) -> Plane:
    """Return the plane from one corner to another, (x, y) each, with a margin.

    Figures draw a plane as a square. Where both axes have one unit and one range is at most twice as long as the other,
    the shorter one grows about its middle to the same length: then a unit is as long up as across, and slopes mean what
    they say. Otherwise each range fills its side of the square.
    """
    margin = (high - low) * _MARGIN
    ends = np.column_stack([low - margin, high + margin]).astype(np.float64)
    across, up = (widened(float(begin), float(end)) for begin, end in ends)
    lengths = across[1] - across[0], up[1] - up[0]
    longest = max(lengths)
    if one_unit and longest <= _SIMILAR * min(lengths):
        across, up = (_lengthened(ends, longest) for ends in (across, up))
    return Plane(axes, (across[0], up[0]), (across[1], up[1]))


def _lengthened(ends: tuple[float, float], length: float) -> tuple[float, float]:
    """Return a range of this length about the same middle; one that has it already stays as it is, bit for bit."""
    low, high = ends
    more = (length - (high - low)) / 2
    return (low - more, high + more) if more > 0 else ends


def grid_inputs(split: Split, plane: Plane, resolution: int = RESOLUTION) -> np.ndarray:
    """Return the network's inputs for every cell of the plane, float32 (resolution**2, inputs).

    Cells go row by row from the top left, each evaluated at its middle. Features that are not on the plane are held at
    their median over the training rows, or at the values of one of these rows.
    """
    return on_plane_inputs(split, plane.axes, *cell_middles(plane, resolution))


def cell_middles(plane: Plane, resolution: int = RESOLUTION) -> tuple[np.ndarray, np.ndarray]:
    """Return both coordinates of every cell's middle, row by row from the top left: float64 (resolution**2,) each."""
    steps = (np.arange(resolution) + 0.5) / resolution
    across = plane.low[0] + steps * (plane.high[0] - plane.low[0])
    up = plane.high[1] - steps * (plane.high[1] - plane.low[1])
    return np.tile(across, resolution), np.repeat(up, resolution)


def on_plane_inputs(split: Split, axes: Axes, across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return the network's inputs for points of a plane, whose two coordinates are (points,): float32 (points, inputs).

    Features that are not on the plane are held as in `grid_inputs`.
    """
    if axes.components and split.features > 1:
        found = components_of(split)
        inputs: np.ndarray = found.centre + np.column_stack([across, up]).astype(np.float32) @ found.directions
        return inputs
    still = np.median(split.raw_train, axis=0) if axes.row is None else split.raw_train[axes.row]
    raw = np.tile(still, (len(across), 1))
    raw[:, axes.across] = across
    if split.features > 1:
        raw[:, axes.up] = up
    return split.to_inputs(raw.astype(split.raw_train.dtype))


def paint(probabilities: np.ndarray) -> np.ndarray:
    """Return class and confidence of every cell as bytes, uint8 (2, resolution, resolution).

    Args:
        probabilities: (resolution**2, classes), row by row from the top left.

    The confidence is the winning class's probability, stretched from 1/classes..1 to 0..255; NaN counts as no
    confidence in class 0.
    """
    side = round(len(probabilities) ** 0.5)
    probabilities = np.nan_to_num(probabilities, nan=0.0)
    guess = 1 / probabilities.shape[1]
    confidence = np.clip((probabilities.max(axis=1) - guess) / (1 - guess), 0, 1)
    cells = np.stack([probabilities.argmax(axis=1), np.rint(confidence * 255)])
    return cells.astype(np.uint8).reshape(2, side, side)
