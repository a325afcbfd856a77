"""The end of a lesson: the sentence to remember, what was skipped, and what comes next."""

from __future__ import annotations

import streamlit as st

from core.lessons.lesson import Lesson
from core.runs.lesson_progress import DONE
from ui.learn import progress
from ui.learn.opened_places import choose_view_of, file_of
from ui.server import shelf
from ui.session import address
from ui.session import lesson as session


def show_end(lesson: Lesson) -> None:
    """Draw the end of a lesson."""
    known = progress.all_progress()
    left = [step for step in lesson.steps if progress.state_of(lesson, step, known) != DONE]
    st.markdown("#### Remember" if left else "#### Lesson done. Remember")
    st.info(lesson.remember, icon=":material/lightbulb:")
    for step in left:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Skipped: {step.title}", width="stretch")
            st.button("Do it now", key=f"lesson-do-{step.id}", on_click=session.open_lesson, args=(lesson.id, step.id))
    if lesson.more is not None and st.button(lesson.more.text, icon=":material/arrow_outward:", key="lesson-more"):
        choose_view_of(lesson.more.place)
        st.switch_page(file_of(lesson.more.place), query_params=address.next_params())
    following = _following(lesson)
    with st.container(horizontal=True):
        st.button("Back", on_click=session.open_lesson, args=(lesson.id, lesson.steps[-1].id), key="lesson-back")
        if following is not None:
            st.button(
                f"Next: {following.title}",
                on_click=session.open_lesson,
                args=(following.id,),
                type="primary",
                key="lesson-following",
            )
        if st.button("All lessons", key="lesson-all"):
            st.switch_page("../pages/learn.py")


def _following(lesson: Lesson) -> Lesson | None:
    lessons = [one for one in shelf().all() if isinstance(one, Lesson)]
    places = [place for place, one in enumerate(lessons) if one.id == lesson.id]
    return lessons[places[0] + 1] if places and places[0] + 1 < len(lessons) else None
