"""Inside: the hidden layers at work, and what happens when somebody touches them."""

from __future__ import annotations

import streamlit as st

from ui import session, training
from ui.components.live_panel import save_buttons
from ui.controls import experiment_controls
from ui.inside import page as inside
from ui.rows import split_or_message
from ui.sidebar import experiment_sidebar


@st.fragment
def workbench() -> None:
    """Draw what stands beside the controls, as on the lab's page."""
    experiment = session.experiment()
    split = split_or_message(experiment.data)
    if split is None:
        return
    inside.show(training.bar(experiment, split), split)
    if session.controls_lag():
        st.rerun()


experiment_sidebar(experiment_controls)
workbench()
save_buttons()
