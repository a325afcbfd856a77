"""The units of a run: what they look at, and which rows they answer to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis.overview import unique_names
from core.analysis.regression import shown_rows
from core.analysis.unit_inputs import incoming_pictures, most_activating, strongest_units
from core.datasets import Split
from core.figures import pictures_figure, weights_figure
from ui.components.chart import draw
from ui.inside.views.moment import Moment

_UNITS_MOST = 20
_ROWS_MOST = 2000
_PRODUCTS_MOST = 5e9
_PICTURES = 20
_LINES = 20
_FEATURES = 30
_COLUMNS = 5


def has_pictures(split: Split) -> bool:
    """Return whether incoming weights of the first layer can be seen as pictures: a weight a pixel."""
    return split.image_shape is not None and int(np.prod(split.image_shape)) == split.inputs


def show_weights(moment: Moment) -> None:
    """Draw the incoming weights of the first layer's strongest units as pictures."""
    split, network = moment.split, moment.network
    assert split.image_shape is not None
    hidden = bool(network.experiment.network.layers)
    kernel = network.weights["hidden_1/kernel" if hidden else "output/kernel"]
    units = strongest_units(kernel, _UNITS_MOST)
    pictures = incoming_pictures(kernel, units, split.image_shape)
    names = [_unit_name(moment, 0, int(unit)) for unit in units]
    st.markdown(
        "What the first layer looks at: each picture is the incoming weights of a unit, the strongest units first. "
        + (
            "Grey is 0; a pixel is lighter in a colour where a weight is above 0, and darker where it is below."
            if pictures.ndim == 4
            else "Orange pixels raise what goes into the unit, blue ones lower it, grey ones are nothing to it."
        )
    )
    st.caption(
        f"{len(units)} of {kernel.shape[1]:,} units. Each picture has a scale of its own. Noise without any shape is "
        "what weights start as; pixels that are the same in every row keep it."
    )
    draw(weights_figure(pictures, names, _COLUMNS), "inside-weights")


def show_exciting(moment: Moment) -> None:
    """Choose a layer and a unit, and show the training rows for which that unit gives most."""
    split, network = moment.split, moment.network
    names = moment.layer_names
    with st.container(horizontal=True):
        layer: int = st.selectbox(
            "Layer",
            range(len(names)),
            format_func=lambda place: names[place].capitalize(),
            key=f"inside-layer-{len(names)}",
            persist_state="session",
        )
        kernel = network.weights["output/kernel" if layer == len(names) - 1 else f"hidden_{layer + 1}/kernel"]
        units = kernel.shape[1]
        unit: int = st.selectbox(
            "Unit",
            range(units),
            format_func=lambda place: _unit_name(moment, layer, place),
            key=f"inside-unit-{layer}-{units}",
            persist_state="session",
        )
    parameters = sum(weight.size for weight in network.weights.values())
    rows = shown_rows(len(split.x_train), int(np.clip(_PRODUCTS_MOST / parameters, 100, _ROWS_MOST)))
    outputs = network.layer_outputs(split.x_train[rows])[layer]
    found = most_activating(outputs, unit, _PICTURES if split.image_shape else _LINES)
    highest = outputs[found, unit]
    st.caption(
        f"The training rows for which this unit gives most, of {len(rows):,}"
        + (f" chosen at random from {len(split.x_train):,}." if len(rows) < len(split.x_train) else ".")
    )
    if np.ptp(outputs[:, unit]) == 0:
        st.info(f"This unit gives {highest[0]:.4g} for every row: nothing excites it more than anything else.")
    if split.image_shape is not None:
        images = split.raw_train[rows[found]].reshape(-1, *split.image_shape)
        targets = [_target(split, row) for row in rows[found]]
        captions = [f"{target}\n{value:.3g}" for target, value in zip(targets, highest, strict=True)]
        draw(pictures_figure(images, captions, photographs=split.photographs, columns=_COLUMNS), "inside-exciting")
        st.caption("Below each: what it is, and what the unit gives.")
    else:
        st.dataframe(_frame(split, rows[found], highest), hide_index=True, key="inside-exciting")


def _frame(split: Split, rows: np.ndarray, highest: np.ndarray) -> pd.DataFrame:
    """Return a row a row: its number, what the unit gives, what it is, and its values."""
    names = unique_names(["row", "unit gives", split.target_name, *split.feature_names[:_FEATURES]])
    columns = [rows, highest, [_target(split, row) for row in rows], *split.raw_train[rows][:, :_FEATURES].T]
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def _target(split: Split, row: int) -> str:
    target = split.y_train[row]
    return split.class_names[int(target)] if split.classes else f"{target:.4g}"


def _unit_name(moment: Moment, layer: int, unit: int) -> str:
    """Return what a unit is called; layers count from 0."""
    is_output = layer == len(moment.layer_names) - 1
    if is_output and moment.split.classes > 2:
        return moment.split.class_names[unit]
    if is_output:
        return f"for {moment.split.class_names[1]}" if moment.split.classes else moment.split.target_name
    return f"unit {unit + 1}"
