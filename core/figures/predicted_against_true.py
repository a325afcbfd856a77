"""Predicted numbers and residuals against true numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.analysis.regression import widened
from core.figures.palette import HELD_OUT_COLOUR, TRAINING_COLOUR
from core.figures.plane_axes import FRAME
from core.figures.template import empty_figure, on_a_page
from core.figures.text import short, whole

_HEIGHT = 440  # pixels, outside the panel


_TOP_LEFT = {
    "xref": "paper",
    "yref": "paper",
    "x": 0.02,
    "y": 0.98,
    "xanchor": "left",
    "yanchor": "top",
    "showarrow": False,
}


def fit_figure(true_values: np.ndarray, target_name: str) -> go.Figure:
    """Return the empty figure of predictions, and of residuals, against the true values of the same rows.

    Trace 0 is for the predictions, over a diagonal (trace 2); trace 1 for the residuals, over a line at zero
    (trace 3). Residuals are hidden at first. Annotation 0 is for a score.

    Args:
        true_values: float (m,), in the target's own units.
        target_name: what the target is.
    """
    low, high = _range(true_values)
    margin = 0.05 * (high - low)
    name = short(target_name, 30)
    figure = empty_figure(
        uirevision=f"fit {low} {high}",
        hovermode="closest",
        showlegend=False,
        xaxis={
            "range": [low - margin, high + margin],
            "title": {"text": f"true {name}", "standoff": 4},
            "nticks": 6,
            **FRAME,
        },
        yaxis={"nticks": 6, **FRAME},
        annotations=[_TOP_LEFT | {"text": ""}],
    )
    figure.update_layout(predicted_layout(true_values))
    x = true_values.astype(np.float32)
    for residuals, form in ((False, "predicted"), (True, "residual")):
        figure.add_trace(
            go.Scatter(
                x=x,
                y=[],
                mode="markers",
                visible=not residuals,
                marker={"color": HELD_OUT_COLOUR, "size": 5, "opacity": 0.7, "line": {"width": 0}},
                hovertemplate=f"{whole(target_name)}<br>true %{{x:.4g}}<br>{form} %{{y:.4g}}<extra></extra>",
            )
        )
    for residuals, ends in ((False, [low, high]), (True, [0, 0])):
        figure.add_trace(
            go.Scatter(
                x=[low, high],
                y=ends,
                mode="lines",
                visible=not residuals,
                line={"color": TRAINING_COLOUR, "width": 1.5, "dash": "dot"},
                hoverinfo="skip",
            )
        )
    return figure


def predictions_figure(true_values: np.ndarray, predicted: np.ndarray, target_name: str) -> go.Figure:
    """Return predicted against true values, float (m,) each; see `fit_figure`."""
    figure = on_a_page(fit_figure(true_values, target_name), _HEIGHT)
    figure.data[0].y = predicted.astype(np.float32)
    return figure


def residuals_figure(true_values: np.ndarray, predicted: np.ndarray, target_name: str) -> go.Figure:
    """Return residuals (predicted − true values, float (m,) each) against the predicted values.

    Against the true values, the residuals of any imperfect network slope, because its predictions vary less.
    """
    figure = on_a_page(fit_figure(predicted, target_name), _HEIGHT).update_layout(**residuals_layout(true_values))
    figure.update_xaxes(title_text=f"predicted {short(target_name, 30)}")
    figure.data[1].update(
        y=(predicted - true_values).astype(np.float32),
        hovertemplate=f"{whole(target_name)}<br>predicted %{{x:.4g}}<br>residual %{{y:.4g}}<extra></extra>",
    )
    for index, trace in enumerate(figure.data):
        trace.visible = index in (1, 3)
    return figure


def predicted_layout(true_values: np.ndarray) -> dict[str, Any]:
    """Return the layout, by Plotly's paths, of a y axis for predictions."""
    low, high = _range(true_values)
    return _y_axis("predicted", low, high, high - low)


def residuals_layout(true_values: np.ndarray) -> dict[str, Any]:
    """Return the layout, by Plotly's paths, of a y axis for residuals."""
    low, high = _range(true_values)
    quarter = (high - low) / 4
    return _y_axis("predicted − true", -quarter, quarter, high - low)


def _y_axis(title: str, low: float, high: float, beyond: float) -> dict[str, Any]:
    """Return a y axis from low to high that grows for values outside, by `beyond` at most."""
    return {
        "yaxis.title.text": title,
        "yaxis.autorange": True,
        "yaxis.autorangeoptions.include": [low, high],
        "yaxis.autorangeoptions.clipmin": low - beyond,
        "yaxis.autorangeoptions.clipmax": high + beyond,
    }


def _range(true_values: np.ndarray) -> tuple[float, float]:
    low, high = (float(true_values.min()), float(true_values.max())) if len(true_values) else (0.0, 1.0)
    return widened(low, high)
