"""The figures of a report, filled with a run's history and its network's predictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.analysis.axes import Axes
from core.analysis.decision import Plane, axis_names, grid_inputs, has_plane, paint, plane_of, points_on_plane
from core.analysis.evaluation import confusion_matrix, predicted_classes
from core.analysis.regression import line_inputs, line_values, paint_values, shown_rows, value_range
from core.datasets import Split
from core.experiment import menus
from core.figures import (
    PlaneAxes,
    SplitPoints,
    TargetScale,
    boundary_figure,
    confusion_figure,
    curves_figure,
    fit_figure,
    line_figure,
    surface_figure,
)
from core.figures.curves import COLUMNS
from core.figures.painting import class_picture, png_source, softened, value_picture
from core.trained.network import TrainedNetwork

_INK = "#7b8798"  # text and lines: readable on a white page and on a dark one
_GRID = "rgba(123,135,152,0.25)"
_MATRIX_MOST = 30  # classes; a larger matrix is unreadable


@dataclass(frozen=True)
class Picture:
    """A figure with its title and caption; names are unescaped."""

    title: str
    figure: go.Figure
    caption: str = ""
    height: int = 420


def tested_rows(split: Split) -> str:
    """Return the name of the rows that a report's scores are computed on."""
    if split.all_rows_train:
        return "training rows"
    return "test rows" if split.three_parts else "held-out rows"


def pictures_of(
    network: TrainedNetwork, split: Split, history: Mapping[str, Sequence[float]], axes: Axes
) -> Iterator[Picture]:
    """Yield the training curves, the boundary or surface, and the results on the held-out rows."""
    task = split.task
    held_out_name = None if split.all_rows_train else split.validation_name
    yield Picture("Training curves", _quiet(_curves(history, task, held_out_name)))
    if split.image_shape is None:
        if task == menus.CLASSES and has_plane(split):
            yield Picture("Decision boundary", _quiet(_boundary(network, split, axes)), _explained(split))
        elif task == menus.NUMBERS and split.features > 1:
            yield Picture("Prediction surface", _quiet(_surface(network, split, axes)), _explained(split))
        elif task == menus.NUMBERS:
            yield Picture("Prediction curve", _quiet(_line(network, split)), _explained(split))
    if task == menus.NUMBERS:
        yield Picture("Predicted against true", _quiet(_fit(network, split)), f"Computed on the {tested_rows(split)}.")
    elif split.classes <= _MATRIX_MOST:
        predicted = predicted_classes(network.predict(split.x_test))
        matrix = confusion_figure(split.class_names, confusion_matrix(split.y_test, predicted, split.classes))
        yield Picture(
            "Confusion matrix", _quiet(matrix), f"Computed on the {tested_rows(split)}; rows true, columns predicted."
        )


def _explained(split: Split) -> str:
    """Say what is drawn: which marker is which row, and where the features are that are not on the plane."""
    markers = "" if split.all_rows_train else f"Circles are training rows, diamonds {tested_rows(split)}."
    still = "All other features are held at their median over the training rows." if split.features > 2 else ""
    return f"{markers} {still}".strip()


def _quiet(figure: go.Figure) -> go.Figure:
    """Return the figure in colours that are readable on light and dark pages."""
    figure.update_layout(font={"color": _INK}, margin={"l": 56, "r": 16, "t": 28, "b": 48})
    lines = {"gridcolor": _GRID, "linecolor": _GRID, "zerolinecolor": _GRID}
    return figure.update_xaxes(**lines).update_yaxes(**lines)


def _curves(history: Mapping[str, Sequence[float]], task: str, held_out_name: str | None) -> go.Figure:
    epochs = len(history["loss"])
    figure = curves_figure(epochs, task, held_out_name=held_out_name)
    for trace, column in zip(figure.data, COLUMNS[task], strict=True):
        trace.update(x=list(range(1, epochs + 1)), y=list(history[column]))
    return figure


def _points(split: Split, axes: Axes) -> SplitPoints:
    train, test = (points_on_plane(split, raw, axes) for raw in (split.raw_train, split.raw_test))
    return _drawn_once(SplitPoints(train, split.y_train, test, split.y_test), split)


def _drawn_once(points: SplitPoints, split: Split) -> SplitPoints:
    return points.without_held_out() if split.all_rows_train else points


def _plane_axes(split: Split, plane: Plane) -> PlaneAxes:
    return PlaneAxes(axis_names(split, plane.axes), plane.bounds)


def _boundary(network: TrainedNetwork, split: Split, axes: Axes) -> go.Figure:
    plane = plane_of(split, axes)
    tested = "test" if split.three_parts else "held-out"
    figure = boundary_figure(_points(split, axes), _plane_axes(split, plane), split.class_names, held_out_name=tested)
    cells = paint(network.predict(grid_inputs(split, plane)))
    figure.layout.images[0].source = png_source(softened(class_picture(cells)))
    return figure


def _surface(network: TrainedNetwork, split: Split, axes: Axes) -> go.Figure:
    plane = plane_of(split, axes)
    low, high = value_range(split)
    scale = TargetScale(split.target_name, low, high)
    figure = surface_figure(_points(split, axes), _plane_axes(split, plane), scale)
    values = split.unscale_target(network.predict(grid_inputs(split, plane))[:, 0])
    figure.layout.images[0].source = png_source(softened(value_picture(paint_values(values, low, high))))
    return figure


def _line(network: TrainedNetwork, split: Split) -> go.Figure:
    points = _drawn_once(SplitPoints(split.raw_train, split.y_train, split.raw_test, split.y_test), split)
    figure = line_figure(points, line_values(split), feature_name=split.feature_names[0], target_name=split.target_name)
    figure.data[2].y = split.unscale_target(network.predict(line_inputs(split))[:, 0])
    return figure


def _fit(network: TrainedNetwork, split: Split) -> go.Figure:
    rows = shown_rows(len(split.y_test))
    figure = fit_figure(split.y_test[rows], split.target_name)
    figure.data[0].y = split.unscale_target(network.predict(split.x_test[rows])[:, 0])
    return figure
