"""What stands below the live picture of the page "Inside": one view of a run at a time, computed when it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core.datasets import Split
from core.errors import DataError, WorkersError
from core.jobs.job import Job
from core.messages.updates import QUEUED, RUNNING
from ui.components.markdown import literal
from ui.inside.views import film, landscape, layer_health, units
from ui.inside.views.moment import Moment
from ui.server import jobs

_VIEWS: Mapping[str, Callable[[Moment], None]] = {
    "Health": layer_health.show,
    "First layer": units.show_weights,
    "What excites a unit": units.show_exciting,
    "Loss landscape": landscape.show,
    "Film": film.show,
}


@st.fragment
def show(job: Job, split: Split) -> None:
    """Let a person choose a view of a run, and draw it; another choice draws only this."""
    status = job.status
    views = {title: view for title, view in _VIEWS.items() if title != "First layer" or units.has_pictures(split)}
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "A closer look",
            list(views),
            key="inside-view",
            label_visibility="collapsed",
            persist_state="session",
        )
        if chosen is not None and status == RUNNING:
            st.button("Newest weights", key="inside-refresh", icon=":material/refresh:")
    if chosen not in views:
        st.caption("Choose one for a closer look at this run.")
        return
    if status == QUEUED:
        st.info("The run waits for its turn; there is something to look at when it has begun.")
        return
    with st.container(key=f"inside-view-{chosen}"):
        try:
            with st.spinner("Looking inside…"):
                views[chosen](Moment(job, jobs().trained(job), split))
        except (WorkersError, DataError) as error:
            st.warning(literal(str(error)))
