"""A page of several views, of which one is drawn at a time."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def choose_view(titles: Sequence[str], key: str) -> str:
    """Choose one of the views, at first the first of them; the choice outlasts a visit to other pages."""
    chosen: str | None = st.segmented_control(
        "View",
        titles,
        default=titles[0],
        required=True,
        key=key,
        label_visibility="collapsed",
        persist_state="session",
    )
    return chosen or titles[0]
