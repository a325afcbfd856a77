"""Which step of a run the session looks at, and how."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.jobs.job import Job

STAGES = ("Forward", "Loss", "Backward", "Update")
BIAS, CHOSEN_FOR_THEM = -1, -2
_KEY = "explained step"
_PROBLEM = "step problem"


@dataclass(frozen=True)
class Look:
    """A look at one step.

    Attributes:
        token: of the job.
        number: of the explanation; another one for every press of the button.
        rows: numbers of training rows, or None for the next batch.
        stage: the place in STAGES.
        plays: whether the stages follow each other by themselves.
        layer, unit, source: what is looked at; the source is an input of the unit, or BIAS. CHOSEN_FOR_THEM is the unit
            or the input that matters most.
        row: the place among the rows.
    """

    token: str
    number: str
    rows: tuple[int, ...] | None
    stage: int = 0
    plays: bool = False
    layer: int = 0
    unit: int = CHOSEN_FOR_THEM
    source: int = CHOSEN_FOR_THEM
    row: int = 0


def look(job: Job) -> Look | None:
    """Return the look at a step of a job, or None."""
    found: Look | None = st.session_state.get(_KEY)
    return found if found is not None and found.token == job.token else None


def begin(job: Job, rows: tuple[int, ...] | None) -> None:
    """Look at a step on some rows, in the stage and at the unit that were looked at last."""
    before = look(job) or Look(job.token, "", None)
    st.session_state[_KEY] = replace(before, number=secrets.token_hex(8), rows=rows, row=0, plays=False)


def explain_again() -> None:
    """Have the same step explained for the network as it is now."""
    change(number=secrets.token_hex(8))


def change(**values: Any) -> None:
    """Look at something else of the same step."""
    found: Look | None = st.session_state.get(_KEY)
    if found is not None:
        st.session_state[_KEY] = replace(found, **values)


def end() -> None:
    """Look at no step."""
    st.session_state.pop(_KEY, None)


def set_problem(text: str) -> None:
    """Set what is wrong with the rows that a person has chosen, to be shown once."""
    st.session_state[_PROBLEM] = text


def pop_problem() -> str:
    """Return what is wrong with the chosen rows, once; "" where nothing is."""
    text: str = st.session_state.pop(_PROBLEM, "")
    return text
