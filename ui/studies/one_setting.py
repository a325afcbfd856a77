"""The view of a study of one setting: the final figure against its values, with their spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st

from core.analysis.bands import bands_of
from core.figures import on_a_page
from core.figures.study_curves import SettingCurve, setting_curves_figure
from core.figures.study_grid import PictureLines, hover_text, picture_lines_figure
from core.figures.study_spread import SettingSpread, setting_spread_figure
from core.studies.results import Summary
from core.studies.sentences import best_sentence, score_word
from core.studies.setting_words import SettingWords, words_of
from core.studies.snapshot import StudySnapshot
from core.studies.study import Study
from ui.components.choose_view import choose_view
from ui.components.figure_panel import figure_panel
from ui.components.frame import show_frame
from ui.components.markdown import literal
from ui.session import studies as session
from ui.studies.boundaries import CELLS_MOST, has_boundaries, show_grid
from ui.studies.members import open_line, show_members
from ui.studies.metrics import choose_metric, curves_of, ended_early, epochs_of
from ui.studies.varied_views import (
    choose_by_name,
    clicked,
    figures_of,
    lines_of,
    middle_run,
    names_of,
    study_of,
    summaries_of,
)

_HEIGHT = 340
_IN_A_LINE = 5
_LINE = 200  # pixels


def show(snapshot: StudySnapshot) -> None:
    """Draw the spread, the curves, and the boundaries or a table."""
    study, summaries = study_of(snapshot), summaries_of(snapshot)
    words, score, key = words_of(study.varied[0]), score_word(study.base), f"study-{snapshot.key}"
    names = names_of(study, summaries)
    if any(one.last is not None for one in summaries):
        st.markdown(literal(best_sentence(names, summaries, score)))
    curves, finals = st.columns([3, 2])
    with curves:
        column, title = choose_metric(study.base, "one-metric")
        drawn = [
            SettingCurve(value, bands_of(curves_of(one.results, column)))
            for value, one in zip(words.values, summaries, strict=True)
        ]
        figure = setting_curves_figure(drawn, words.label, title, epochs_of(snapshot.results), ordered=words.is_ordered)
        figure_panel(f"{key}-curves", f"Curves of {title}", on_a_page(figure, _HEIGHT))
    with finals:
        st.markdown(literal(f"Final {score} by {words.label}"))
        figure_panel(f"{key}-spread", "Final figures", on_a_page(_spread(words, summaries, score), _HEIGHT))
    if note := ended_early(snapshot.results):
        st.caption(note)
    views: dict[str, Callable[[], None]] = {
        "Boundaries": lambda: _show_boundaries(words, summaries, key),
        "By value": lambda: show_summaries(names, summaries, f"{key}-values"),
        "All runs": lambda: _show_runs(snapshot, study, names, summaries),
    }
    if not has_boundaries(study.base.data) or len(summaries) > CELLS_MOST:
        del views["Boundaries"]
    views[choose_view(list(views), f"one-view-{len(views)}")]()


def show_summaries(names: Sequence[str], summaries: Sequence[Summary], key: str) -> None:
    """Draw a table with a line for every combination of settings."""
    number = st.column_config.NumberColumn(format="%.3f")
    columns = ("Mean", "Std. dev.", "Lowest", "Highest", "Mean at best epoch")
    frame = lines_of(names, summaries)
    show_frame(frame, key=key, height="content", placeholder="–", column_config=dict.fromkeys(columns, number))


def _spread(words: SettingWords, summaries: Sequence[Summary], score: str) -> go.Figure:
    spreads = [
        SettingSpread(value, number, figures_of(one), one.failed)
        for value, number, one in zip(words.values, words.numbers, summaries, strict=True)
    ]
    return setting_spread_figure(spreads, words.label, f"final {score}")


def _show_boundaries(words: SettingWords, summaries: Sequence[Summary], key: str) -> None:
    """Draw the middle run of every value; the one that is clicked can be opened in the lab."""
    runs = [middle_run(one) for one in summaries]
    lines = PictureLines(len(runs), min(_IN_A_LINE, len(runs)))
    texts = [
        hover_text(words.named(place), *(() if one.last is None else (f"median {one.last.median:.3f}",)))
        for place, one in enumerate(summaries)
    ]
    titles = [words.named(place) if len(words.values) < 4 else value for place, value in enumerate(words.values)]
    figure = picture_lines_figure(lines, titles, texts)
    panel = f"{key}-boundaries"

    def choose() -> None:
        place = clicked(panel)
        session.choose(key, None if place is None else lines.cell_at(*place))

    show_grid(panel, "Boundaries", on_a_page(figure, 30 + _LINE * lines.lines), runs, choose)
    chosen = session.chosen(key)
    st.caption("Of each value, the run with the median figure.")
    choose_by_name("Run to open in the lab", [words.named(place) for place in range(len(runs))], key)
    if chosen is not None and chosen < len(runs):
        run = runs[chosen]
        open_line(run, f"{words.named(chosen)}, seed {run.member.seed}", f"{key}-open")


def _show_runs(snapshot: StudySnapshot, study: Study, names: Sequence[str], summaries: Sequence[Summary]) -> None:
    run_names = [
        f"{name}, seed {result.member.seed}"
        for name, one in zip(names, summaries, strict=True)
        for result in one.results
    ]
    show_members(snapshot.results, run_names, score_word(study.base), f"study-{snapshot.key}-members")
