"""Whether the coach speaks to this browser, and about which run."""

from __future__ import annotations

import streamlit as st

from core.coach.advice import Advice
from core.jobs.job import Job
from ui.server import kept_choices
from ui.session import limits, run

_SAID = "coach said"


def is_on() -> bool:
    """Return whether the coach speaks; never where it is hidden."""
    return not limits.hides("coach") and kept_choices().has_coach(run.owner())


def switch(on: bool) -> None:
    """Let the coach speak, or keep it silent."""
    kept_choices().keep_coach(run.owner(), on)


def dismiss(job: Job) -> None:
    """Have the coach say nothing more about a run."""
    kept_choices().keep_dismissed(run.owner(), job.key)


def is_dismissed(job: Job) -> bool:
    """Return whether the coach is to say nothing about a run."""
    return kept_choices().dismissed(run.owner()) == job.key


def said(job: Job) -> Advice | None:
    """Return what the coach has said about a run while it trains, or None."""
    of, advice = st.session_state.get(_SAID, (None, None))
    return advice if of == (job.key, job.generation, job.experiment) else None


def say(job: Job, advice: Advice) -> None:
    """Remember what the coach says about a run, so that it does not come and go while that trains."""
    st.session_state[_SAID] = (job.key, job.generation, job.experiment), advice
