"""The address bar: the whole experiment, what of its controls is hidden or locked, and the lesson that is open."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.experiment import read_address, to_params
from core.experiment.control_limits import HIDE, LOCK
from ui.session import current, lesson, limits

_ADDRESSES = "addresses"

_Pairs = tuple[tuple[str, str], ...]


def follow() -> None:
    """Take the experiment from the address bar, unless this session has written or read that address before.

    A browser that does not have the newest address yet sends an older one, which must not change anything. Any other
    address was chosen by a link or by hand. An older address counts as chosen too if Back or Forward leads to it,
    which the browser reports.
    """
    found, known = _found(), _known()
    if found in known and not (_came_by_history() and found != known[-1]):
        st.session_state[_ADDRESSES] = known[known.index(found) :]  # the browser can no longer send earlier ones
    elif found:
        current.set_experiment(*read_address(found))
        st.session_state[_ADDRESSES] = (*known, found)


def write() -> None:
    """Put the whole experiment into the address bar."""
    written = tuple(to_params(current.experiment()).items())
    # The address found may be an older one, while the browser is about to receive the newest.
    is_written = limits.is_written() and lesson.is_written()
    if written != _found() or (written,) != _known()[-1:] or not is_written:
        st.query_params.from_dict(next_params())


def next_params() -> dict[str, str]:
    """Return the whole experiment as the address that the browser is about to receive, and remember that address."""
    params = to_params(current.experiment())
    written, known = tuple(params.items()), _known()
    if (written,) != known[-1:]:
        st.session_state[_ADDRESSES] = (*known, written)
    return params | limits.of_link().to_params() | lesson.to_params()


def _found() -> _Pairs:
    keys = [key for key in st.query_params if key not in (HIDE, LOCK, lesson.PARAM)]
    return tuple((key, text) for key in keys for text in st.query_params.get_all(key))


def _known() -> tuple[_Pairs, ...]:
    """Return the addresses that the browser may have, as far as this session knows, newest last."""
    known: tuple[_Pairs, ...] = st.session_state.get(_ADDRESSES, ())
    return known


def _came_by_history() -> bool:
    """Return whether Back or Forward caused this run of the page."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation
