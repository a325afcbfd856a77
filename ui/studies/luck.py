"""The view of a study of luck: how far the same experiment comes with other seeds."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.analysis.bands import bands_of
from core.figures import on_a_page
from core.figures.study_curves import bands_figure
from core.figures.study_spread import Published, final_histogram
from core.studies.published import recipe_of
from core.studies.results import MemberResult, Summary
from core.studies.sentences import score_word
from core.studies.snapshot import StudySnapshot
from core.studies.study import DATA, Study
from ui.components.figure_panel import figure_panel
from ui.studies.boundaries import has_boundaries, show_boundary
from ui.studies.members import open_line, show_members
from ui.studies.metrics import choose_metric, curves_of, ended_early, epochs_of

_HEIGHT = 330
_BOUNDARY = 330


def show(snapshot: StudySnapshot) -> None:
    """Draw the bands, the histogram, the best and the worst run, and the table."""
    study = snapshot.plan
    assert isinstance(study, Study)
    summary, score = Summary.of((), snapshot.results), score_word(study.base)
    if summary.last is not None:
        st.markdown(_sentence(summary, score, is_whole=snapshot.ended == snapshot.total))
    key = f"study-{snapshot.key}"
    curves, finals = st.columns([3, 2])
    with curves:
        column, title = choose_metric(study.base, "luck-metric")
        bands = bands_of(curves_of(snapshot.results, column))
        figure = bands_figure(bands, title, epochs_of(snapshot.results))
        figure_panel(f"{key}-bands", f"Bands of {title}", on_a_page(figure, _HEIGHT))
        if note := ended_early(snapshot.results):
            st.caption(note)
    with finals:
        st.markdown(f"How many runs end with which held-out {score}")
        figures = np.array([one.last for one in snapshot.results if one.last is not None], np.float64)
        recipe = recipe_of(study.base)
        published = Published(*recipe.published) if recipe and recipe.published else None
        histogram = on_a_page(final_histogram(figures, f"final {score}", published), _HEIGHT)
        histogram.layout.margin.t = 26
        figure_panel(f"{key}-finals", "Final figures", histogram)
        if recipe and published:
            st.caption(f"The tutorial of “{recipe.title}” reports {published.words}.")
    _show_ends(summary, study, key)
    names = [_name(study, result) for result in snapshot.results]
    show_members(snapshot.results, names, score, f"{key}-members")


def _sentence(summary: Summary, score: str, *, is_whole: bool) -> str:
    said = summary.sentence()
    return f"Held-out {score}{'' if is_whole else ' so far'}: {said[0].lower()}{said[1:]}"


def _show_ends(summary: Summary, study: Study, key: str) -> None:
    """Draw the best and the worst run beside each other."""
    best, worst = summary.best, summary.worst
    if best is None or worst is None or best is worst:
        return
    draws = has_boundaries(study.base.data)
    for place, word, result in zip(st.columns(2), ("Best", "Worst"), (best, worst), strict=True):
        with place:
            name = _name(study, result)
            open_line(result, f"{word}, {name}", f"{key}-{word.lower()}-open")
            if draws:
                show_boundary(result, f"{key}-{word.lower()}", f"{word} run's boundary", _BOUNDARY)


def _name(study: Study, result: MemberResult) -> str:
    return f"{'data seed' if study.luck == DATA else 'seed'} {result.member.seed}"
