"""What if: a control for every input of a network, and what it says of the row that they make."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis.axes import Axes
from core.analysis.decision import Plane, cell_middles, paint, plane_around
from core.analysis.regression import paint_values, shown_rows, widened
from core.datasets import Split
from core.figures import (
    PlaneAxes,
    SplitPoints,
    TargetScale,
    boundary_feed,
    boundary_figure,
    mark_point,
    on_a_page,
    probabilities_figure,
    surface_feed,
    surface_figure,
)
from core.figures.picture_pixels import ink_of, picture_png
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from core.trained.what_if import CategoryField, Field, NumberField, Trial, fields_of, row_with
from ui import session
from ui.components.figure_panel import figure_panel
from ui.components.markdown import literal
from ui.session import trials
from ui.try_it import sketch

CONTROLS_MOST = 30
_COLUMNS = 3
_STOPS = 200  # of a slider
_PLANE, _ROW = "what-if-plane", "what-if-row"
_FAR = 1e30  # which float32 can still hold
_POINTS_MOST = 400  # on the plane, which is drawn at every answer
_PICTURE, _PLANE_HEIGHT = 260, 420  # pixels


@dataclass(frozen=True, eq=False)
class Tried:
    """What is tried.

    Attributes:
        name: of the run or bundle, which no other has.
        data: the name of its data set.
        preparation: what it knows of its data.
        split: the rows, where they are here.
    """

    name: str
    data: str
    preparation: Preparation
    split: Split | None


def show(tried: Tried, network: TrainedNetwork) -> None:
    """Draw the controls and the answer beside them."""
    fields = fields_of(tried.preparation)
    trial = trials.trial(tried.name, tried.preparation.typical)
    on_plane = len(fields) == 2 and all(isinstance(field, NumberField) for field in fields)
    controls, answer = st.columns([2, 3] if on_plane else [3, 2], gap="medium")
    with controls:
        _show_starts(tried)
        if tried.preparation.image_shape is not None:
            sketch.show(tried.name, tried.data, tried.preparation)
        raw = row_with(trial.row, fields, _controls(trial, fields))
    with answer:
        _show_answer(tried, network, trial, raw)
        if tried.preparation.image_shape is not None:
            _show_picture(tried.preparation, raw)
        elif on_plane:
            _show_plane(tried, network, raw)


# Where to start from


def _show_starts(tried: Tried) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if tried.split is not None:
            count = len(tried.split.raw_test)
            st.number_input(f"{_row_of(tried.split)}, 1 to {count:,}", 1, count, 1, key=_ROW, width=190)
            st.button("Start from it", on_click=_start_from_row, args=(tried,), key="start-from-row")
        st.button("Reset to medians", on_click=_reset, args=(tried,), icon=":material/restart_alt:", key="reset-row")


def _row_of(split: Split) -> str:
    """Return what one of the rows to start from is called: a row that the network has seen is not held out."""
    if split.all_rows_train:
        return "Training row"
    return "Test row" if split.three_parts else "Held-out row"


def _start_from_row(tried: Tried) -> None:
    assert tried.split is not None
    row = int(session.state(_ROW)) - 1
    trials.set_trial(tried.name, tried.split.raw_test[row], row)


def _reset(tried: Tried) -> None:
    trials.set_trial(tried.name, tried.preparation.typical)


# The controls


def _controls(trial: Trial, fields: Sequence[Field]) -> dict[int, float]:
    """Draw a control for every field, or for those that are searched for where there are many; return their values."""
    numbers = list(range(len(fields)))
    if len(fields) > CONTROLS_MOST:
        numbers = st.multiselect(
            f"Inputs to change, of {len(fields):,}",
            numbers,
            format_func=lambda number: fields[number].name,
            key=f"what-if-chosen-{trial.of}",
            max_selections=CONTROLS_MOST,
            placeholder="Search for a name",
        )
    values = {}
    across = min(_COLUMNS, max(1, len(numbers)))
    for first in range(0, len(numbers), across):  # row by row, so that the keys go the way the eyes do
        for number, column in zip(numbers[first : first + across], st.columns(across), strict=False):
            with column:
                values[number] = _control(fields[number], trial.row, f"what-if-{trial.of}-{trial.revision}-{number}")
    return values


def _control(field: Field, row: np.ndarray, key: str) -> float:
    if isinstance(field, CategoryField):
        options = range(len(field.options))
        written = field.options.__getitem__
        return int(st.selectbox(literal(field.name), options, field.read(row), format_func=written, key=key))
    value = field.read(row)
    low, high = widened(min(field.low, value), max(field.high, value))
    step = (high - low) / _STOPS
    return float(st.slider(literal(field.name), low, high, value, step, _format(low, high), key=key))


def _format(low: float, high: float) -> str:
    """Return how numbers of a range are written, with three digits that tell them apart.

    >>> _format(0, 1), _format(0, 5000), _format(0, 1e12)
    ('%.3f', '%.0f', '%.3e')
    """
    if max(abs(low), abs(high)) >= 1e7 or high - low < 1e-5:
        return "%.3e"
    return f"%.{max(0, 3 - math.ceil(math.log10(high - low)))}f"


# The answer


def _show_answer(tried: Tried, network: TrainedNetwork, trial: Trial, raw: np.ndarray) -> None:
    preparation = tried.preparation
    with np.errstate(all="ignore"):
        said = preparation.answer(network, raw[None])[0]
    if preparation.class_names:
        figure_panel("what-if-answer", "Probabilities", probabilities_figure(preparation.class_names, said))
    else:
        st.metric(literal(preparation.target_name), f"{said[0]:.5g}" if np.isfinite(said[0]) else "not a number")
        st.caption(f"In the training rows it goes from {preparation.target_low:.5g} to {preparation.target_high:.5g}.")
    if tried.split is not None and trial.held_out is not None and np.array_equal(raw, trial.row):
        target = tried.split.y_test[trial.held_out]
        truth = literal(preparation.class_names[int(target)]) if preparation.class_names else f"{target:.5g}"
        st.caption(f"{_row_of(tried.split)} {trial.held_out + 1:,} is truly **{truth}**.")


def _show_picture(preparation: Preparation, raw: np.ndarray) -> None:
    shape = preparation.image_shape
    assert shape is not None
    ends = float(preparation.low.min()), float(preparation.high.max())
    ink = ink_of(raw.reshape(1, *shape), photographs=preparation.photographs, ends=ends)[0]
    st.image(picture_png(ink), width=_PICTURE)


# The plane of two features


def _show_plane(tried: Tried, network: TrainedNetwork, raw: np.ndarray) -> None:
    """Draw what the network says all over the plane; a click sets both features."""
    preparation = tried.preparation
    low, high = (values.astype(np.float64) for values in (preparation.low, preparation.high))
    plane = plane_around(Axes(), low, high)
    figure = on_a_page(_points(tried, plane.bounds), _PLANE_HEIGHT).update_layout(showlegend=False)
    figure_panel(
        _PLANE,
        "Plane",
        mark_point(figure, (float(raw[0]), float(raw[1]))),
        {"cells": boundary_feed(len(preparation.class_names)) if preparation.class_names else surface_feed()},
        {"cells": _cells(network, preparation, plane)},
        on_clicked=functools.partial(_take_click, tried),
    )
    st.caption("Click anywhere to ask there.")


def _take_click(tried: Tried) -> None:
    """Ask at the place that was clicked; what comes from a browser may be anything."""
    match (session.state(_PLANE) or {}).get("clicked"):
        case [int() | float() as x, int() | float() as y] if abs(x) < _FAR and abs(y) < _FAR:
            trials.set_trial(tried.name, np.array([x, y], np.float32))


@functools.lru_cache(maxsize=16)
def _cells(network: TrainedNetwork, preparation: Preparation, plane: Plane) -> np.ndarray:
    """Return what the network says of every cell of the plane, as bytes."""
    middles = np.column_stack(cell_middles(plane)).astype(np.float32)
    with np.errstate(all="ignore"):
        said = preparation.answer(network, middles)
    if preparation.class_names:
        return paint(said)
    return paint_values(said[:, 0], *_value_range(preparation))


def _value_range(preparation: Preparation) -> tuple[float, float]:
    return widened(preparation.target_low, preparation.target_high)


def _points(tried: Tried, bounds: tuple[float, float, float, float]) -> go.Figure:
    preparation, split = tried.preparation, tried.split
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
