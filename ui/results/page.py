"""What the results page says and draws of a run: one view at a time, and only the open one is computed."""

from __future__ import annotations

import streamlit as st

from core.errors import WorkersError
from core.jobs.job import Job
from core.messages.updates import FAILED, INTERRUPTED, QUEUED, RUNNING
from ui import training
from ui.components.choose_view import choose_view
from ui.components.markdown import literal
from ui.results import summary
from ui.results.look import Look, look_at
from ui.results.views import VIEWS
from ui.rows import split_or_message, title_of
from ui.server import jobs

_SUMMARY = "Summary"
_LAB = "../pages/lab.py"
_ASK_SECONDS = 3.0
_WAIT_SECONDS = 1.0


def show() -> None:
    """Draw the results of the run that the lab shows; the page is drawn again when the run comes to rest."""
    job, status = training.title_with_strip("Results")
    if job is None:
        st.info("Nothing is trained yet, so there is nothing to judge. Train this experiment in the lab first.")
        st.page_link(_LAB, label="To the lab", icon=":material/science:")
        return
    if split_or_message(job.experiment.data) is None:
        return
    look = _look_or_message(job, status)
    if look is not None:
        _show_what(look, status)
        _views(look)


def _look_or_message(job: Job, status: str) -> Look | None:
    """Return the run's network as it is now, or say why there is none."""
    if status == QUEUED:
        st.info("The run waits for its turn; its results come when it has begun.")
        return None
    try:
        with st.spinner("Fetching the weights…"):
            return look_at(job)
    except WorkersError as error:
        over = status in (FAILED, INTERRUPTED)
        st.fragment(_show_failure, run_every=None if over else _ASK_SECONDS)(job, str(error))
        return None


def _show_failure(job: Job, message: str) -> None:
    """Say why there are no weights; when they are there, the page is drawn again with them."""
    st.warning(literal(message))
    st.page_link(_LAB, label="To the lab", icon=":material/science:")
    try:
        jobs().trained(job, _WAIT_SECONDS)
    except WorkersError:
        return  # what is shown stands
    st.rerun()  # which ends the asking


def _show_what(look: Look, status: str) -> None:
    """Say what is looked at; while it trains, offer to look again."""
    after = f"after epoch {look.epoch:,}"
    if status == RUNNING:
        after = f"training: its weights of about epoch {look.epoch:,}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{title_of(look.data)} · {after}", width="content")
        if status == RUNNING:
            st.button("Newest weights", key="refresh", icon=":material/refresh:")


@st.fragment
def _views(look: Look) -> None:
    """Let a person choose a view, and whose rows it shows; another choice draws only this."""
    views = {title: view for title, view in VIEWS[look.split.task].items() if view.fits(look)}
    with st.container(horizontal=True):
        chosen = choose_view([_SUMMARY, *views], "results-view")
        view = views.get(chosen)
        part = _choose_part(look) if view else ""
    if view is None:
        summary.show(look)
        return
    st.markdown(view.look_for)
    _say_rows(look, part)
    with st.container(key=f"results-{chosen}"):
        view.draw(look, part)


def _choose_part(look: Look) -> str:
    """Choose whose rows are looked at; at first, those it was validated on."""
    if look.validated_on is None:
        return look.parts[0]
    chosen: str = st.segmented_control(
        "Rows",
        look.parts,
        default=look.validated_on,
        required=True,
        format_func=lambda part: f"{part} rows",
        key="results-rows",
        label_visibility="collapsed",
        persist_state="session",
    )
    return chosen or look.validated_on


def _say_rows(look: Look, part: str) -> None:
    """Say what a person should know of the rows before reading the figures."""
    notes = []
    answers = look.answers(part)
    if len(answers) < answers.total:
        notes.append(f"{len(answers):,} of {answers.total:,} {part} rows, chosen at random.")
    if part == "test":
        notes.append("Whoever chooses a network by the test rows has none left to test it with.")
    if look.validated_on is None:
        notes.append("Every row trains, so these are rows that the network has seen.")
    if notes:
        st.caption(" ".join(notes))
