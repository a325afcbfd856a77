"""The page "Lab": notes about the rows, the live figures, and the line below them."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.datasets import Split
from core.experiment import Experiment, menus
from ui.bar import show_bar
from ui.components.live_panel import live_figures
from ui.lab.coach import show_coach
from ui.lab.panel_figures import panel_json
from ui.lab.result_line import show_result_line
from ui.learn.offer import show_offer
from ui.session import view

# Sizes and colours are in ui/style.css.
_NAME = '<header class="hl-masthead"><h1>Hidden Layers</h1></header>'
TAGLINE = '<p class="hl-tagline">A neural-network lab: choose data, shape a network, watch it learn, and see why.</p>'


def show_name() -> DeltaGenerator:
    """Say what this is, and offer a lesson, since people see the lab first; return the place between the two."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="masthead"):
        st.html(_NAME, width="content")
        beside_name = st.container(key="beside-name")
        show_offer()
    return beside_name


def show(experiment: Experiment, split: Split, beside_name: DeltaGenerator) -> None:
    """Draw the page beside its controls."""
    job = show_bar(experiment, split, _row_notes(split), replays=True)
    live_figures(job, panel_json(experiment.data, view.axes(split), experiment.training.epochs), fills=True)
    show_result_line(experiment, split, job)
    with beside_name:  # drawn last, so that what it asks a worker holds nothing else up
        show_coach(job, split, TAGLINE)


def _row_notes(split: Split) -> str:
    """Return what a person should know about the rows before reading the figures."""
    notes = []
    if split.dropped_rows:
        what = "rows with a missing value" if split.image_shape is None else "unreadable pictures"
        notes.append(f"{split.dropped_rows} {what} were dropped.")
    if split.three_parts:
        notes.append(
            f"{len(split.y_train)} rows for training, {len(split.y_val)} for validation after every epoch, "
            f"{len(split.y_test)} for one test at the end."
        )
    if split.all_rows_train:
        notes.append("No held-out rows; these are training figures.")
    if split.image_shape is None and split.features > 2:
        drawn = "boundary" if split.task == menus.CLASSES else "surface"
        notes.append(f"The {drawn} is drawn {_over_which_plane(split)}.")
    return " ".join(notes)


def _over_which_plane(split: Split) -> str:
    axes = view.axes(split)
    if axes.components:
        return "over the first two principal components; points are projected onto them"
    values = "their training medians" if axes.row is None else f"their values in training row {axes.row}"
    return f"with all other features held at {values}"
