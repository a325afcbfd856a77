"""What the session tries on the page "Try it": an uploaded bundle, a row, and the predictions for a file."""

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
    """Return the uploaded bundle with its file's name; None where the lab's run is tried."""
    uploaded: tuple[str, Bundle] | None = st.session_state.get(_BUNDLE)
    return uploaded


def set_bundle(uploaded: tuple[str, Bundle] | None) -> None:
    """Try a bundle, or the lab's run again."""
    st.session_state[_BUNDLE] = uploaded
    st.session_state[_BUNDLE_PROBLEM] = ""


def set_bundle_problem(text: str) -> None:
    """Set what is wrong with the last bundle, until another is uploaded."""
    st.session_state[_BUNDLE_PROBLEM] = text


def bundle_problem() -> str:
    """Return what is wrong with the last bundle, or ""."""
    text: str = st.session_state.get(_BUNDLE_PROBLEM, "")
    return text


def trial(model: str, typical: np.ndarray) -> Trial:
    """Return the row that is tried on a model; at first its typical row."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    if kept is None or kept.of != model or kept.row.shape != typical.shape:
        kept = st.session_state[_TRIAL] = Trial(model, typical, revision=kept.revision + 1 if kept else 0)
    return kept


def set_trial(model: str, row: np.ndarray, held_out: int | None = None) -> None:
    """Start from another row."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    st.session_state[_TRIAL] = Trial(model, row, held_out, kept.revision + 1 if kept else 0)


def set_trial_problem(text: str) -> None:
    """Set what is wrong with a picture, until another row is tried."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    if kept is not None:
        st.session_state[_TRIAL] = replace(kept, problem=text)


def predictions(model: str) -> Predictions | None:
    """Return what a model predicts for the last file of rows, where that is known."""
    of, found = st.session_state.get(_PREDICTIONS, ("", None))
    return found if of == model else None


def keep_predictions(model: str, found: Predictions | None) -> None:
    """Remember what a model predicts for a file of rows."""
    st.session_state[_PREDICTIONS] = (model, found)
