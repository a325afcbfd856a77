"""The units of a run: what the first layer looks for, and which rows activate a unit most."""

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
from ui.components.frame import show_frame
from ui.inside.views.inspected_run import InspectedRun

_UNITS_MOST = 20
_ROWS_MOST = 2000
_PRODUCTS_MOST = 5e9  # multiplications of one forward pass over the rows
_PICTURES = 20
_LINES = 20
_FEATURES = 30
_COLUMNS = 5


def has_pictures(split: Split) -> bool:
    """Return whether the first layer's incoming weights can be drawn as pictures, with one weight per pixel."""
    return split.image_shape is not None and int(np.prod(split.image_shape)) == split.inputs


def show_first_layer(run: InspectedRun) -> None:
    """Draw the incoming weights of the first layer's strongest units as pictures."""
    split, network = run.split, run.network
    assert split.image_shape is not None
    hidden = bool(network.experiment.network.layers)
    kernel = network.weights["hidden_1/kernel" if hidden else "output/kernel"]
    units = strongest_units(kernel, _UNITS_MOST)
    pictures = incoming_pictures(kernel, units, split.image_shape)
    names = [_unit_name(run, 0, int(unit)) for unit in units]
    st.markdown(
        "What the first layer looks for: each picture shows the incoming weights of one unit, strongest units first. "
        + (
            "Grey is 0; a pixel is lighter in a colour whose weight is positive, and darker where it is negative."
            if pictures.ndim == 4
            else "Orange pixels raise the unit's input, blue pixels lower it, and grey pixels have no effect."
        )
    )
    st.caption(
        f"{len(units)} of {kernel.shape[1]:,} units. Each picture has its own scale. Weights start as shapeless noise; "
        "pixels that are the same in every row stay that way."
    )
    draw(weights_figure(pictures, names, _COLUMNS), "inside-weights", "Weights of the first layer")


def show_top_rows(run: InspectedRun) -> None:
    """Let the person choose a layer and a unit, and show the training rows that activate it most."""
    split = run.split
    layer, unit = _choose_unit(run)
    rows = _looked_at(run)
    outputs = run.network.layer_outputs(split.x_train[rows])[layer]
    top = most_activating(outputs, unit, _PICTURES if split.image_shape else _LINES)
    highest = outputs[top, unit]
    st.caption(
        f"The training rows that activate this unit most, out of {len(rows):,}"
        + (f" chosen at random from {len(split.x_train):,}." if len(rows) < len(split.x_train) else ".")
    )
    if np.ptp(outputs[:, unit]) == 0:
        st.info(f"This unit outputs {highest[0]:.4g} for every row, so no row stands out.")
    if split.image_shape is not None:
        _show_pictures(split, rows[top], highest)
    else:
        show_frame(_frame(split, rows[top], highest), key="inside-exciting")


def _choose_unit(run: InspectedRun) -> tuple[int, int]:
    """Return the chosen layer, counted from 0, and unit."""
    names = run.layer_names
    with st.container(horizontal=True):
        layer: int = st.selectbox(
            "Layer",
            range(len(names)),
            format_func=lambda place: names[place].capitalize(),
            key=f"inside-layer-{len(names)}",
            persist_state="session",
        )
        kernel = run.network.weights["output/kernel" if layer == len(names) - 1 else f"hidden_{layer + 1}/kernel"]
        units = kernel.shape[1]
        unit: int = st.selectbox(
            "Unit",
            range(units),
            format_func=lambda place: _unit_name(run, layer, place),
            key=f"inside-unit-{layer}-{units}",
            persist_state="session",
        )
    return layer, unit


def _looked_at(run: InspectedRun) -> np.ndarray:
    """Return the training rows that are looked at: fewer where the network is large."""
    parameters = sum(weight.size for weight in run.network.weights.values())
    most = int(np.clip(_PRODUCTS_MOST / parameters, 100, _ROWS_MOST))
    return shown_rows(len(run.split.x_train), most)


def _show_pictures(split: Split, rows: np.ndarray, outputs: np.ndarray) -> None:
    assert split.image_shape is not None
    images = split.raw_train[rows].reshape(-1, *split.image_shape)
    targets = [_target(split, row) for row in rows]
    captions = [f"{target}\n{output:.3g}" for target, output in zip(targets, outputs, strict=True)]
    draw(
        pictures_figure(images, captions, photographs=split.photographs, columns=_COLUMNS),
        "inside-exciting",
        "Pictures that excite the unit",
    )
    st.caption("Below each picture: its target and the unit's output.")


def _frame(split: Split, rows: np.ndarray, outputs: np.ndarray) -> pd.DataFrame:
    """Return a table of rows: number, unit output, target and features."""
    names = unique_names(["row", "unit output", split.target_name, *split.feature_names[:_FEATURES]])
    columns = [rows, outputs, [_target(split, row) for row in rows], *split.raw_train[rows][:, :_FEATURES].T]
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def _target(split: Split, row: int) -> str:
    target = split.y_train[row]
    return split.class_names[int(target)] if split.classes else f"{target:.4g}"


def _unit_name(run: InspectedRun, layer: int, unit: int) -> str:
    """Return the name of a unit; layers count from 0."""
    is_output = layer == len(run.layer_names) - 1
    if is_output and run.split.classes > 2:
        return run.split.class_names[unit]
    if is_output:
        return f"output for {run.split.class_names[1]}" if run.split.classes else run.split.target_name
    return f"unit {unit + 1}"
