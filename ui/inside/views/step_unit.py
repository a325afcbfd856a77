"""The network of an explained step as a picture, and the choice of a unit, a weight and a row in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st

from core.analysis.one_step import ExplainedStep, LayerStep
from core.analysis.step_terms import between, drawn_units
from core.datasets import Split
from core.experiment import Experiment
from core.figures import DrawnLevel, step_network_figure
from core.jobs.job import Job
from ui.components.chart import draw
from ui.inside.network_json import input_titles
from ui.session import one_step, widgets
from ui.session.one_step import Look

_UNITS_MOST = 10  # of a level in the picture
_EDGES = ("weight", "weight", "gradient", "change")  # by the stage
_EDGE_WORDS = ("weights", "weights", "gradients", "changes")
_LAYER, _UNIT, _SOURCE, _SHOWN = "step-layer", "step-unit", "step-source", "step-shown-row"
_BACKWARD = 2  # the stage from which a weight is chosen too


@dataclass(frozen=True, eq=False)
class StepView:
    """An explained step and what of it is looked at."""

    job: Job
    split: Split
    step: ExplainedStep
    look: Look

    @cached_property
    def place(self) -> int:
        """The layer that is looked at, from 0."""
        return min(self.look.layer, len(self.step.layers) - 1)

    @cached_property
    def layer(self) -> LayerStep:
        """That layer."""
        return self.step.layers[self.place]

    @cached_property
    def unit(self) -> int:
        """The unit that is looked at; unless one was chosen, the one with the largest delta for the row."""
        if self.look.unit == one_step.CHOSEN_FOR_THEM:
            return _largest(self.layer.deltas[self.row])
        return min(self.look.unit, self.layer.sums.shape[1] - 1)

    @cached_property
    def source(self) -> int | None:
        """The input of the weight that is looked at; None for the bias. Unless chosen, the largest gradient's."""
        if self.look.source == one_step.CHOSEN_FOR_THEM:
            return _largest(self.step.tensors[f"{self.layer.name}/kernel"].gradient[:, self.unit])
        return None if self.look.source < 0 else min(self.look.source, self.layer.inputs.shape[1] - 1)

    @cached_property
    def row(self) -> int:
        """The place of the row that is looked at."""
        return min(self.look.row, self.step.shown - 1)

    def unit_names(self, level: int) -> list[str]:
        """Return the names of all units of a level; level 0 is the inputs."""
        return _names_of_all(self.step.experiment, self.split)[level]

    def source_names(self) -> list[str]:
        """Return the names of the inputs of the layer that is looked at."""
        return self.unit_names(self.place)


def _largest(values: np.ndarray) -> int:
    """Return the place of the largest value by size; NaN and infinity come first."""
    return int(np.argmax(np.nan_to_num(np.abs(values), nan=np.inf)))


def layer_title(view: StepView, place: int) -> str:
    """Return the name of a layer, from 0."""
    return "Output" if place == len(view.step.layers) - 1 else f"Layer {place + 1}"


def _names_of_all(experiment: Experiment, split: Split) -> list[list[str]]:
    """Return the names of all units of every level, inputs first."""
    hidden = [[f"unit {unit + 1}" for unit in range(layer.units)] for layer in experiment.network.layers]
    outputs = list(split.class_names) if split.classes > 2 else ["output"]
    return [input_titles(split, experiment.data), *hidden, outputs]


def show_network_without_numbers(experiment: Experiment, split: Split) -> None:
    """Draw the units of the network, before a step is explained; so the browser has loaded Plotly by then."""
    names = _names_of_all(experiment, split)
    titles = ["Inputs", *(f"Layer {place}" for place in range(1, len(names) - 1)), "Output"]
    levels = []
    for title, of_level in zip(titles, names, strict=True):
        drawn = range(min(_UNITS_MOST, len(of_level)))
        marks, shown = [""] * len(drawn), [of_level[unit] for unit in drawn]
        levels.append(DrawnLevel(title, drawn, shown, np.zeros(len(drawn)), marks, len(of_level) - len(drawn)))
    draw(step_network_figure(levels, (), edge_name="", chosen=None), "step-empty-network", "The network")


