"""The sidebar of a page whose address is the experiment."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.experiment import Experiment
from ui import lab, session, training


def experiment_sidebar(controls: Callable[[Experiment], Experiment]) -> None:
    """Draw these controls in the sidebar and take over what they say, after the address and into it.

    A session that is new finds its browser's run of the experiment. What was wrong in the address is said on the page.
    """
    _follow_address()
    with st.sidebar:
        session.change_experiment(controls(session.experiment()))
    session.write_address()


def experiment_address() -> None:
    """Keep the address of a page without controls the experiment's, so that a reload finds the browser's run again."""
    _follow_address()
    session.write_address()


def _follow_address() -> None:
    session.follow_address()
    training.find_job()
    lab.show_address_problems()
