"""The cookies of this tab's browser."""

from __future__ import annotations

import streamlit as st

_COOKIES = "cookies"


def cookie(name: str) -> str:
    """Return a cookie as the browser sent it when the tab last connected; "" where it sent none.

    While a connection is lost and not yet back, Streamlit (1.67) knows no cookies, and a page that is drawn then would
    be somebody else's: it would not find its own run.
    """
    if found := dict(st.context.cookies):
        st.session_state[_COOKIES] = found
    kept: dict[str, str] = st.session_state.get(_COOKIES, {})
    return str(kept.get(name, ""))
