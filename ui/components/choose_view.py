"""The choice of one of a page's views."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def choose_view(titles: Sequence[str], key: str) -> str:
    """Choose a view, at first the first one; the choice survives visits to other pages."""
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
