"""The summary on the results page: scores of every part of the rows, what they mean, and the training curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis.verdict import Finding, class_findings, number_findings
from core.figures import curves_figure, on_a_page
from core.figures.curves import COLUMNS
from ui.components.chart import draw
from ui.components.frame import show_frame
from ui.results.run_results import RunResults

_CURVE_POINTS = 1000
_CURVES_HEIGHT = 380


def show(results: RunResults) -> None:
    """Draw the summary."""
    scores, curves = st.columns([2, 3], gap="medium")
    with scores:
        show_frame(_class_table(results) if results.split.classes else _number_table(results))
        if results.split.classes:
            st.caption(
                "95 % confidence interval (Wilson's score interval) for the accuracy on many more rows like these. "
                "Fewer rows give a wider interval."
            )
        for found in _findings(results):
            st.markdown(f"**{found.headline}.** {found.sentence}")
    with curves:
        _show_curves(results)


def _class_table(results: RunResults) -> pd.DataFrame:
    scores = {part: results.class_scores(part) for part in results.parts}
    return pd.DataFrame(
        {
            "rows": list(scores),
            "count": [score.rows for score in scores.values()],
            "accuracy": [f"{score.accuracy:.3f}" for score in scores.values()],
            "95 % interval": [f"{score.low:.3f} – {score.high:.3f}" for score in scores.values()],
            "cross-entropy": [f"{score.loss:.4f}" for score in scores.values()],
        }
    )


def _number_table(results: RunResults) -> pd.DataFrame:
    scores = {part: results.number_scores(part) for part in results.parts}
    return pd.DataFrame(
        {
            "rows": list(scores),
            "count": [score.rows for score in scores.values()],
            "R²": [f"{score.r2:.3f}" for score in scores.values()],
            "MAE": [f"{score.mae:.4g}" for score in scores.values()],
            "RMSE": [f"{score.rmse:.4g}" for score in scores.values()],
        }
    )


def _findings(results: RunResults) -> tuple[Finding, ...]:
    held_out = results.validated_on
    name = held_out or "training"
    if results.split.classes:
        scores = results.class_scores
        return class_findings(results.history, scores("training"), scores(held_out) if held_out else None, name)
    errors = results.number_scores
    return number_findings(results.history, errors("training"), errors(held_out) if held_out else None, name)


def _show_curves(results: RunResults) -> None:
    task = results.split.task
    figure = on_a_page(curves_figure(results.epoch, task, held_out_name=results.validated_on), _CURVES_HEIGHT)
    shown = np.unique(np.linspace(1, max(results.epoch, 1), _CURVE_POINTS).astype(int))[: results.epoch]
    for trace, name in zip(figure.data, COLUMNS[task], strict=True):
        trace.update(x=shown, y=np.asarray(results.history[name])[shown - 1])
    draw(figure, "curves", "Training curves", fills=True)
