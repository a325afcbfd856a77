"""From an experiment's data to the figures of the live panel, made once for everybody."""

from __future__ import annotations

import functools
from typing import Any

from core.analysis.axes import Axes
from core.analysis.decision import axis_names, plane_of, points_on_plane
from core.analysis.regression import line_values, shown_rows, value_range
from core.datasets import Split, prepare
from core.experiment import DataSpec, menus
from core.figures import Panel, images_panel, line_panel, numbers_panel, points_panel


@functools.lru_cache(maxsize=64)
def panel_json(data: DataSpec, axes: Axes, epochs: int) -> dict[str, Any]:
    """Return the panel of a data set as plain values.

    Args:
        axes: the plane that is drawn; of no account for images and for data of one feature.
        epochs: how far the curves' epoch axis goes.
    """
    split = prepare(data)
    if split.image_shape is not None:
        panel = _images_panel(split, epochs)
    elif split.task == menus.CLASSES:
        panel = _points_panel(split, axes, epochs)
    elif split.features > 1:
        panel = _numbers_panel(split, axes, epochs)
    else:
        panel = _line_panel(split, epochs)
    return panel.to_json()


def _images_panel(split: Split, epochs: int) -> Panel:
    assert split.image_shape is not None
    return images_panel(
        split.raw_val.reshape(-1, *split.image_shape),
        split.y_val,
        split.class_names,
        epochs,
        split.all_rows_train,
        split.three_parts,
        split.photographs,
    )


def _points_panel(split: Split, axes: Axes, epochs: int) -> Panel:
    return points_panel(
        points_on_plane(split, split.raw_train, axes),
        split.y_train,
        points_on_plane(split, split.raw_val, axes),
        split.y_val,
        split.class_names,
        axis_names(split, axes),
        plane_of(split, axes).bounds,
        epochs,
        split.all_rows_train,
        split.three_parts,
    )


def _numbers_panel(split: Split, axes: Axes, epochs: int) -> Panel:
    return numbers_panel(
        points_on_plane(split, split.raw_train, axes),
        split.y_train,
        points_on_plane(split, split.raw_val, axes),
        split.y_val,
        split.y_val[shown_rows(len(split.y_val))],
        split.target_name,
        axis_names(split, axes),
        plane_of(split, axes).bounds,
        value_range(split),
        epochs,
        split.all_rows_train,
        split.three_parts,
    )


def _line_panel(split: Split, epochs: int) -> Panel:
    return line_panel(
        split.raw_train,
        split.y_train,
        split.raw_val,
        split.y_val,
        split.y_val[shown_rows(len(split.y_val))],
        split.target_name,
        split.feature_names[0],
        line_values(split),
        epochs,
        split.all_rows_train,
        split.three_parts,
    )
