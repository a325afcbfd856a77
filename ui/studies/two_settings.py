"""The view of a study of two settings: a grid of live boundaries beside a heatmap of the final figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.figures import on_a_page
from core.figures.study_grid import GridAxes, boundary_grid_figure, heatmap_figure, hover_text
from core.studies.results import Summary
from core.studies.sentences import best_sentence, score_word
from core.studies.setting_words import words_of
from core.studies.snapshot import StudySnapshot
from ui.components.figure_panel import figure_panel
from ui.components.markdown import literal
from ui.session import studies as session
from ui.studies.boundaries import CELLS_MOST, has_boundaries, show_grid
from ui.studies.members import show_members
from ui.studies.metrics import ended_early
from ui.studies.one_setting import show_summaries
from ui.studies.varied_views import choose_by_name, clicked, middle_run, names_of, study_of, summaries_of

_HEIGHT_LEAST, _HEIGHT_MOST, _ROW = 300, 620, 120


def show(snapshot: StudySnapshot) -> None:
    """Draw the grid and the heatmap; a cell that is clicked shows its runs."""
    study, summaries = study_of(snapshot), summaries_of(snapshot)
    score, key = score_word(study.base), f"study-{snapshot.key}"
    names = names_of(study, summaries)
    if any(one.last is not None for one in summaries):
        st.markdown(literal(best_sentence(names, summaries, score)))
    down, across = (words_of(varied) for varied in study.varied)
    axes = GridAxes(across.label, across.values, down.label, down.values)
    texts = [_hover(name, one) for name, one in zip(names, summaries, strict=True)]
    chosen = session.chosen(key)
    height = min(_HEIGHT_MOST, max(_HEIGHT_LEAST, 90 + _ROW * len(down.values)))
    draws = has_boundaries(study.base.data) and len(summaries) <= CELLS_MOST
    places = st.columns(2) if draws else [st.container()]
    if draws:
        with places[0]:
            st.markdown("Boundary of the run with the median figure")
            _show_boundaries(axes, texts, summaries, key, height)
    with places[-1]:
        st.markdown(literal(f"Mean held-out {score}"))
        means = np.array([np.nan if one.last is None else one.last.mean for one in summaries])
        shape = len(down.values), len(across.values)
        figure = on_a_page(heatmap_figure(axes, means.reshape(shape), texts, score, chosen), height)
        panel = f"{key}-heatmap"
        figure_panel(panel, f"Mean {score}", figure, on_clicked=lambda: _choose(panel, axes, key))
    if note := ended_early(snapshot.results):
        st.caption(note)
    choose_by_name("Cell whose runs are shown", names, key)
    if chosen is None or chosen >= len(summaries):
        show_summaries(names, summaries, f"{key}-cells")
        return
    one = summaries[chosen]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(names[chosen])}**", width="content")
        st.button("Show all cells", on_click=session.choose, args=(key, None), key=f"{key}-all")
    show_members(one.results, [f"seed {result.member.seed}" for result in one.results], score, f"{key}-cell-{chosen}")


def _show_boundaries(axes: GridAxes, texts: Sequence[str], summaries: Sequence[Summary], key: str, height: int) -> None:
    panel = f"{key}-grid"
    figure = on_a_page(boundary_grid_figure(axes, texts, session.chosen(key)), height)
    show_grid(panel, "Grid of boundaries", figure, [middle_run(one) for one in summaries],
              lambda: _choose(panel, axes, key))  # fmt: skip


def _choose(panel: str, axes: GridAxes, key: str) -> None:
    place = clicked(panel)
    session.choose(key, None if place is None else axes.cell_at(*place))


def _hover(name: str, one: Summary) -> str:
    if one.last is None:
        return hover_text(name, *([f"{one.failed} diverged"] if one.failed else []))
    lines = [f"mean {one.last.mean:.3f}"]
    if one.last.count > 1:
        lines = [
            f"mean {one.last.mean:.3f}, std. dev. {one.last.deviation:.3f}",
            f"{one.last.count} runs, {one.last.low:.3f} to {one.last.high:.3f}",
        ]
    return hover_text(name, *lines, *([f"{one.failed} diverged"] if one.failed else []))
