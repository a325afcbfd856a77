"""Which study the session shows on the page "Studies", what is chosen in it, and what waits to be raced."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.experiment import Experiment

PARAM = "study"  # in the address, before the key of the study that is open

KIND = "studies-kind"  # the choice of a form
RATE_FINDER = "Learning rate"  # what the learning-rate finder is called in that choice

_OPEN = "open study"
_KNOWN = "known studies"
_CHOSEN = "chosen of studies"
_DELETED = "deleted study"
_PROBLEM = "studies problem"
_RACERS = "racers"


def follow() -> str:
    """Return the key of the study that is open, after following the address; "" where none is.

    An address that this session has written before is not followed unless Back or Forward leads to it: a browser that
    does not have the newest address yet sends an older one.
    """
    found = str(st.query_params.get(PARAM, ""))
    known: frozenset[str] = st.session_state.get(_KNOWN, frozenset())
    context = get_script_run_ctx()
    if (found and found not in known) or (context is not None and context.is_history_navigation):
        st.session_state[_OPEN] = found
    key: str = st.session_state.get(_OPEN, "")
    st.session_state[_KNOWN] = known | {found, key}
    return key


def write() -> None:
    """Put the study that is open into the address."""
    key = st.session_state.get(_OPEN, "")
    if key and st.query_params.to_dict() != {PARAM: key}:
        st.query_params.from_dict({PARAM: key})


def is_in_address() -> bool:
    """Return whether the address names a study, and so no experiment."""
    return PARAM in st.query_params


def open_study(key: str) -> None:
    """Show a study; "" for none."""
    st.session_state[_OPEN] = key


def chosen(key: str) -> int | None:
    """Return the place of what is chosen in a study, such as a cell of a grid."""
    place: int | None = st.session_state.get(_CHOSEN, {}).get(key)
    return place


def choose(key: str, place: int | None) -> None:
    """Choose something in a study; of others nothing is chosen any more."""
    st.session_state[_CHOSEN] = {key: place}


def deleted() -> tuple[str, str]:
    """Return key and name of the study that was deleted last and can be brought back; ("", "") for none."""
    found: tuple[str, str] = st.session_state.get(_DELETED, ("", ""))
    return found


def note_deleted(key: str, name: str) -> None:
    """Note which study was deleted last."""
    st.session_state[_DELETED] = (key, name)


def racers() -> tuple[tuple[str, Experiment], ...]:
    """Return the names and experiments of the runs that were ticked for a race."""
    found: tuple[tuple[str, Experiment], ...] = st.session_state.get(_RACERS, ())
    return found


def set_racers(found: tuple[tuple[str, Experiment], ...]) -> None:
    """Note which runs were ticked for a race, so that the page shows its form; () for the lab's experiment instead."""
    st.session_state[_RACERS] = found
    if found:
        open_study("")
        st.session_state[KIND] = "Race"


def problem() -> str:
    """Return what went wrong with the last press, once; "" where nothing did."""
    text: str = st.session_state.pop(_PROBLEM, "")
    return text


def set_problem(text: str) -> None:
    """Set what went wrong, to be shown once."""
    st.session_state[_PROBLEM] = text
