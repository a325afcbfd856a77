"""The sidebar and the address of a page that shows the experiment."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from core.experiment import Experiment
from ui import training
from ui.address_problems import show_address_problems
from ui.session import address, current, lesson, limits, studies, widgets


def experiment_sidebar(controls: Callable[[Experiment], Experiment]) -> None:
    """Draw controls in the sidebar, after following the address, and write what they say into it.

    A new session shows its browser's run of the experiment. The page says what was wrong in the address.
    """
    _follow_address()
    with st.sidebar:
        current.set_from_controls(controls(current.experiment()))
        if limits.are_folding():
            _show_unfolding()
    address.write()


def experiment_in_address(*, follows: bool = True) -> None:
    """Do the same on a page without controls.

    Args:
        follows: whether the address is one of an experiment; otherwise it is only written.
    """
    if follows:
        _follow_address()
    address.write()


def turn_to_lab() -> NoReturn:
    """Go to the lab with the experiment already in its address, so that Back leads here in one press."""
    st.switch_page("../pages/lab.py", query_params=address.next_params())


def turn_to_studies(kind: str) -> NoReturn:
    """Go to the form of a new study, with the present experiment.

    Args:
        kind: the title of its kind.
    """
    studies.open_study("")
    widgets.set_value(studies.KIND, kind)
    st.switch_page("../pages/studies.py", query_params=address.next_params())


def _show_unfolding() -> None:
    """Offer the controls that the open lesson does not use, or to fold them away again."""
    found = lesson.present()
    is_unfolded = found is not None and found.is_unfolded
    st.button(
        "Only what the lesson uses" if is_unfolded else "Show all controls",
        on_click=lesson.amend,
        kwargs={"is_unfolded": not is_unfolded},
        icon=":material/unfold_less:" if is_unfolded else ":material/unfold_more:",
        type="tertiary",
        key="lesson-controls",
    )


def _follow_address() -> None:
    address.follow()
    training.find_job()
    show_address_problems()
