"""What the views of studies that vary settings share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.studies.results import MemberResult, StudyResult, Summary
from core.studies.setting_words import words_of
from core.studies.snapshot import StudySnapshot
from core.studies.study import Study
from ui.session import studies as session
from ui.session import widgets

_FAR = 1e6


def study_of(snapshot: StudySnapshot) -> Study:
    """Return the plan of a study that varies settings."""
    assert isinstance(snapshot.plan, Study)
    return snapshot.plan


def summaries_of(snapshot: StudySnapshot) -> list[Summary]:
    """Return a summary for every combination of settings, in the order of the study."""
    return StudyResult(study_of(snapshot), snapshot.results, snapshot.seconds).summaries()


def names_of(study: Study, summaries: Sequence[Summary]) -> list[str]:
    """Return every combination of settings in words, such as "learning rate 0.1, units 4"."""
    words = [(varied, words_of(varied)) for varied in study.varied]
    return [
        ", ".join(
            known.named(varied.values.index(text))
            for (varied, known), (_, text) in zip(words, summary.settings, strict=True)
        )
        for summary in summaries
    ]


def middle_run(summary: Summary) -> MemberResult:
    """Return the run whose last figure is nearest to the median; where there are no figures, the first one.

    That may be one without a boundary: it has not begun, or the study was stopped before it had one.
    """
    if summary.last is None:
        return next((one for one in summary.results if one.surface is not None), summary.results[0])
    median = summary.last.median
    known = [result for result in summary.results if result.last is not None]
    return min(known, key=lambda result: abs((result.last or 0.0) - median))


def lines_of(names: Sequence[str], summaries: Sequence[Summary]) -> pd.DataFrame:
    """Return a line for every combination of settings."""
    figures = {
        "Mean": [None if one.last is None else one.last.mean for one in summaries],
        "Std. dev.": [None if one.last is None or one.last.count < 2 else one.last.deviation for one in summaries],
        "Lowest": [None if one.last is None else one.last.low for one in summaries],
        "Highest": [None if one.last is None else one.last.high for one in summaries],
        "Mean at best epoch": [None if one.at_best is None else one.at_best.mean for one in summaries],
    }
    return pd.DataFrame(
        {
            "Settings": list(names),
            "Runs": [len(one.results) for one in summaries],
            **{name: pd.array(values, dtype="Float64") for name, values in figures.items()},
            "Diverged": [one.failed for one in summaries],
        }
    )


def figures_of(summary: Summary) -> np.ndarray:
    """Return the last figures of the runs that have one: float64 (runs,)."""
    return np.array([result.last for result in summary.results if result.last is not None], np.float64)


def choose_by_name(label: str, names: Sequence[str], key: str) -> None:
    """Let a person choose by name what they can also click on in the figures of a study.

    Args:
        label: what is chosen.
        names: in the order of the places.
        key: of the study.
    """
    menu, place = f"{key}-by-name", session.chosen(key)
    widgets.set_value(menu, place if place is not None and place < len(names) else None)
    st.selectbox(
        label,
        range(len(names)),
        None,
        format_func=lambda place: names[place],
        key=menu,
        placeholder="Click a picture, or choose here",
        on_change=lambda: session.choose(key, widgets.value(menu)),
        width=320,
    )


def clicked(panel: str) -> tuple[float, float] | None:
    """Return where a figure was clicked, in the units of its axes; what comes from a browser may be anything."""
    match widgets.component_value(panel, "clicked"):
        case [int() | float() as x, int() | float() as y] if abs(x) < _FAR and abs(y) < _FAR:
            return float(x), float(y)
    return None
