"""The view of a race: boundaries and curves of the racers together, who is ahead, and who reached the target first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.figures import on_a_page
from core.figures.compared_curves import ComparedCurve, compared_curves_figure, line_of
from core.messages.updates import FAILED
from core.studies.race import Race
from core.studies.race_words import lead_sentence, racer_names, target_sentence
from core.studies.results import MemberResult, score_name
from core.studies.sentences import score_word
from core.studies.snapshot import StudySnapshot
from ui.components.figure_panel import figure_panel
from ui.components.markdown import literal
from ui.studies.boundaries import has_boundaries, show_boundary
from ui.studies.members import show_members
from ui.studies.metrics import choose_metric, ended_early, epochs_of

_CURVES = 320
_BOUNDARY = 280
_TARGET = "rgba(128,136,150,0.9)"


def show(snapshot: StudySnapshot) -> None:
    """Draw how the race stands."""
    race = snapshot.plan
    assert isinstance(race, Race)
    results, names, key = snapshot.results, racer_names(race), f"study-{snapshot.key}"
    for said in (lead_sentence(names, results), target_sentence(race, names, results)):
        if said:
            st.markdown(literal(f"{said[0].upper()}{said[1:]}"))
    _show_boundaries(results, names, key)
    base = race.experiments[0]
    column, title = choose_metric(base, "race-metric")
    figure = compared_curves_figure(curves_of(results, names, column), "epoch", title)
    figure.update_xaxes(range=[0, epochs_of(results)])  # the axis stays while the curves grow
    if race.target is not None and column == score_name(base):
        figure.add_hline(y=race.target, line={"color": _TARGET, "width": 1.5, "dash": "6px,3px"})
    figure_panel(f"{key}-curves", f"Curves of {title}", on_a_page(figure, _CURVES))
    if note := ended_early(results):
        st.caption(note)
    show_members(results, names, score_word(base), f"{key}-members")


def curves_of(results: Sequence[MemberResult], names: Sequence[str], column: str) -> list[ComparedCurve]:
    """Return a column of the history of every racer that has it."""
    curves = []
    for place, (name, result) in enumerate(zip(names, results, strict=True)):
        values = np.asarray(result.history.get(column, ()), np.float64)
        if len(values):
            epochs = np.arange(1.0, len(values) + 1)
            curves.append(ComparedCurve(name, place, epochs, values, values, result.status == FAILED))
    return curves


def _show_boundaries(results: Sequence[MemberResult], names: Sequence[str], key: str) -> None:
    if not any(has_boundaries(result.member.experiment.data) for result in results):
        return
    for place, (column, name, result) in enumerate(zip(st.columns(len(results)), names, results, strict=True)):
        with column:
            colour, _ = line_of(place)
            last = "" if result.last is None else f": {result.last:.3f}"
            mark = f'<span style="color:{colour}" aria-hidden="true">●</span>'
            st.markdown(f"{mark} **{literal(name)}**{last}", unsafe_allow_html=True)
            show_boundary(result, f"{key}-racer-{place}", f"Boundary of {name}", _BOUNDARY)
