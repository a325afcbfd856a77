"""The page "Results": one view at a time, and only the open one is computed."""

from __future__ import annotations

import streamlit as st

from core.errors import WorkersError
from core.jobs.job import Job
from core.messages.updates import FAILED, INTERRUPTED, QUEUED, RUNNING
from ui.bar import show_title
from ui.components.choose_view import choose_view
from ui.components.markdown import literal
from ui.results import summary
from ui.results.run_results import RunResults, results_of
from ui.results.views import VIEWS
from ui.rows import split_or_message, title_of
from ui.server import jobs

_SUMMARY = "Summary"
_LAB = "../pages/lab.py"
_POLL_SECONDS = 3.0
_WAIT_SECONDS = 1.0


def show() -> None:
    """Draw the results of the lab's run; the page is drawn again when the run ends."""
    job, status = show_title("Results")
    if job is None:
        st.info("There are no results yet. Train this experiment in the lab first.")
        st.page_link(_LAB, label="Go to the lab", icon=":material/science:")
        return
    if split_or_message(job.experiment.data) is None:
        return
    results = _results_or_message(job, status)
    if results is not None:
        _show_epoch(results, status)
        _show_views(results)


def _results_or_message(job: Job, status: str) -> RunResults | None:
    """Return the results as they are now, or say why there are none."""
    if status == QUEUED:
        st.info("This run is waiting for its turn. Its results will appear once it starts.")
        return None
    try:
        with st.spinner("Fetching the weights…"):
            return results_of(job)
    except WorkersError as error:
        over = status in (FAILED, INTERRUPTED)
        st.fragment(_show_failure, run_every=None if over else _POLL_SECONDS)(job, str(error))
        return None


def _show_failure(job: Job, message: str) -> None:
    """Say why there are no weights; once there are, the page is drawn again with them."""
    st.warning(literal(message))
    st.page_link(_LAB, label="Go to the lab", icon=":material/science:")
    try:
        jobs().trained(job, _WAIT_SECONDS)
    except WorkersError:
        return  # the message stays
    st.rerun()  # of the whole page, which ends the polling


def _show_epoch(results: RunResults, status: str) -> None:
    """Say which epoch the results belong to; while the run trains, offer newer ones."""
    running = status == RUNNING
    epoch = f"training, weights from about epoch {results.epoch:,}" if running else f"after epoch {results.epoch:,}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{title_of(results.data)} · {epoch}", width="content")
        if running:
            st.button("Latest weights", key="refresh", icon=":material/refresh:")


@st.fragment
def _show_views(results: RunResults) -> None:
    """Let the person choose a view and a part of the rows; another choice redraws only this."""
    views = {title: view for title, view in VIEWS[results.split.task].items() if view.fits(results)}
    with st.container(horizontal=True):
        chosen = choose_view([_SUMMARY, *views], "results-view")
        view = views.get(chosen)
        part = _choose_part(results) if view else ""
    if view is None:
        summary.show(results)
        return
    st.markdown(view.look_for)
    _show_notes(results, part)
    with st.container(key=f"results-{chosen}"):
        view.draw(results, part)


def _choose_part(results: RunResults) -> str:
    """Choose a part of the rows; at first, the one it was validated on."""
    if results.validated_on is None:
        return results.parts[0]
    chosen: str = st.segmented_control(
        "Rows",
        results.parts,
        default=results.validated_on,
        required=True,
        format_func=lambda part: f"{part} rows",
        key="results-rows",
        label_visibility="collapsed",
        persist_state="session",
    )
    return chosen or results.validated_on


def _show_notes(results: RunResults, part: str) -> None:
    """Say what a person should know about the rows before reading the figures."""
    notes = []
    answers = results.answers(part)
    if len(answers) < answers.total:
        notes.append(f"{len(answers):,} of {answers.total:,} {part} rows, chosen at random.")
    if part == "test":
        notes.append("If you choose a network by its test rows, you have none left for a fair test.")
    if results.validated_on is None:
        notes.append("No held-out rows: the network was trained on all of these.")
    if notes:
        st.caption(" ".join(notes))
