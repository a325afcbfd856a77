"""The sidebar of a page whose address is the experiment."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from core.experiment import Experiment
from ui import session, training
from ui.lab import page as lab


def experiment_sidebar(controls: Callable[[Experiment], Experiment]) -> None:
    """Draw these controls in the sidebar and take over what they say, after the address and into it.

    A session that is new finds its browser's run of the experiment. What was wrong in the address is said on the page.
    """
    _take_address()
    with st.sidebar:
        session.change_experiment(controls(session.experiment()))
    session.write_address()


def experiment_in_address() -> None:
    """Do the same on a page without controls, whose address is the experiment all the same."""
    _take_address()
    session.write_address()


def turn_to_lab() -> NoReturn:
    """Go to the lab with the experiment in its address at once, so that one press of Back leads here again."""
    st.switch_page("../pages/lab.py", query_params=session.next_address())


def _take_address() -> None:
    session.follow_address()
    training.find_job()
    lab.show_address_problems()
