"""The views below the live picture of the page "Inside": one at a time, computed when it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core.datasets import Split
from core.errors import DataError, WorkersError
from core.jobs.job import Job
from core.messages.updates import QUEUED, RUNNING
from ui.components.markdown import literal
from ui.inside.views import animation, landscape, layer_health, one_step, units
from ui.inside.views.inspected_run import InspectedRun
from ui.server import jobs

_FIRST_LAYER = "First layer"
_ONE_STEP = "One step"
_VIEWS: Mapping[str, Callable[[InspectedRun], None]] = {
    "Health": layer_health.show,
    _FIRST_LAYER: units.show_first_layer,
    "What activates a unit": units.show_top_rows,
    "Loss landscape": landscape.show,
    "Animation": animation.show,
}


@st.fragment
def show(job: Job, split: Split) -> None:
    """Let the person choose a view of a run, and draw it; another choice redraws only this."""
    status = job.status
    views = {title: view for title, view in _VIEWS.items() if title != _FIRST_LAYER or units.has_pictures(split)}
    titles = [_ONE_STEP, *views]
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "A closer look",
            titles,
            key="inside-view",
            label_visibility="collapsed",
            persist_state="session",
        )
        if chosen in views and status == RUNNING:
            st.button("Latest weights", key="inside-refresh", icon=":material/refresh:")
    if chosen not in titles:
        st.caption("Choose a view for a closer look at this run.")
        return
    if status == QUEUED:
        st.info("This run is waiting for its turn. There will be something to see once it starts.")
        return
    with st.container(key=f"inside-view-{chosen}"):
        if chosen == _ONE_STEP:  # it shows runs that have diverged too
            one_step.show(job, split)
            return
        try:
            with st.spinner("Looking inside…"):
                views[chosen](InspectedRun(job, jobs().trained(job), split))
        except (WorkersError, DataError) as error:
            st.warning(literal(str(error)))
