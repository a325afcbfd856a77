"""The lesson that stands beside the lab in this session, and how far its present step is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.experiment.control_limits import HIDE, LOCK
from core.lessons.finished_run import FinishedRun
from core.runs.lesson_progress import Progress, StepKey, StepProgress

PARAM = "lesson"  # in the address, before the lesson's id
END = "end"  # after the last step

_OPEN = "open lesson"
_FOLLOWED = "followed lesson"
_NOTED = "noted progress"
_PROBLEM = "progress problem"


# eq=False: a run has arrays.
@dataclass(frozen=True, eq=False)
class OpenLesson:
    """A lesson that is open.

    Attributes:
        lesson: its id.
        step: the present step's; "" before it is known which one comes next; END after the last.
        sets_up: whether the lab is to be set to the step's set-up.
        ignored: the mark of the run that was shown when the step began, which does not count; None before it is known.
        run: the newest run that has ended since then, with its mark.
        study: the key of the study over which the goal is judged, with the mark of the run that it is about.
        reached: what held when the goal was reached, in words.
        opened: the places that were opened since the step began.
        hints: how many are shown.
        shows_task: whether the task is shown though nothing was predicted.
        is_folded: whether only a line of the panel is shown.
        is_unfolded: whether the controls are shown that the lesson folds away.
    """

    lesson: str
    step: str = ""
    sets_up: bool = False
    ignored: str | None = None
    run: tuple[str, FinishedRun] | None = None
    study: tuple[str, str] | None = None
    reached: str = ""
    opened: frozenset[str] = frozenset()
    hints: int = 0
    shows_task: bool = False
    is_folded: bool = False
    is_unfolded: bool = False


def present() -> OpenLesson | None:
    """Return the lesson that is open, or None."""
    found: OpenLesson | None = st.session_state.get(_OPEN)
    return found


def open_lesson(lesson: str, step: str = "", *, sets_up: bool = True) -> None:
    """Open a lesson at a step; "" for the first one that is neither done nor skipped."""
    before = present()
    found = OpenLesson(lesson, step, sets_up)
    if before is not None and before.lesson == lesson:
        found = replace(found, is_folded=before.is_folded, is_unfolded=before.is_unfolded)
    st.session_state[_OPEN] = found
    st.session_state[_FOLLOWED] = lesson


def change(found: OpenLesson, **values: Any) -> OpenLesson:
    """Change what is known of the open lesson, and return it."""
    changed = replace(found, **values)
    st.session_state[_OPEN] = changed
    return changed


def amend(**values: Any) -> None:
    """Change what is known of the open lesson, if one is open, from a callback."""
    found = present()
    if found is not None:
        change(found, **values)


def close() -> None:
    """Close the lesson."""
    st.session_state.pop(_OPEN, None)


def follow() -> None:
    """Open the lesson that the address names, unless this session has followed that before."""
    found = str(st.query_params.get(PARAM, ""))
    if found and found != st.session_state.get(_FOLLOWED):
        open_lesson(found, sets_up=set(st.query_params) <= {PARAM, HIDE, LOCK})


def to_params() -> dict[str, str]:
    """Return the open lesson as the address names it; nothing where none is open."""
    found = present()
    return {} if found is None else {PARAM: found.lesson}


def is_written() -> bool:
    """Return whether the address bar names the lesson that is open, or none where none is."""
    return st.query_params.get(PARAM) == to_params().get(PARAM)


def noted() -> Progress:
    """Return what this session has noted about steps, which the run store may not have."""
    found: Progress = st.session_state.get(_NOTED, {})
    return found


def note(key: StepKey, state: StepProgress) -> None:
    """Note how a step stands."""
    before = noted().get(key)
    st.session_state[_NOTED] = {**noted(), key: state if before is None else before.then(state)}


def forget(lesson: str) -> None:
    """Forget what was noted about a lesson."""
    st.session_state[_NOTED] = {key: state for key, state in noted().items() if key[0] != lesson}


def set_problem(text: str) -> None:
    """Set what is wrong with a file of progress, to be shown once."""
    st.session_state[_PROBLEM] = text


def pop_problem() -> str:
    """Return what is wrong with the last file of progress, once; "" where nothing is."""
    text: str = st.session_state.pop(_PROBLEM, "")
    return text
