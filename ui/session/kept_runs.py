"""Which kept runs the session has ticked on the page "Runs", and what it did to them last."""

from __future__ import annotations

import streamlit as st

from core.experiment import Experiment

_CHOSEN = "chosen runs"
_SHOWN = "shown runs"
_DELETED = "deleted runs"
_LOOKS = "looks of runs"
_TRAINS = "trained experiments"
_PROBLEM = "runs problem"


def chosen() -> tuple[str, ...]:
    """Return the keys of the runs that are ticked."""
    keys: tuple[str, ...] = st.session_state.get(_CHOSEN, ())
    return keys


def choose(keys: tuple[str, ...]) -> None:
    """Tick these runs and no others."""
    st.session_state[_CHOSEN] = keys


def shown() -> tuple[str, ...]:
    """Return the keys of the runs in the table, in its order."""
    keys: tuple[str, ...] = st.session_state.get(_SHOWN, ())
    return keys


def show(keys: tuple[str, ...]) -> None:
    """Note which runs the table has."""
    st.session_state[_SHOWN] = keys


def deleted() -> tuple[str, ...]:
    """Return the runs that were deleted last, and can be brought back."""
    keys: tuple[str, ...] = st.session_state.get(_DELETED, ())
    return keys


def note_deleted(keys: tuple[str, ...]) -> None:
    """Note which runs were deleted last."""
    st.session_state[_DELETED] = keys


def looks() -> dict[str, int]:
    """Return the looks of the runs that have been compared, by their keys."""
    known: dict[str, int] = st.session_state.get(_LOOKS, {})
    return known


def note_looks(found: dict[str, int]) -> None:
    """Note with which looks runs are shown."""
    st.session_state[_LOOKS] = looks() | found


def trains() -> tuple[Experiment, ...]:
    """Return the experiments of a shared comparison that are being trained; none where nobody has asked for that."""
    experiments: tuple[Experiment, ...] = st.session_state.get(_TRAINS, ())
    return experiments


def set_trains(experiments: tuple[Experiment, ...]) -> None:
    """Note which experiments of a shared comparison are to be trained."""
    st.session_state[_TRAINS] = experiments


def problem() -> str:
    """Return what went wrong with the last change, once; "" where nothing did."""
    text: str = st.session_state.pop(_PROBLEM, "")
    return text


def set_problem(text: str) -> None:
    """Set what went wrong, to be shown once."""
    st.session_state[_PROBLEM] = text
