"""The files that the session has uploaded: their names, and what was last done with one."""

from __future__ import annotations

import streamlit as st

from core.experiment import DataSpec

_NAMES = "files"
_DATA = "file data"
_PROBLEM = "upload problem"


def remember_name(file: str, name: str) -> None:
    """Remember the name that a file has on the person's computer.

    Args:
        file: its fingerprint.
        name: its name.
    """
    st.session_state[_NAMES] = st.session_state.get(_NAMES, {}) | {file: name}


def name_of(file: str) -> str:
    """Return a file's name, or its fingerprint where it came by a link."""
    name: str = st.session_state.get(_NAMES, {}).get(file, f"file {file[:8]}…")
    return name


def has_name(file: str) -> bool:
    """Return whether this session knows a file's name."""
    return file in st.session_state.get(_NAMES, {})


def keep_data(data: DataSpec) -> None:
    """Remember the settings of a file, for when the person comes back to it from another data set."""
    st.session_state[_DATA] = data


def last_data() -> DataSpec:
    """Return the last settings of a file; without one, data that wait for a file."""
    data: DataSpec = st.session_state.get(_DATA, DataSpec("file"))
    return data


def set_problem(text: str) -> None:
    """Set what is wrong with the last upload; "" where nothing is."""
    st.session_state[_PROBLEM] = text


def problem() -> str:
    """Return what is wrong with the last upload, or ""."""
    text: str = st.session_state.get(_PROBLEM, "")
    return text
