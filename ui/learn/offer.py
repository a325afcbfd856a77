"""What the lab offers a new visitor: a first lesson."""

from __future__ import annotations

import streamlit as st

from core.lessons.lesson import Lesson
from core.runs.lesson_progress import DONE, SKIPPED
from ui.learn import panel, progress
from ui.server import shelf
from ui.session import lesson as session
from ui.session import limits


def show_offer() -> None:
    """Draw the button that begins the next lesson, unless one is open, or the link to the page keeps people on it."""
    if session.present() is None and not limits.hides("pages") and _lessons():
        st.button(
            "Learn in five minutes",
            on_click=_begin,
            icon=":material/school:",
            type="tertiary",
            key="learn-offer",
            help="Open the next lesson beside the lab. It can be closed at any time.",
        )


def _begin() -> None:
    """Begin the first lesson that is not over, or the first one of all."""
    lessons, known = _lessons(), progress.all_progress()
    left = [one for one in lessons if progress.next_step(one, known, (DONE, SKIPPED)) is not None]
    panel.begin((left or lessons)[0])


def _lessons() -> list[Lesson]:
    return [one for one in shelf().all() if isinstance(one, Lesson)]
