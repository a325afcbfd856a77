"""A callback that reads for as long as a test lets it, and then keeps what it has read."""

import threading

import streamlit as st

from tests.waiting import PATIENCE

begun, may_go_on = threading.Event(), threading.Event()


def read() -> None:
    begun.set()
    assert may_go_on.wait(PATIENCE)
    st.session_state["read"] = "kept"
