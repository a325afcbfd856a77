"""Which controls this session hides or locks: those that its link named."""

from __future__ import annotations

import streamlit as st

from core.errors import ExperimentError
from core.experiment.control_limits import CONTROLS, HIDE, LOCK, ControlLimits, make_limits, read_limits
from ui.session import widgets

_LIMITS = "limits"
_PROBLEMS = "limit problems"
_PLANNED = "planned limits"
_FOLLOWED = "followed limits"  # as they stood in the address, mistakes included


def follow() -> None:
    """Take the limits from the address bar, where it has any; they stay in force on pages whose address has none."""
    found = _found()
    if found and found != st.session_state.get(_FOLLOWED) and not is_written():
        st.session_state[_FOLLOWED] = found
        st.session_state[_LIMITS], st.session_state[_PROBLEMS] = read_limits(found)


def in_force() -> ControlLimits:
    """Return what is hidden and locked."""
    limits: ControlLimits = st.session_state.get(_LIMITS, ControlLimits())
    return limits


def hides(name: str) -> bool:
    """Return whether a control is not drawn; a name of `control_limits.NAMES`, as for all of these."""
    return in_force().hides(name)


def locks(name: str) -> bool:
    """Return whether a control is drawn and cannot be used."""
    return in_force().locks(name)


def holds(name: str) -> bool:
    """Return whether what a control sets stays as it is."""
    return hides(name) or locks(name)


def is_written() -> bool:
    """Return whether the address bar holds the limits."""
    return _found() == tuple(in_force().to_params().items())


def problems() -> tuple[ExperimentError, ...]:
    """Return what was wrong with the names in the address."""
    found: tuple[ExperimentError, ...] = st.session_state.get(_PROBLEMS, ())
    return found


def dismiss_problems() -> None:
    """Forget what was wrong with the names in the address."""
    st.session_state[_PROBLEMS] = ()


def planned() -> ControlLimits:
    """Return the limits of the link that a person is making for others; at first those in force here."""
    limits: ControlLimits = st.session_state.get(_PLANNED, in_force())
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


def _found() -> tuple[tuple[str, str], ...]:
    return tuple((key, text) for key in (HIDE, LOCK) for text in st.query_params.get_all(key))
