"""Which metric the curves of a study show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.experiment import Experiment, menus
from core.studies.results import MemberResult

_TITLES = {
    "val_accuracy": "Held-out accuracy",
    "val_r2": "Held-out R²",
    "val_loss": "Held-out loss",
    "loss": "Training loss",
}


def choose_metric(base: Experiment, key: str) -> tuple[str, str]:
    """Choose a column of the history; return it with its title."""
    score = "val_accuracy" if base.data.task == menus.CLASSES else "val_r2"
    columns = (score, "val_loss", "loss")
    chosen = st.segmented_control(
        "Curves",
        columns,
        default=score,
        required=True,
        format_func=_TITLES.__getitem__,
        key=key,
        label_visibility="collapsed",
        persist_state="session",
    )
    column = chosen if chosen in columns else score
    return column, _TITLES[column].lower().replace("r²", "R²")


def curves_of(results: Sequence[MemberResult], column: str) -> list[np.ndarray]:
    """Return a column of the history of every run that has it: float32 (epochs,) each."""
    return [result.history[column] for result in results if column in result.history]


def epochs_of(results: Sequence[MemberResult]) -> int:
    """Return where the axis of epochs ends: at the most that any of the runs is asked for."""
    return max((result.member.experiment.training.epochs for result in results), default=1)


def ended_early(results: Sequence[MemberResult]) -> str:
    """Say what a person should know of runs that have ended before the others; "" where there is nothing."""
    early = [one for one in results if one.status == "finished" and one.epochs < one.member.experiment.training.epochs]
    failed = [one for one in results if one.status == "failed"]
    words = []
    if early:
        words.append(f"{_runs(len(early))} stopped early; from there on the curves are those of the others.")
    if failed:
        words.append(f"{_runs(len(failed))} diverged, and {'has' if len(failed) == 1 else 'have'} no final figure.")
    return " ".join(words)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
