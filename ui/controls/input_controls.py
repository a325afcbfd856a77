"""Which inputs the network gets of every point: of a data set of points, or of a file whose rows are points."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.datasets.table_columns import inputs_of, point_columns, table_for
from core.errors import DataError
from core.experiment import DataSpec, menus
from ui.components.explained import help_of
from ui.components.markdown import literal
from ui.controls.input_maps import input_map
from ui.session import current, limits


def input_controls(data: DataSpec, names: str = "") -> DataSpec:
    """Choose the inputs of points; `names` is a sentence about what their coordinates are."""
    assert data.inputs is not None
    chosen = st.pills(
        "Inputs",
        list(menus.INPUTS),
        selection_mode="multi",
        default=list(data.inputs),
        format_func=lambda name: f"![]({input_map(name)}) {menus.INPUTS[name]}",
        key=current.widget_key(f"inputs-{data.name}"),
        disabled=limits.locks("inputs"),
        help=help_of("inputs", names),
    )
    if not chosen:
        st.warning("Choose at least one input. The network keeps its previous inputs.")
        return data
    return replace(data, inputs=tuple(name for name in menus.INPUTS if name in chosen))


def table_input_controls(data: DataSpec) -> DataSpec:
    """Choose the inputs of a table whose rows are points; the columns of any other are its inputs."""
    assert data.table is not None
    try:
        points = point_columns(inputs_of(table_for(data), data.table))
    except DataError:  # the page says it in place of the figures
        return data
    if points is None:
        return with_plain_inputs(data)
    return input_controls(data, f"x₁ is {literal(points[0])}, x₂ is {literal(points[1])}.")


def with_plain_inputs(data: DataSpec) -> DataSpec:
    """Return the data of a file without inputs that cannot be derived from it, and name them on the page."""
    if not data.derives_inputs:
        return data
    names = ", ".join(menus.INPUTS[name] for name in data.inputs or ())
    st.warning(f"Left out: the inputs {names}. They need exactly two input columns, both numbers.")
    return replace(data, inputs=menus.PLAIN_INPUTS)
