"""What if: a control for every input of a network, and its prediction for the row that they make."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis.regression import widened
from core.datasets import Split
from core.figures import probabilities_figure
from core.figures.picture_pixels import ink_of, picture_png
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from core.trained.what_if import CategoryField, Field, NumberField, Trial, fields_of, row_with
from ui.components.figure_panel import figure_panel
from ui.components.markdown import literal
from ui.session import trials, widgets
from ui.try_it import own_picture
from ui.try_it.plane import show_plane
from ui.try_it.tried_model import TriedModel

CONTROLS_MOST = 30
_COLUMNS = 3
_STOPS = 200  # of a slider
_ROW = "what-if-row"  # the key of the row number
_PICTURE = 260  # pixels
_BLANK = "There is no picture yet. Draw or upload one, or start from a row, to see what the network predicts."


def show(model: TriedModel, network: TrainedNetwork) -> None:
    """Draw the controls, and the prediction beside them."""
    fields = fields_of(model.preparation)
    trial = trials.trial(model.name, model.preparation.typical)
    on_plane = len(fields) == 2 and all(isinstance(field, NumberField) for field in fields)
    controls, prediction = st.columns([2, 3] if on_plane else [3, 2], gap="medium")
    with controls:
        _show_starts(model)
        if model.preparation.image_shape is not None:
            own_picture.show(model)
        raw = row_with(trial.row, fields, _controls(trial, fields))
    with prediction:
        if is_blank(model.preparation, raw):
            st.info(_BLANK, icon=":material/draw:")
            return
        _show_prediction(model, network, trial, raw)
        if model.preparation.image_shape is not None:
            _show_picture(model.preparation, raw)
        elif on_plane:
            show_plane(model, network, raw)


def is_blank(preparation: Preparation, raw: np.ndarray) -> bool:
    """Return whether a row is no picture where one is expected: every pixel alike, or at its median.

    A network has a prediction for that too, and may be confident of it.
    """
    if preparation.image_shape is None:
        return False
    return bool(raw.min() == raw.max() or np.array_equal(raw, preparation.typical))


# The row to start from


def _show_starts(model: TriedModel) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if model.split is not None:
            count = len(model.split.raw_test)
            st.number_input(f"{_kind_of_row(model.split)}, 1 to {count:,}", 1, count, 1, key=_ROW, width=190)
            st.button("Use this row", on_click=_start_from_row, args=(model,), key="start-from-row")
        st.button("Reset to medians", on_click=_reset, args=(model,), icon=":material/restart_alt:", key="reset-row")


def _kind_of_row(split: Split) -> str:
    """Return what a row of the last part is called: one that the network has trained on is not held out."""
    if split.all_rows_train:
        return "Training row"
    return "Test row" if split.three_parts else "Held-out row"


def _start_from_row(model: TriedModel) -> None:
    assert model.split is not None
    row = int(widgets.value(_ROW)) - 1
    trials.set_trial(model.name, model.split.raw_test[row], row)


def _reset(model: TriedModel) -> None:
    trials.set_trial(model.name, model.preparation.typical)


# The controls


def _controls(trial: Trial, fields: Sequence[Field]) -> dict[int, float]:
    """Draw a control for every field, or for chosen ones where there are many; return their values by field."""
    numbers = list(range(len(fields)))
    if len(fields) > CONTROLS_MOST:
        numbers = st.multiselect(
            f"Inputs to change (of {len(fields):,})",
            numbers,
            format_func=lambda number: fields[number].name,
            key=f"what-if-chosen-{trial.of}",
            max_selections=CONTROLS_MOST,
            placeholder="Search by name",
        )
    values = {}
    across = min(_COLUMNS, max(1, len(numbers)))
    for first in range(0, len(numbers), across):  # row by row, so that Tab moves in reading order
        for number, column in zip(numbers[first : first + across], st.columns(across), strict=False):
            with column:
                values[number] = _control(fields[number], trial.row, f"what-if-{trial.of}-{trial.revision}-{number}")
    return values


def _control(field: Field, row: np.ndarray, key: str) -> float:
    if isinstance(field, CategoryField):
        options = range(len(field.options))
        title = field.options.__getitem__
        return int(st.selectbox(literal(field.name), options, field.read(row), format_func=title, key=key))
    value = field.read(row)
    low, high = widened(min(field.low, value), max(field.high, value))
    step = (high - low) / _STOPS
    return float(st.slider(literal(field.name), low, high, value, step, _format(low, high), key=key))


def _format(low: float, high: float) -> str:
    """Return a number format with enough digits to tell apart the stops between two numbers.

    >>> _format(0, 1), _format(0, 5000), _format(0, 1e12)
    ('%.3f', '%.0f', '%.3e')
    """
    if max(abs(low), abs(high)) >= 1e7 or high - low < 1e-5:
        return "%.3e"
    return f"%.{max(0, 3 - math.ceil(math.log10(high - low)))}f"


# The prediction


def _show_prediction(model: TriedModel, network: TrainedNetwork, trial: Trial, raw: np.ndarray) -> None:
    preparation = model.preparation
    with np.errstate(all="ignore"):  # far from the training rows a network may overflow, which the page shows
        output = preparation.answer(network, raw[None])[0]
    if preparation.class_names:
        figure_panel("what-if-answer", "Probabilities", probabilities_figure(preparation.class_names, output))
    else:
        st.metric(literal(preparation.target_name), f"{output[0]:.5g}" if np.isfinite(output[0]) else "NaN")
        st.caption(f"Range in the training rows: {preparation.target_low:.5g} to {preparation.target_high:.5g}.")
    if model.split is not None and trial.held_out is not None and np.array_equal(raw, trial.row):
        target = model.split.y_test[trial.held_out]
        name = literal(preparation.class_names[int(target)]) if preparation.class_names else f"{target:.5g}"
        what = "true class" if preparation.class_names else "true value"
        st.caption(f"{_kind_of_row(model.split)} {trial.held_out + 1:,}: the {what} is **{name}**.")


def _show_picture(preparation: Preparation, raw: np.ndarray) -> None:
    shape = preparation.image_shape
    assert shape is not None
    ends = float(preparation.low.min()), float(preparation.high.max())
    ink = ink_of(raw.reshape(1, *shape), photographs=preparation.photographs, ends=ends)[0]
    st.image(picture_png(ink), width=_PICTURE)
