"""The view of a search: the best trials, and Optuna's figures of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.datasets import prepare
from core.experiment import count_parameters
from core.studies.results import MemberResult
from core.studies.search import PRUNED, Range, Search
from core.studies.search_words import ranked, search_sentence, trial_words
from core.studies.sentences import score_word
from core.studies.snapshot import StudySnapshot
from core.studies.study import Member
from ui.components.choose_view import choose_view
from ui.components.figure_panel import figure_panel
from ui.components.frame import show_frame
from ui.components.markdown import literal
from ui.session import widgets
from ui.studies.members import open_line, status_word

_HISTORY, _PARALLEL, _IMPORTANCE, _SLICES, _FRONT = (
    "History",
    "Parallel coordinates",
    "Importance",
    "Slices",
    "Accuracy and parameters",
)
_FIGURES_KEPT = 64
_SLICES_IN_A_LINE = 2
_TABLE = 360  # pixels, at most


def show(snapshot: StudySnapshot) -> None:
    """Draw what was found so far."""
    search = snapshot.plan
    assert isinstance(search, Search)
    score, results, key = score_word(search.base), snapshot.results, f"study-{snapshot.key}"
    if said := search_sentence(search, results, score, not snapshot.is_live):
        st.markdown(literal(said))
    views = [_HISTORY, _PARALLEL, _IMPORTANCE, _SLICES]
    view = choose_view([_FRONT, *views] if search.price else views, f"search-view-{search.price}")
    # Results that have ended are the same objects as long as the study goes on, so their figures are made once.
    trials = tuple(result if result.has_ended else result.member for result in results)
    if view == _SLICES:
        _show_slices(search, trials, score, key)
    else:
        figure_panel(f"{key}-{view}", view, _drawn(search, trials, score, view))
    if note := _NOTES.get(view):
        st.caption(note)
    _show_trials(search, results, score, f"{key}-trials")


def _show_trials(search: Search, results: Sequence[MemberResult], score: str, key: str) -> None:
    """Draw a line for every trial, the best first; the one that is ticked can be opened in the lab."""
    order = ranked(search, results)
    trials = [results[place] for place in order]
    settings: dict[str, list[Any]] = {
        search.label(dimension.name): [search.words(*trial.member.settings[column]) for trial in trials]
        for column, dimension in enumerate(search.dimensions)
    }
    for dimension in search.dimensions:
        if isinstance(dimension, Range):
            label = search.label(dimension.name)
            settings[label] = [float(text) for text in settings[label]]
    lines = pd.DataFrame(
        {
            "Trial": [place + 1 for place in order],
            **settings,
            "Last": [trial.last for trial in trials],
            "Best": [trial.best for trial in trials],
            "at epoch": pd.array([trial.best_epoch or None for trial in trials], dtype="Int64"),
            **({"Parameters": parameters_of(search, trials)} if search.price else {}),
            "Epochs": [trial.epochs for trial in trials],
            "Status": ["ended early" if trial.message == PRUNED else status_word(trial) for trial in trials],
        }
    )
    ranges = (search.label(dimension.name) for dimension in search.dimensions if isinstance(dimension, Range))
    numbers = {label: st.column_config.NumberColumn(format="%.4g") for label in ranges}
    figure = st.column_config.NumberColumn(format="%.3f", help=f"Held-out {score}.")
    show_frame(
        lines,
        key=key,
        height=min(_TABLE, 38 + 35 * max(1, len(lines))),
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Last": figure,
            "Best": figure,
            "Trial": st.column_config.NumberColumn(width="small"),
            **numbers,
        },
    )
    rows = (widgets.value(key) or {}).get("selection", {}).get("rows", [])
    if rows and rows[0] < len(trials):
        open_line(trials[rows[0]], f"Trial {order[rows[0]] + 1}", f"{key}-open")
    else:
        st.caption("Tick a trial to open it in the lab.")


_NOTES = {
    _PARALLEL: "A line for each trial. Orange ones are the best: see where they meet.",
    _IMPORTANCE: "How much each setting sets the best tenth of the trials apart. With few trials it is a guess.",
    _FRONT: "No other trial is at least as good with as few parameters as one on the line.",
}


def _show_slices(search: Search, trials: Sequence[MemberResult | Member], score: str, key: str) -> None:
    names = [dimension.name for dimension in search.dimensions]
    for first in range(0, len(names), _SLICES_IN_A_LINE):
        for column, name in zip(st.columns(_SLICES_IN_A_LINE), names[first : first + _SLICES_IN_A_LINE], strict=False):
            with column:
                label = search.label(name)
                figure_panel(f"{key}-slice-{name}", f"Score by {label}", _drawn(search, tuple(trials), score, label))


@lru_cache(_FIGURES_KEPT)
def _drawn(search: Search, trials: tuple[MemberResult | Member, ...], score: str, view: str) -> go.Figure:
    """Return a figure of the trials; those that have not ended are given as members.

    Args:
        view: one of the views above, or the label of a setting for its slice.
    """
    from core.figures import search_figures as figures  # loads Optuna
    from core.studies.proposing import labelled_study

    results = [trial if isinstance(trial, MemberResult) else MemberResult.not_begun(trial) for trial in trials]
    study = labelled_study(search, results, parameters_of(search, results))
    texts = [trial_words(search, result) for result in results]
    labels = [search.label(dimension.name) for dimension in search.dimensions]
    draw: dict[str, Callable[[], go.Figure]] = {
        _HISTORY: lambda: figures.history_figure(study, score, texts),
        _PARALLEL: lambda: figures.parallel_figure(study, score),
        _IMPORTANCE: lambda: figures.importance_figure(study, labels),
        _FRONT: lambda: figures.pareto_figure(study, score, texts),
    }
    return draw[view]() if view in draw else figures.slice_figure(study, view, score, texts)


def parameters_of(search: Search, results: Sequence[MemberResult]) -> list[int]:
    """Return how many parameters the network of each trial has; 0 where they do not count."""
    if not search.price:
        return [0] * len(results)
    split = prepare(search.base.data)
    return [count_parameters(result.member.experiment.network, split.inputs, split.classes) for result in results]
