"""How the session looks at its run: over which plane, and at which pace."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.analysis.axes import Axes
from core.datasets import Split
from core.jobs.job import Job

_AXES = "axes"
_PACE = "pace"


def axes(split: Split) -> Axes:
    """Return the plane that the boundary is drawn over: the first two features where the data lack the chosen ones."""
    chosen: Axes = st.session_state.get(_AXES, Axes())
    if split.features <= 2 or max(chosen.across, chosen.up) >= split.features:
        return Axes()
    return chosen if (chosen.row or 0) < len(split.y_train) else replace(chosen, row=None)


def set_axes(chosen: Axes) -> None:
    """Draw the boundary over another plane."""
    st.session_state[_AXES] = chosen


def pace() -> float:
    """Return the most epochs a second to train; 0 for no limit."""
    chosen: float = st.session_state.setdefault(_PACE, 0.0)
    return chosen


def set_pace(chosen: float) -> None:
    """Train at another pace."""
    st.session_state[_PACE] = chosen


def adopt(job: Job) -> None:
    """Take over the pace and the plane that a job has already."""
    set_pace(job.pace)
    if job.axes is not None:
        set_axes(job.axes)
