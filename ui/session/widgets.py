"""Widgets and components that have a fixed key, read and set from callbacks."""

from __future__ import annotations

from typing import Any

import streamlit as st


def value(key: str) -> Any:
    """Return a widget's value, or None where it has none yet."""
    return st.session_state.get(key)


def set_value(key: str, value: Any) -> None:
    """Set a widget's value, from the callback of another."""
    st.session_state[key] = value


def component_value(key: str, name: str) -> Any:
    """Return what a component has sent under a name for this run of the page: anything, since a browser sent it.

    None where it sent nothing.
    """
    return (st.session_state.get(key) or {}).get(name)
