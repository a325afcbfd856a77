"""The figures of the live panel for a data set."""

from __future__ import annotations

import functools
from typing import Any

from core.analysis.axes import Axes
from core.analysis.decision import axis_names, plane_of, points_on_plane
from core.analysis.regression import line_values, shown_rows, value_range
from core.datasets import Split, prepare
from core.experiment import DataSpec, menus
from core.figures import (
    Evaluation,
    LabelledPictures,
    LineAxis,
    NumericTarget,
    Panel,
    PlaneAxes,
    SplitPoints,
    TargetScale,
    line_panel,
    pictures_panel,
    points_panel,
    surface_panel,
)


# Kept because every rerun of every session asks for it, and Plotly takes tens of milliseconds to build it.
@functools.lru_cache(maxsize=64)
def panel_json(data: DataSpec, axes: Axes, epochs: int) -> dict[str, Any]:
    """Return the panel of a data set as plain values that JSON holds.

    Args:
        data: what is trained on.
        axes: the plane that is drawn; images, and numbers over a single feature, have none.
        epochs: where the epoch axis of the curves ends.
    """
    split = prepare(data)
    rows = "validation" if split.three_parts else "held-out"
    evaluation = Evaluation(epochs, rows, split.all_rows_train, split.target_is_scaled)
    if split.image_shape is not None:
        panel = _pictures_panel(split, split.image_shape, evaluation)
    elif split.task == menus.CLASSES:
        points, plane_axes = _on_plane(split, axes)
        panel = points_panel(points, plane_axes, split.class_names, evaluation)
    elif split.features > 1:
        points, plane_axes = _on_plane(split, axes)
        panel = surface_panel(points, plane_axes, _target(split), evaluation)
    else:
        panel = _line_panel(split, evaluation)
    return panel.to_json()


def _pictures_panel(split: Split, image_shape: tuple[int, ...], evaluation: Evaluation) -> Panel:
    pixels = split.raw_val.reshape(-1, *image_shape)
    pictures = LabelledPictures(pixels, split.y_val, split.class_names, split.photographs)
    return pictures_panel(pictures, evaluation)


def _line_panel(split: Split, evaluation: Evaluation) -> Panel:
    points = SplitPoints(split.raw_train, split.y_train, split.raw_val, split.y_val)
    feature = LineAxis(split.feature_names[0], line_values(split))
    return line_panel(points, feature, _target(split), evaluation)


def _on_plane(split: Split, axes: Axes) -> tuple[SplitPoints, PlaneAxes]:
    train, held_out = (points_on_plane(split, raw, axes) for raw in (split.raw_train, split.raw_val))
    points = SplitPoints(train, split.y_train, held_out, split.y_val)
    return points, PlaneAxes(axis_names(split, axes), plane_of(split, axes).bounds)


def _target(split: Split) -> NumericTarget:
    scale = TargetScale(split.target_name, *value_range(split))
    return NumericTarget(scale, split.y_val[shown_rows(len(split.y_val))])
