"""Inside: the hidden layers at work, and what happens when somebody edits them."""

from __future__ import annotations

import streamlit as st

from ui.bar import show_bar
from ui.components.live_panel import complete_charts
from ui.controls import experiment_controls
from ui.inside import page as inside
from ui.learn import panel
from ui.rows import split_or_message
from ui.session import current, lesson
from ui.sidebar import experiment_sidebar


@st.fragment
def workbench() -> None:
    """Draw the page beside its controls, as the lab does."""
    experiment = current.experiment()
    split = split_or_message(experiment.data)
    if split is not None:
        inside.show(show_bar(experiment, split), split)
    panel.show("inside")
    if current.controls_are_stale() or not lesson.is_written():
        st.rerun()


experiment_sidebar(experiment_controls)
workbench()
complete_charts()
