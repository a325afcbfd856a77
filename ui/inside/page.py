"""The page "Inside": the network as a picture, what was edited in it by hand, and the figures of its run."""

from __future__ import annotations

import streamlit as st

from core.datasets import Split
from core.jobs.job import Job
from ui.components.live_panel import live_figures
from ui.components.markdown import literal
from ui.inside import hand_edits, views
from ui.inside.network_json import network_json
from ui.inside.panel import inside_panel
from ui.lab.panel_figures import panel_json
from ui.session import edits, view


def show(job: Job | None, split: Split) -> None:
    """Draw the page below its bar."""
    if job is None:
        st.info("There is no run to inspect yet. Press **Train** here, or set up a network in the lab first.")
        st.page_link("../pages/lab.py", label="Go to the lab", icon=":material/science:")
        return
    experiment = job.experiment
    network = network_json(experiment.data, experiment.network, str(experiment.training.loss))
    in_force = hand_edits.in_force(job.edits)
    with st.container():  # always there, so that what comes below keeps its place
        if problem := edits.pop_problem():
            st.warning(literal(problem))
        if in_force:
            st.info(hand_edits.in_words(in_force, network), icon=":material/touch_app:")
    marks = hand_edits.marks(in_force)
    inside_panel(hand_edits.PANEL, job, network, marks, edits.last_received(), hand_edits.receive)
    live_figures(job, panel_json(experiment.data, view.axes(split), experiment.training.epochs))
    views.show(job, split)
