"""How the session looks at its run: over which plane."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.analysis.axes import Axes
from core.analysis.first_axes import first_axes
from core.datasets import Split, prepare
from core.jobs.job import Job

_AXES = "axes"


def axes(split: Split) -> Axes:
    """Return the plane that the boundary is drawn over: the one that was chosen for data with these features."""
    chosen: Axes | None = st.session_state.get(_AXES, {}).get(split.feature_names)
    if chosen is None or max(chosen.across, chosen.up) >= split.features:
        return first_axes(split)
    return chosen if (chosen.row or 0) < len(split.y_train) else replace(chosen, row=None)


def set_axes(split: Split, chosen: Axes) -> None:
    """Draw the boundary of data with these features over another plane."""
    st.session_state[_AXES] = {split.feature_names: chosen}  # of one data set, so that names do not pile up


def adopt(job: Job) -> None:
    """Take over the plane that a job has already."""
    if job.axes is not None:
        set_axes(prepare(job.experiment.data), job.axes)
