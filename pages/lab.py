"""The lab: pick data, shape a network, watch it learn."""

from __future__ import annotations

import streamlit as st

from ui import session, training
from ui.components.live_panel import live_figures
from ui.controls import experiment_controls
from ui.lab import page as lab
from ui.lab.panel_figures import panel_json
from ui.rows import split_or_message
from ui.sidebar import experiment_sidebar


@st.fragment
def workbench() -> None:
    """Draw what stands beside the controls; a button in it, or a run that ends, draws it again without them."""
    experiment = session.experiment()
    split = split_or_message(experiment.data)
    if split is None:
        return
    job = training.bar(experiment, split)
    lab.show_row_notes(split)
    live_figures(job, panel_json(experiment.data, session.axes(split), experiment.training.epochs))
    lab.show_result_line(experiment, split, job)
    if session.controls_lag():
        st.rerun()


experiment_sidebar(experiment_controls)
workbench()
