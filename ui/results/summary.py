"""The summary: the scores of every part side by side, what they say, and how training went."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis.verdict import Finding, class_findings, number_findings
from core.figures import curves_figure, on_a_page
from core.figures.curves import COLUMNS
from ui.components.chart import draw
from ui.results.look import Look

_CURVE_POINTS = 1000
_CURVES_HEIGHT = 380


def show(look: Look) -> None:
    """Draw the summary."""
    words, curves = st.columns(2, gap="medium")
    with words:
        st.dataframe(_class_table(look) if look.split.classes else _number_table(look), hide_index=True)
        if look.split.classes:
            st.caption(
                "The interval holds, with 95 % confidence, the accuracy that many more such rows would give (Wilson's "
                "score interval): the fewer rows, the wider."
            )
        for found in _findings(look):
            st.markdown(f"**{found.headline}.** {found.sentence}")
    with curves:
        _show_curves(look)


def _class_table(look: Look) -> pd.DataFrame:
    scores = {part: look.class_scores(part) for part in look.parts}
    return pd.DataFrame(
        {
            "rows": list(scores),
            "count": [score.rows for score in scores.values()],
            "accuracy": [f"{score.accuracy:.3f}" for score in scores.values()],
            "95 % interval": [f"{score.low:.3f} – {score.high:.3f}" for score in scores.values()],
            "cross-entropy": [f"{score.loss:.4f}" for score in scores.values()],
        }
    )


def _number_table(look: Look) -> pd.DataFrame:
    scores = {part: look.number_scores(part) for part in look.parts}
    return pd.DataFrame(
        {
            "rows": list(scores),
            "count": [score.rows for score in scores.values()],
            "R²": [f"{score.r2:.3f}" for score in scores.values()],
            "MAE": [f"{score.mae:.4g}" for score in scores.values()],
            "RMSE": [f"{score.rmse:.4g}" for score in scores.values()],
        }
    )


def _findings(look: Look) -> tuple[Finding, ...]:
    held_out = look.validated_on
    name = held_out or "training"
    if look.split.classes:
        return class_findings(
            look.history, look.class_scores("training"), look.class_scores(held_out) if held_out else None, name
        )
    return number_findings(
        look.history, look.number_scores("training"), look.number_scores(held_out) if held_out else None, name
    )


def _show_curves(look: Look) -> None:
    task = look.split.task
    figure = on_a_page(
        curves_figure(look.epoch, task, held_out_name=look.validated_on or "training, too"), _CURVES_HEIGHT
    )
    shown = np.unique(np.linspace(1, max(look.epoch, 1), _CURVE_POINTS).astype(int))[: look.epoch]
    for trace, name in zip(figure.data, COLUMNS[task], strict=True):
        trace.update(x=shown, y=np.asarray(look.history[name])[shown - 1])
    draw(figure, "curves")
