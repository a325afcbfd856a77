"""Which controls this session hides or locks: those that its link names, and those of the lesson that is open."""

from __future__ import annotations

import streamlit as st

from core.errors import ExperimentError
from core.experiment.control_limits import CONTROLS, HIDE, LOCK, ControlLimits, make_limits, read_limits
from core.lessons.lesson import Controls
from ui.server import shelf
from ui.session import lesson, widgets

_OF_LINK = "limits"
_OF_LESSON = "lesson limits"  # as the page was drawn
_PROBLEMS = "limit problems"
_PLANNED = "planned limits"
_FOLLOWED = "followed limits"  # as they stood in the address, mistakes included


def follow() -> None:
    """Take the limits of the open lesson, and from the address bar, where it has any.

    Those stay in force on pages whose address has none.
    """
    st.session_state[_OF_LESSON] = _of_lesson()
    found = _found()
    if found and found != st.session_state.get(_FOLLOWED) and not is_written():
        st.session_state[_FOLLOWED] = found
        st.session_state[_OF_LINK], st.session_state[_PROBLEMS] = read_limits(found)


def in_force() -> ControlLimits:
    """Return what is hidden and locked."""
    of_lesson: ControlLimits = st.session_state.get(_OF_LESSON, ControlLimits())
    return of_link() if of_lesson == ControlLimits() else of_link().joined(of_lesson)


def of_link() -> ControlLimits:
    """Return what the link hides and locks, which the address keeps."""
    limits: ControlLimits = st.session_state.get(_OF_LINK, ControlLimits())
    return limits


def are_stale() -> bool:
    """Return whether the page was drawn with the limits of another lesson, or of one that is over."""
    return bool(st.session_state.get(_OF_LESSON, ControlLimits()) != _of_lesson())


def are_folding() -> bool:
    """Return whether the open lesson has controls folded away, or would have if they were not unfolded."""
    found = lesson.present()
    return found is not None and found.step != lesson.END and bool(_controls(found).shown)


def hides(name: str) -> bool:
    """Return whether a control is not drawn; a name of `control_limits.NAMES`, as for all of these."""
    return in_force().hides(name)


def locks(name: str) -> bool:
    """Return whether a control is drawn and cannot be used."""
    return in_force().locks(name)


def holds(name: str) -> bool:
    """Return whether what a control sets stays as it is."""
    return in_force().holds(name)


def is_written() -> bool:
    """Return whether the address bar holds the limits."""
    return _found() == tuple(of_link().to_params().items())


def problems() -> tuple[ExperimentError, ...]:
    """Return what was wrong with the names in the address."""
    found: tuple[ExperimentError, ...] = st.session_state.get(_PROBLEMS, ())
    return found


def dismiss_problems() -> None:
    """Forget what was wrong with the names in the address."""
    st.session_state[_PROBLEMS] = ()


def planned() -> ControlLimits:
    """Return the limits of the link that a person is making for others; at first those of its own link."""
    limits: ControlLimits = st.session_state.get(_PLANNED, of_link())
    return limits


def tick_key(key: str, name: str) -> str:
    """Return the widget key of the box for a control under `hide` or `lock`, which shows what is planned."""
    box = f"tick-{key}-{name}"
    if widgets.value(box) is None:
        limits = planned()
        widgets.set_value(box, name in (limits.hidden if key == HIDE else limits.locked))
    return box


def keep_ticks() -> None:
    """Plan what the boxes say."""
    hidden, locked = ([name for name in CONTROLS if widgets.value(f"tick-{key}-{name}")] for key in (HIDE, LOCK))
    st.session_state[_PLANNED] = make_limits(hidden, locked)


def _of_lesson() -> ControlLimits:
    """Return what the open lesson hides and locks, until its end."""
    found = lesson.present()
    if found is None or found.step == lesson.END:
        return ControlLimits()
    return _controls(found).limits(is_unfolded=found.is_unfolded)


def _controls(found: lesson.OpenLesson) -> Controls:
    known = shelf().lesson(found.lesson)
    return Controls() if known is None else known.controls


def _found() -> tuple[tuple[str, str], ...]:
    return tuple((key, text) for key in (HIDE, LOCK) for text in st.query_params.get_all(key))
