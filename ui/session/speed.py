"""At which speed this browser trains: the latest choice of any of its tabs."""

from __future__ import annotations

import streamlit as st

from core.messages.pace import FAST, SPEEDS, Pace
from ui.server import kept_choices
from ui.session import run
from ui.session.cookies import cookie

COOKIE = "hidden_layers_speed"  # the browser keeps the choice in it
_IS_READ = "speed is read"
_MOTION_COOKIE = "hidden_layers_motion"  # set by less_motion.js


def chosen() -> str:
    """Return the name of the chosen speed, one of SPEEDS.

    At first a run is for watching; for people who ask their system for less motion it is fast. What the browser has
    kept when a session begins is newer than what the server remembers, which a reload can keep it from hearing.
    """
    if not st.session_state.get(_IS_READ):
        st.session_state[_IS_READ] = True
        if (name := cookie(COOKIE)) in SPEEDS:
            choose(name)
    default = "fast" if cookie(_MOTION_COOKIE) == "less" else "watch"
    return kept_choices().speed(run.owner()) or default


def choose(name: str) -> None:
    """Train at another speed, one of SPEEDS, from now on."""
    kept_choices().keep_speed(run.owner(), name)


def pace() -> Pace:
    """Return the pace of the next run: training on every change is always fast."""
    return FAST if run.retrains() else SPEEDS[chosen()]
