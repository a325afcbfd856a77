"""A run in small: its curve as a few points, its decision boundary as a picture of a few pixels."""

from __future__ import annotations

import json

import numpy as np

from core.analysis.axes import Axes
from core.analysis.decision import Plane, cell_middles, have_one_unit, paint, plane_around
from core.analysis.regression import paint_values, widened
from core.errors import DataError
from core.experiment import Experiment
from core.figures import class_picture, value_picture
from core.figures.painting import png_source
from core.runs.values import RunSketch
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation

_POINTS_MOST = 40
_SMALL = 24  # cells a side


def small_curve(losses: np.ndarray) -> list[float]:
    """Return at most 40 values of a curve, evenly chosen, with the first and the last; without NaN and infinity.

    >>> small_curve(np.array([3.0, 2.0, np.nan, 1.0]))
    [3.0, 2.0, 1.0]
    """
    finite = np.asarray(losses)[np.isfinite(losses)]
    places = np.linspace(0, len(finite) - 1, min(_POINTS_MOST, len(finite))).round().astype(int)
    chosen: list[float] = finite[places].tolist()
    return chosen


def small_boundary(experiment: Experiment, sketch: RunSketch) -> str | None:
    """Return the predictions over both features as a PNG data URI, or None where there are not two, or no weights."""
    if sketch.weights is None or not sketch.preparation:
        return None
    try:
        preparation = Preparation.from_json(json.loads(sketch.preparation))
        if not has_two_numbers(preparation):
            return None
        network = TrainedNetwork(experiment, sketch.weights.arrays)
        return png_source(boundary_picture(network, preparation, own_plane(preparation), _SMALL))
    except DataError:  # weights of another network: the line is drawn without a picture
        return None


def has_two_numbers(preparation: Preparation) -> bool:
    """Return whether all features are two numbers, so that a plane shows every prediction."""
    encoding = preparation.encoding
    return len(preparation.feature_names) == 2 and (encoding is None or not encoding.categories)


def own_plane(preparation: Preparation) -> Plane:
    """Return the plane around the training rows of a run with two features."""
    return common_plane([preparation])


def common_plane(preparations: list[Preparation]) -> Plane:
    """Return the plane around the training rows of several runs with the same two features."""
    low = np.min([preparation.low for preparation in preparations], axis=0).astype(np.float64)
    high = np.max([preparation.high for preparation in preparations], axis=0).astype(np.float64)
    return plane_around(Axes(), low, high, one_unit=have_one_unit(preparations[0].feature_names))


def boundary_picture(network: TrainedNetwork, preparation: Preparation, plane: Plane, side: int) -> np.ndarray:
    """Return the predictions over a plane of two features, uint8 (side, side, 4), from the top left."""
    middles = np.column_stack(cell_middles(plane, side)).astype(np.float32)
    with np.errstate(all="ignore"):
        outputs = preparation.answer(network, middles)
    if preparation.class_names:
        return class_picture(paint(outputs))
    low, high = widened(preparation.target_low, preparation.target_high)
    return value_picture(paint_values(outputs[:, 0], low, high))
