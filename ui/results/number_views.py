"""The results page's views of regression: predicted against true, residuals, worst predictions."""

from __future__ import annotations

import streamlit as st

from core.analysis.evaluation import worst_numbers
from core.analysis.regression import shown_rows
from core.figures import predictions_figure, residuals_figure
from ui.components.chart import draw
from ui.results.row_tables import WORST_LINES, show_rows
from ui.results.run_results import RunResults
from ui.words import count_of

_POINTS_MOST = 2000


def show_predictions(results: RunResults, part: str) -> None:
    """Draw predicted numbers and residuals against true numbers."""
    answers, scores = results.answers(part), results.number_scores(part)
    shown = shown_rows(len(answers), _POINTS_MOST)
    true, predicted, name = answers.target[shown], answers.predictions[shown], results.split.target_name
    for column, figure, key in zip(
        st.columns(2, gap="medium"),
        (predictions_figure(true, predicted, name), residuals_figure(true, predicted, name)),
        ("predictions", "residuals"),
        strict=True,
    ):
        with column:
            draw(figure, key, key.capitalize(), fills=True)
    st.caption(
        f"R² {scores.r2:.3f} · MAE {scores.mae:.4g} · RMSE {scores.rmse:.4g} on {count_of(scores.rows, 'row')}"
        + (f"; {len(shown):,} of them drawn, chosen at random." if len(shown) < scores.rows else ".")
    )


def show_worst(results: RunResults, part: str) -> None:
    """List the rows with the largest errors."""
    answers = results.answers(part)
    show_rows(results, part, worst_numbers(answers.predictions, answers.target, len(answers)), "worst", WORST_LINES)
