"""The page "Runs": the table of a person's runs, what can be done with the ticked ones, and a run that was shared."""

from __future__ import annotations

import streamlit as st

from core.errors import ExperimentError, RunsError
from core.runs.limits import NEARLY_FULL
from core.runs.search import SORTS, Search, parse_search
from core.runs.store import RunStore
from core.runs.values import LIVE, OUTCOMES, Usage
from ui.components.markdown import literal
from ui.runs import one_run, several_runs, travel
from ui.runs.shared_experiments import EXPERIMENT, show_experiments
from ui.runs.table import SORT, show_first_page, show_table
from ui.server import run_writer
from ui.session import kept_runs, run

LINK_KEY = "run"  # in the address, before the unguessable part of a link

_SORT_WORDS = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "best": "Highest best score",
    "worst": "Lowest best score",
    "last": "Highest last score",
    "last-lowest": "Lowest last score",
    "smallest": "Fewest parameters",
    "largest": "Most parameters",
    "fastest": "Shortest training",
    "slowest": "Longest training",
    "longest": "Most epochs",
    "shortest": "Fewest epochs",
    "name": "Name, A to Z",
    "name-reversed": "Name, Z to A",
    "data": "Data, A to Z",
    "data-reversed": "Data, Z to A",
    "layers": "Network, A to Z",
    "layers-reversed": "Network, Z to A",
    "status": "Status, A to Z",
    "status-reversed": "Status, Z to A",
}
_ANY = "Any status"


def show() -> bool:
    """Draw the page; return whether the lab is to be shown, with a run or an experiment from here."""
    if problem := run_writer().problem:
        st.warning(literal(problem), icon=":material/cloud_off:")
    try:
        store = run_writer().store
        if token := st.query_params.get(LINK_KEY):
            return one_run.show_shared(store, token)
        if tokens := st.query_params.get(several_runs.LINK):
            several_runs.show_shared(store, tokens)
            return False
        if experiments := st.query_params.get_all(EXPERIMENT):
            show_experiments(store, run.owner(), experiments)
            return False
        return _show_own(store, run.owner())
    except RunsError as error:
        st.title("Runs")
        if str(error) not in problem:
            st.error(literal(str(error)), icon=":material/database:")
        st.button("Try again", icon=":material/refresh:", key="runs-again")
        return False


def _show_own(store: RunStore, owner: str) -> bool:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Runs", width="content")
        travel.show(store, owner)
    usage = store.usage(owner)
    _show_messages(owner, usage)
    if not usage.runs:
        st.info("Every run you train is kept here. Train one in the lab.", icon=":material/science:")
        return st.button("Go to the lab", type="primary", icon=":material/arrow_forward:", key="runs-to-lab")
    search = _search()
    if search is None:
        return False
    count = store.count(owner, search)
    if not count:
        st.info("No run is like that.", icon=":material/search_off:")
        return False
    show_table(store, owner, search, count)
    found = store.which(owner, search, kept_runs.chosen())
    ticked = tuple(key for key in kept_runs.chosen() if key in found)
    if len(ticked) == 1:
        return one_run.show_own(store, owner, ticked[0])
    if ticked:
        several_runs.show(store, owner, ticked)
    else:
        st.caption("Tick a run to open it in the lab, name it, tag it or share it. Tick several to compare them.")
    return False


def _show_messages(owner: str, usage: Usage) -> None:
    if problem := kept_runs.problem():
        st.error(literal(problem))
    if usage.share >= NEARLY_FULL:
        st.warning(nearly_full(usage), icon=":material/inventory_2:")
    if deleted := kept_runs.deleted():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{_count(len(deleted))} deleted.", width="content")
            st.button("Undo", on_click=_bring_back, args=(owner, deleted), icon=":material/undo:", key="undo-delete")


def nearly_full(usage: Usage) -> str:
    """Return what a person is told whose oldest runs are about to go."""
    return (
        f"You have {usage.runs:,} of at most {usage.runs_most:,} runs, {usage.bytes // 1_000_000:,} of "
        f"{usage.bytes_most // 1_000_000:,} MB. When there is no more room, the oldest runs without a star are "
        "deleted. Star what you want to keep, or download all runs."
    )


def _search() -> Search | None:
    """Return which runs the person asks for, or None where the question cannot be understood."""
    text, status, sort, star = st.columns([12, 4, 4, 3], vertical_alignment="bottom")
    words = text.text_input(
        "Search",
        placeholder="learning rate > 0.01   data = moons   tag:homework",
        key="runs-search",
        help="Words, `tag:NAME`, and conditions on any setting or on `best`, `last`, `parameters` and `seconds`.",
        on_change=show_first_page,
        persist_state="session",
    )
    wanted = status.selectbox(
        "Status", [_ANY, *OUTCOMES, *LIVE], key="runs-status", on_change=show_first_page, persist_state="session"
    )
    sort.selectbox(
        "Sort", list(SORTS), format_func=lambda name: _SORT_WORDS[name], key=SORT, on_change=show_first_page,
        persist_state="session", help="A press on the head of a column does the same; another one reverses it.",
    )  # fmt: skip
    starred = star.toggle("Starred", key="runs-starred", on_change=show_first_page, persist_state="session")
    try:
        return parse_search(words, starred, "" if wanted == _ANY else wanted)
    except ExperimentError as error:
        st.error(literal(str(error)), icon=":material/search_off:")
        return None


def _bring_back(owner: str, keys: tuple[str, ...]) -> None:
    try:
        run_writer().store.bring_back(owner, keys)
    except RunsError as error:
        kept_runs.set_problem(str(error))
    else:
        kept_runs.note_deleted(())


def _count(runs: int) -> str:
    return "1 run" if runs == 1 else f"{runs:,} runs"
