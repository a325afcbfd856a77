"""The job that the session shows, and what a change of the experiment does to it."""

from __future__ import annotations

import secrets

import streamlit as st

from core.jobs.embedded import new_embedded_name
from core.jobs.job import Job
from core.jobs.stream import BROWSER_COOKIE
from ui.server import browser_names, jobs, kept_choices
from ui.session import current
from ui.session.cookies import cookie

_OWNER = "owner"
_EMBEDDED = "embedded"
_TOKEN = "token"
_RETRAINS = "retrain"
_TRAINED = "retrained"
_NOTE = "note"


def owner() -> str:
    """Return the name of this browser; of this session where there are no cookies, as in tests.

    A page that is embedded in one of another site knows nobody, even where it gets a cookie: whoever embeds it could
    have a person click on what they don't see.
    """
    if is_embedded():
        return str(st.session_state.setdefault(_EMBEDDED, new_embedded_name()))
    name = cookie(BROWSER_COOKIE) or st.session_state.setdefault(_OWNER, secrets.token_urlsafe(24))
    return browser_names().present(str(name))  # the tab's cookie is that of its first moment


def is_embedded() -> bool:
    """Return whether the page of this session is embedded in another, as its address says; that stays so."""
    return _EMBEDDED in st.session_state or bool(st.context.is_embedded)


def job() -> Job | None:
    """Return the job that this session shows, if it still exists."""
    token = st.session_state.get(_TOKEN)
    return jobs().get(token, owner()) if token else None


def show(shown: Job | None) -> None:
    """Show a job, or none."""
    st.session_state[_TOKEN] = shown.token if shown else None


def retrains() -> bool:
    """Return whether every change of the experiment trains a new network; in a new session, as the browser chose last.

    What is shown then counts as trained: a reload or another tab trains nothing by itself.
    """
    if _RETRAINS not in st.session_state:
        st.session_state[_RETRAINS] = kept_choices().retrains(owner())
        if st.session_state[_RETRAINS]:
            st.session_state[_TRAINED] = current.experiment()
    on: bool = st.session_state[_RETRAINS]
    return on


def set_retrains(on: bool) -> None:
    """Switch training on every change on or off."""
    if on != retrains():
        st.session_state[_RETRAINS] = on
        kept_choices().keep_retrains(owner(), on)
    if not on:
        st.session_state.pop(_TRAINED, None)


def has_new_experiment() -> bool:
    """Return whether the experiment has changed since the last call, or since `set_retrains` was switched on."""
    before = st.session_state.get(_TRAINED)
    st.session_state[_TRAINED] = current.experiment()
    return before != current.experiment()


def leave_note(text: str) -> None:
    """Leave a message to be shown once, when the page is next drawn."""
    st.session_state[_NOTE] = text


def pop_note() -> str:
    """Return the message to be shown, once; "" where there is none."""
    text: str = st.session_state.pop(_NOTE, "")
    return text
