"""The points that the session has drawn on the page "Draw"."""

from __future__ import annotations

import streamlit as st

from core.datasets.drawn_points import DrawnPoints

_DRAWING = "drawing"
_REVISION = "drawing revision"
_PROBLEM = "drawing problem"
_LINK = "drawing link"
_IN_ADDRESS = "drawn"  # the key of the points in an address


def points() -> DrawnPoints:
    """Return the points."""
    drawn: DrawnPoints = st.session_state.get(_DRAWING, DrawnPoints())
    return drawn


def keep(drawn: DrawnPoints) -> None:
    """Remember points that the canvas has sent."""
    st.session_state[_DRAWING] = drawn
    st.session_state[_PROBLEM] = ""


def replace(drawn: DrawnPoints) -> None:
    """Set the points from elsewhere than the canvas, which then shows them."""
    keep(drawn)
    st.session_state[_REVISION] = revision() + 1


def revision() -> int:
    """Return how often the points were set from elsewhere than the canvas."""
    count: int = st.session_state.get(_REVISION, 0)
    return count


def pop_link() -> str | None:
    """Return the points in the address, as text, once; None where there are none or no new ones."""
    text: str | None = st.query_params.get(_IN_ADDRESS)
    if text is None or text == st.session_state.get(_LINK):
        return None
    st.session_state[_LINK] = text
    return text


def link_query(text: str) -> str:
    """Return the query of an address that holds these points."""
    return f"{_IN_ADDRESS}={text}"


def set_problem(text: str) -> None:
    """Set what is wrong with points from a link or the canvas, until others come."""
    st.session_state[_PROBLEM] = text


def problem() -> str:
    """Return what is wrong with the last points, or ""."""
    text: str = st.session_state.get(_PROBLEM, "")
    return text
