"""The plane of two features with the network's predictions all over it; a click sets both features."""

from __future__ import annotations

import functools

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis.axes import Axes
from core.analysis.decision import Plane, cell_middles, have_one_unit, paint, plane_around
from core.analysis.regression import paint_values, shown_rows, widened
from core.figures import (
    PlaneAxes,
    SplitPoints,
    TargetScale,
    boundary_feed,
    boundary_figure,
    mark_point,
    on_a_page,
    surface_feed,
    surface_figure,
)
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from ui.components.figure_panel import figure_panel
from ui.session import trials, widgets
from ui.try_it.tried_model import TriedModel

_PANEL = "what-if-plane"  # the key of the figure
_HEIGHT = 420  # pixels
_POINTS_MOST = 400  # since the plane is drawn at every change
_FAR = 1e30  # float32 can still hold it


def show_plane(model: TriedModel, network: TrainedNetwork, raw: np.ndarray) -> None:
    """Draw the predictions all over the plane, and the point that is tried."""
    preparation = model.preparation
    low, high = (values.astype(np.float64) for values in (preparation.low, preparation.high))
    plane = plane_around(Axes(), low, high, one_unit=have_one_unit(preparation.feature_names))
    figure = on_a_page(_points(model, plane.bounds), _HEIGHT).update_layout(showlegend=False)
    figure_panel(
        _PANEL,
        "Plane",
        mark_point(figure, (float(raw[0]), float(raw[1]))),
        feeds={"cells": boundary_feed(len(preparation.class_names)) if preparation.class_names else surface_feed()},
        arrays={"cells": _cells(network, preparation, plane)},
        on_clicked=functools.partial(take_click, model),
    )
    st.caption("Click anywhere to predict at that point.")


def take_click(model: TriedModel) -> None:
    """Try the point that was clicked; what comes from a browser may be anything."""
    match widgets.component_value(_PANEL, "clicked"):
        case [int() | float() as x, int() | float() as y] if abs(x) < _FAR and abs(y) < _FAR:
            trials.set_trial(model.name, np.array([x, y], np.float32))


# The predictions change only with the network, while the page is drawn at every move of a slider.
@functools.lru_cache(maxsize=16)
def _cells(network: TrainedNetwork, preparation: Preparation, plane: Plane) -> np.ndarray:
    """Return the prediction in every cell of the plane, as uint8."""
    middles = np.column_stack(cell_middles(plane)).astype(np.float32)
    with np.errstate(all="ignore"):
        outputs = preparation.answer(network, middles)
    if preparation.class_names:
        return paint(outputs)
    return paint_values(outputs[:, 0], *_value_range(preparation))


def _value_range(preparation: Preparation) -> tuple[float, float]:
    return widened(preparation.target_low, preparation.target_high)


def _points(model: TriedModel, bounds: tuple[float, float, float, float]) -> go.Figure:
    """Return the plane's figure with some training rows, where they are on this server."""
    preparation, split = model.preparation, model.split
    nothing = np.empty((0, 2), np.float32), np.empty(0, np.int64)
    train = nothing
    if split is not None:
        rows = shown_rows(len(split.y_train), _POINTS_MOST)
        train = split.raw_train[rows], split.y_train[rows]
    points = SplitPoints(*train, *nothing)
    across, up = preparation.feature_names
    axes = PlaneAxes((across, up), bounds)
    if preparation.class_names:
        return boundary_figure(points, axes, preparation.class_names)
    return surface_figure(points, axes, TargetScale(preparation.target_name, *_value_range(preparation)))
