"""The page "Try it": one model, tried by hand, on a file of rows, or kept as a bundle."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import WorkersError
from core.jobs.job import Job
from core.messages.updates import QUEUED, RUNNING
from core.trained.network import TrainedNetwork
from ui.bar import show_heading
from ui.components.choose_view import choose_view
from ui.components.markdown import literal
from ui.rows import split_or_message
from ui.server import jobs
from ui.session import run, trials
from ui.sidebar import turn_to_lab
from ui.try_it import bundles, row_file, what_if
from ui.try_it.tried_model import TriedModel, bundle_name, model_of_bundle, model_of_job

_VIEWS: dict[str, Callable[[TriedModel, TrainedNetwork, Job | None], None]] = {
    "What if": lambda model, network, _: what_if.show(model, network),
    "Predict a file": lambda model, network, _: row_file.show(model, network),
    "Bundle": bundles.show,
}


def show() -> None:
    """Draw the page for the uploaded bundle, or else for the lab's run."""
    show_heading("Try it")
    uploaded, job = trials.bundle(), run.job()
    if uploaded is not None:
        bundles.show_title(*uploaded)
        _show_views(model_of_bundle(*uploaded), None)
    elif job is not None:
        split = split_or_message(job.experiment.data)
        if split is not None:
            _show_views(model_of_job(job, split), job)
    else:
        st.info("There is no trained network yet. Train one in the lab, or upload a bundle.", icon=":material/science:")
        if st.button("Go to the lab", type="primary", icon=":material/arrow_forward:", key="to-lab"):
            turn_to_lab()
        bundles.show_upload()


@st.fragment
def _show_views(model: TriedModel, job: Job | None) -> None:
    """Let the person choose a view; what happens in it redraws only this, unless another bundle is uploaded."""
    uploaded = trials.bundle()
    if uploaded is not None and bundle_name(*uploaded) != model.name:
        st.rerun()
    chosen = choose_view(list(_VIEWS), "try-view")
    network = _network_or_message(job)
    if network is not None:
        _VIEWS[chosen](model, network, job)


def _network_or_message(job: Job | None) -> TrainedNetwork | None:
    """Return the latest network of the lab's run, or of the bundle; or say why there is none."""
    if job is None:
        uploaded = trials.bundle()
        return None if uploaded is None else uploaded[1].network
    try:
        network = jobs().trained(job)
    except WorkersError as error:
        st.warning(literal(str(error)), icon=":material/hourglass_empty:")
        st.button("Try again", key="ask-again", icon=":material/refresh:")
        return None
    if job.status in (QUEUED, RUNNING):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("This run is still training. Every change here uses its latest weights.", width="content")
            st.button("Latest weights", key="newest-weights", icon=":material/refresh:")
    return network
