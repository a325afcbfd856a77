"""What a session remembers of the page "Draw": the points, and what is wrong with those that came."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.datasets.drawn_points import DrawnPoints

_DRAWING = "drawing"
_REVISION = "drawing revision"
_PROBLEM = "drawing problem"
_LINK = "drawing link"
_IN_ADDRESS = "drawn"  # the key of the points there

PANEL = "draw-panel"  # the key of the component that is drawn in


def drawing() -> DrawnPoints:
    """Return the points that this session has drawn."""
    drawn: DrawnPoints = st.session_state.get(_DRAWING, DrawnPoints())
    return drawn


def keep_drawing(drawn: DrawnPoints) -> None:
    """Remember points as the canvas has them."""
    st.session_state[_DRAWING] = drawn
    st.session_state[_PROBLEM] = ""


def set_drawing(drawn: DrawnPoints) -> None:
    """Set the points from elsewhere than the canvas, which then takes them."""
    keep_drawing(drawn)
    st.session_state[_REVISION] = drawing_revision() + 1


def drawing_revision() -> int:
    """Return how often the points were set from elsewhere than the canvas."""
    revision: int = st.session_state.get(_REVISION, 0)
    return revision


def drawn_message() -> Any:
    """Return what the canvas has sent for this run of the page: anything, since a browser sent it; None for nothing."""
    return st.session_state.get(PANEL, {}).get("drawn")


def take_drawing_link() -> str | None:
    """Return the points in the address as they are written there, once; None where there are none, or no new ones."""
    text: str | None = st.query_params.get(_IN_ADDRESS)
    if text is None or text == st.session_state.get(_LINK):
        return None
    st.session_state[_LINK] = text
    return text


def drawing_query(text: str) -> str:
    """Return the query of an address that holds these points."""
    return f"{_IN_ADDRESS}={text}"


def set_drawing_problem(text: str) -> None:
    """Say what is wrong with points that came by a link or from the canvas, until others come."""
    st.session_state[_PROBLEM] = text


def drawing_problem() -> str:
    """Return what is wrong with points that came, or ""."""
    text: str = st.session_state.get(_PROBLEM, "")
    return text
