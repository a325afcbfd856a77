"""What a session remembers of the page "Try it": the bundle that was brought, the row that is tried, its answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.trained.what_if import Trial

if TYPE_CHECKING:
    from core.trained.bundle import Bundle
    from core.trained.row_predictions import Predictions

_BUNDLE = "bundle"
_BUNDLE_PROBLEM = "bundle problem"
_TRIAL = "trial"
_PREDICTIONS = "predictions"


def bundle() -> tuple[str, Bundle] | None:
    """Return the bundle that was brought to be tried, with its file's name; None where the lab's run is tried."""
    brought: tuple[str, Bundle] | None = st.session_state.get(_BUNDLE)
    return brought


def set_bundle(brought: tuple[str, Bundle] | None) -> None:
    """Try a bundle, or again the lab's run."""
    st.session_state[_BUNDLE] = brought
    st.session_state[_BUNDLE_PROBLEM] = ""


def set_bundle_problem(text: str) -> None:
    """Say what is wrong with the last bundle that was brought, until another comes."""
    st.session_state[_BUNDLE_PROBLEM] = text


def bundle_problem() -> str:
    """Return what is wrong with the last bundle that was brought, or ""."""
    text: str = st.session_state.get(_BUNDLE_PROBLEM, "")
    return text


def trial(of: str, typical: np.ndarray) -> Trial:
    """Return what is tried of a run or bundle; at first its typical row."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    if kept is None or kept.of != of or kept.row.shape != typical.shape:
        kept = st.session_state[_TRIAL] = Trial(of, typical, revision=kept.revision + 1 if kept else 0)
    return kept


def set_trial(of: str, row: np.ndarray, held_out: int | None = None) -> None:
    """Start from another row."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    st.session_state[_TRIAL] = Trial(of, row, held_out, kept.revision + 1 if kept else 0)


def set_trial_problem(text: str) -> None:
    """Say what is wrong with a picture that was brought, until another row is tried."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    if kept is not None:
        st.session_state[_TRIAL] = replace(kept, problem=text)


def predictions(of: str) -> Predictions | None:
    """Return what a run or bundle has said of the last file of rows."""
    whose, said = st.session_state.get(_PREDICTIONS, ("", None))
    return said if whose == of else None


def keep_predictions(of: str, said: Predictions | None) -> None:
    """Remember what a run or bundle says of a file of rows."""
    st.session_state[_PREDICTIONS] = (of, said)
