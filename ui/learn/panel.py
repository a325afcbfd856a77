"""The panel of a lesson: beside the lab where the window is wide, below it otherwise. It folds away."""

from __future__ import annotations

import streamlit as st

from core.lessons.lesson import Lesson
from core.runs.lesson_progress import BEGUN, DONE, SKIPPED
from ui.components.markdown import literal
from ui.learn import progress
from ui.learn.lesson_end import show_end
from ui.learn.step_view import show_step
from ui.server import shelf
from ui.session import current, limits
from ui.session import lesson as session
from ui.sidebar import turn_to_lab

WITH_FIGURES = ("", "inside")  # the addresses of pages that draw the panel with their figures: the lab, and Inside

# The room that the page leaves, for learn.css. Streamlit keeps a style in its place only where something else is there.
_ROOM = "<i hidden></i><style>:root {{ {} }}</style>"
_OPEN = _ROOM.format("--hl-lesson-below: 44svh; --hl-lesson-beside: 23.25rem")
_FOLDED = _ROOM.format("--hl-lesson-below: 5rem; --hl-lesson-below-wide: 5rem")


def show(page: str) -> None:
    """Draw the lesson that is open, if one is; the whole page again where its controls are not as the lesson has them.

    Args:
        page: where the person is, by its name in `core.lessons.places`.
    """
    _show_panel(page)
    if limits.are_stale():
        st.rerun()


def _show_panel(page: str) -> None:
    found = session.present()
    if found is None:
        return
    lesson = shelf().lesson(found.lesson)
    if lesson is None:
        with st.container(key="lesson-panel"):
            st.warning(f"There is no lesson {literal(found.lesson[:60])} on this server.", icon=":material/link_off:")
            st.button("Close", on_click=session.close, key="lesson-close")
        return
    found = _arrive(lesson, found)
    with st.container(key="lesson-panel"):
        _show_head(lesson, found)
        if found.is_folded:
            return
        with st.container(key="lesson-body"):
            if page != "lab" and st.button("Back to the lab", key="lesson-lab", icon=":material/arrow_back:"):
                turn_to_lab()
            step = lesson.step(found.step)
            if step is None:
                show_end(lesson)
            else:
                show_step(lesson, step, found, page)


@st.fragment
def show_beside(page: str) -> None:
    """Draw it on a page without controls, as a part of the page that is drawn by itself."""
    show(page)


def _arrive(lesson: Lesson, found: session.OpenLesson) -> session.OpenLesson:
    """Choose the present step where none is, set the lab to its set-up where that is asked for; return what holds."""
    if found.step != session.END and lesson.step(found.step) is None:
        known = progress.all_progress()
        following = progress.next_step(lesson, known, (DONE, SKIPPED))
        has_begun = following is not None and progress.state_of(lesson, following, known) == BEGUN
        step_id = session.END if following is None else following.id
        found = session.change(found, step=step_id, ignored="" if has_begun else None)
    step = lesson.step(found.step)
    if found.sets_up and step is not None:
        found = session.change(found, sets_up=False)
        current.set_experiment(step.setup)
    return found


def begin(lesson: Lesson) -> None:
    """Open a lesson, and set the lab up for it."""
    session.open_lesson(lesson.id)
    found = session.present()
    if found is not None:
        _arrive(lesson, found)


def _show_head(lesson: Lesson, found: session.OpenLesson) -> None:
    place = next((place for place, step in enumerate(lesson.steps) if step.id == found.step), len(lesson.steps))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="lesson-head", wrap=False):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{literal(lesson.title)}**")
            done = "The end" if place == len(lesson.steps) else f"Step {place + 1} of {len(lesson.steps)}"
            st.caption(f"Lesson · {done}")
        st.html(_FOLDED if found.is_folded else _OPEN, width="content")
        st.button(
            "Unfold the lesson" if found.is_folded else "Fold the lesson away",
            icon=":material/expand_less:" if found.is_folded else ":material/expand_more:",
            on_click=session.amend,
            kwargs={"is_folded": not found.is_folded},
            type="tertiary",
            key="lesson-fold",
        )
        st.button(
            "Leave the lesson", icon=":material/close:", on_click=session.close, type="tertiary", key="lesson-close"
        )
