"""The lab: pick data, shape a network, watch it learn."""

from __future__ import annotations

import streamlit as st

from ui.controls import experiment_controls
from ui.lab import page as lab
from ui.learn import panel
from ui.rows import split_or_message
from ui.session import current, lesson
from ui.sidebar import experiment_sidebar


@st.fragment
def workbench() -> None:
    """Draw the page beside its controls; a button in it, or a run that ends, redraws it without them."""
    experiment = current.experiment()
    beside_name = lab.show_name()
    split = split_or_message(experiment.data)
    if split is None:
        beside_name.html(lab.TAGLINE)
    else:
        lab.show(experiment, split, beside_name)
    panel.show("lab")
    if current.controls_are_stale() or not lesson.is_written():
        st.rerun()


experiment_sidebar(experiment_controls)
workbench()