def show_network(view: StepView) -> None:
    """Draw the network: units by what they give or by their delta, connections by weight, gradient or change."""
    stage, step = view.look.stage, view.step
    is_backward = stage >= _BACKWARD
    source = view.source if is_backward else None
    units = drawn_units(step, _UNITS_MOST, (view.place, view.unit), source)
    levels = [_drawn_level(view, level, drawn, is_backward) for level, drawn in enumerate(units)]
    edge = _EDGES[stage]
    figure = step_network_figure(
        levels, between(step, edge, units), edge_name=edge, chosen=(view.place + 1, view.unit, source)
    )
    st.plotly_chart(
        figure, key="step-network", config={"displayModeBar": False}, height="content", on_select=_clicked,
        selection_mode="points", alt="The network with the numbers of this step",
    )  # fmt: skip
    by = "their deltas" if is_backward else "their values for this row"
    st.caption(
        f"Connections: {_EDGE_WORDS[stage]}, units: {by}. Orange is positive, blue negative; each layer has its own "
        "scale. A cross marks a dead or saturated unit, or one that is NaN or infinite. Click a unit"
        + (" or a connection." if is_backward else ".")
    )


def _drawn_level(view: StepView, level: int, units: Sequence[int], is_backward: bool) -> DrawnLevel:
    names = view.unit_names(level)
    if level == 0:
        values = view.step.layers[0].inputs[view.row]
        values = np.zeros_like(values) if is_backward else values
        title, marks = "Inputs", [""] * len(names)
    else:
        layer = view.step.layers[level - 1]
        values = (layer.deltas if is_backward else layer.outputs)[view.row]
        # A confident output is saturated, and that is what training wants.
        is_last = level == len(view.step.layers)
        title, marks = layer_title(view, level - 1), [""] * len(names) if is_last else _marks(layer)
    return DrawnLevel(
        title=title,
        units=units,
        names=[names[unit] for unit in units],
        values=values[list(units)],
        marks=[marks[unit] for unit in units],
        hidden=len(names) - len(units),
    )


def _marks(layer: LayerStep) -> list[str]:
    spread = layer.spread
    if spread is None:
        return [""] * layer.sums.shape[1]
    return [
        "dead" if dead else "saturated" if saturated else ""
        for dead, saturated in zip(spread.dead.tolist(), spread.saturated.tolist(), strict=True)
    ]


def _clicked() -> None:
    """Look at the unit or the connection that was clicked in the picture."""
    selection: Any = widgets.value("step-network")
    points = selection["selection"]["points"] if selection else []
    data = points[-1].get("customdata") if points else None
    if not isinstance(data, list) or not all(isinstance(number, int) for number in data):
        return
    if len(data) == 3 and data[0] > 0:
        one_step.change(layer=data[0] - 1, unit=data[1], source=data[2])
    elif len(data) == 2 and data[0] > 0:
        one_step.change(layer=data[0] - 1, unit=data[1], source=one_step.CHOSEN_FOR_THEM)


def choose_unit(view: StepView) -> None:
    """Let the person choose the unit, and from the backward stage on a weight of it."""
    layers = range(len(view.step.layers))
    names, sources = view.unit_names(view.place + 1), view.source_names()
    widgets.set_value(_LAYER, view.place)
    widgets.set_value(_UNIT, view.unit)
    with st.container(horizontal=True):
        st.selectbox(
            "Layer", layers, key=_LAYER, format_func=lambda place: layer_title(view, place), on_change=_chosen,
            args=("layer", _LAYER), width=140,
        )  # fmt: skip
        st.selectbox(
            "Unit", range(len(names)), key=_UNIT, format_func=lambda unit: names[unit], on_change=_chosen,
            args=("unit", _UNIT), width=170,
        )  # fmt: skip
        if view.look.stage >= _BACKWARD:
            widgets.set_value(_SOURCE, one_step.BIAS if view.source is None else view.source)
            st.selectbox(
                "Weight from", range(one_step.BIAS, len(sources)), key=_SOURCE, on_change=_chosen,
                args=("source", _SOURCE),
                format_func=lambda place: "bias" if place < 0 else sources[place], width=170,
            )  # fmt: skip


def choose_row(view: StepView) -> None:
    """Let the person choose one of the shown rows."""
    step = view.step
    if step.shown == 1:
        return
    widgets.set_value(_SHOWN, view.row)
    st.selectbox(
        "Row" if step.shown == len(step.rows) else f"Row (the first {step.shown} of {len(step.rows):,})",
        range(step.shown), key=_SHOWN, on_change=_chosen, args=("row", _SHOWN),
        format_func=lambda place: f"row {step.rows[place]:,}", width=220,
    )  # fmt: skip


def _chosen(what: str, key: str) -> None:
    """Take over a choice; what it contains is chosen anew."""
    parts = {"layer": ("unit", "source"), "unit": ("source",)}.get(what, ())
    one_step.change(**{what: int(widgets.value(key))}, **dict.fromkeys(parts, one_step.CHOSEN_FOR_THEM))
