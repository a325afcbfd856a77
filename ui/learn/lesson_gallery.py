"""The lessons of the gallery, with how far the person has come, and that as a file for another machine."""

from __future__ import annotations

import streamlit as st

from core.errors import HiddenLayersError
from core.lessons.lesson import BrokenLesson, Lesson
from core.runs.lesson_progress import DONE, SKIPPED, Progress
from core.runs.lesson_store import read_file
from ui.components.markdown import literal
from ui.learn import progress
from ui.learn.card import card, cards
from ui.server import run_writer, shelf
from ui.session import lesson as session
from ui.session import run, widgets

_FILE = "progress-file"


def show() -> str:
    """Draw the lessons; return the id of the one that was chosen, "" for none."""
    known = progress.all_progress()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header("Lessons", width="content")
        _show_files()
    st.write("Each stands beside the lab: predict, do one thing, and the app checks what you have reached.")
    if problem := session.pop_problem():
        st.error(literal(problem))
    chosen = ""
    with cards("lessons"):
        for number, one in enumerate(shelf().all(), start=1):
            if isinstance(one, BrokenLesson):
                with card(""):
                    st.markdown(f"**{literal(one.file)}**")
                    st.caption(f":material/error: This file is not a lesson. {literal(one.problem)}")
            elif _show_card(number, one, known):
                chosen = one.id
    return chosen


def _show_card(number: int, lesson: Lesson, known: Progress) -> bool:
    """Draw a lesson; return whether it was chosen."""
    states = [progress.state_of(lesson, step, known) for step in lesson.steps]
    done, skipped = states.count(DONE), states.count(SKIPPED)
    with card(f"lesson-{lesson.id}"):
        st.markdown(f"**{number} · {literal(lesson.title)}**")
        st.caption(lesson.about)
        with st.container(horizontal=True, vertical_alignment="center"):
            is_over = done + skipped == len(states)
            label = "Start" if not any(states) else "Look again" if is_over else "Continue"
            chosen = st.button(label, key=f"lesson-{lesson.id}", icon=":material/school:")
            if any(states):
                st.button(
                    "Start over", on_click=progress.forget, args=(lesson.id,), type="tertiary", key=f"over-{lesson.id}"
                )
            st.caption(_in_words(lesson.minutes, done, skipped, len(states)), width="content")
    return chosen


def _in_words(minutes: int, done: int, skipped: int, steps: int) -> str:
    if not done and not skipped:
        return f"{minutes} minutes"
    words = ":material/check_circle: Done" if done == steps else f"{done} of {steps} steps done"
    return f"{words}, {skipped} skipped" if skipped else words


def _show_files() -> None:
    with st.popover("Progress", icon=":material/save:", key="progress-files"):
        st.caption("Your progress is kept for this browser. Take it to another one as a small file.")
        st.download_button(
            "Download progress", _export, "progress.json", "application/json", key="progress-export",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.file_uploader("Add progress from a file", type="json", key=_FILE, on_change=_import)


def _export() -> bytes:
    return run_writer().lessons.export(run.owner())


def _import() -> None:
    file = widgets.value(_FILE)
    if file is None:
        return
    try:
        run_writer().lessons.add(run.owner(), read_file(file.getvalue()))
    except HiddenLayersError as error:
        session.set_problem(str(error))
