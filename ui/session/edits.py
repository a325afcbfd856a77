"""The edits by hand that the session has received from the inside panel."""

from __future__ import annotations

from typing import Any

import streamlit as st

_PROBLEM = "edit problem"
_LAST = "taken change"


def is_new(panel: str, number: int) -> bool:
    """Return whether an edit was not received before, and remember it.

    Args:
        panel: the name of the panel that sent it.
        number: of the edit, counted by that panel.
    """
    last = last_received()
    if last is not None and last["panel"] == panel and number <= last["number"]:
        return False
    st.session_state[_LAST] = {"panel": panel, "number": number}
    return True


def last_received() -> dict[str, Any] | None:
    """Return which edit was received last, {"panel": …, "number": …}."""
    last: dict[str, Any] | None = st.session_state.get(_LAST)
    return last


def set_problem(text: str) -> None:
    """Set what is wrong with the last edit, to be shown once."""
    st.session_state[_PROBLEM] = text


def pop_problem() -> str:
    """Return what is wrong with the last edit, once; "" where nothing is."""
    text: str = st.session_state.pop(_PROBLEM, "")
    return text
