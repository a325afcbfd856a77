"""The loss against the learning rate, as the learning-rate finder draws it."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import HELD_OUT_COLOUR, MATRIX_COLOUR, TRAINING_COLOUR, translucent
from core.figures.template import empty_figure

_HEIGHT = 380
_ABOVE = 1.6  # how far above the first losses the axis goes, times their value: beyond, they only explode


def rate_finder_figure(
    rates: np.ndarray,
    losses: np.ndarray,
    smoothed: np.ndarray,
    bounds: tuple[float, float],
    present: float,
    suggestion: float | None,
) -> go.Figure:
    """Return the loss of every batch of a sweep, and the smoothed loss, over a logarithmic axis of rates.

    Args:
        rates, losses: float32 (batches,).
        smoothed: float64, of the first of them.
        bounds: the first and last rate of the sweep, where the axis ends.
        present: the rate that the experiment has now, marked by a dotted line.
        suggestion: marked by a solid line; None where there is none.
    """
    finite = losses[np.isfinite(losses)]
    top = max(float(finite[:20].max(initial=0.0)) * _ABOVE, float(smoothed.min(initial=0.0)) * 4) if len(finite) else 1
    bottom = float(finite.min(initial=0.0)) if len(finite) else 0.0
    figure = empty_figure(
        height=_HEIGHT,
        hovermode="x",
        margin={"l": 8, "r": 16, "t": 48, "b": 8},
        legend={"y": 1.06},
        xaxis={
            "type": "log",
            "range": [math.log10(bounds[0]), math.log10(bounds[1])],
            "title": {"text": "learning rate"},
            "dtick": 1,
            "exponentformat": "none",
            "tickformat": "~g",
            "hoverformat": ".3g",
        },
        yaxis={"title": {"text": "loss of a batch"}, "range": [min(0.0, bottom), top], "hoverformat": ".4g"},
    )
    count = len(smoothed)
    figure.add_trace(
        go.Scatter(
            x=rates,
            y=losses,
            name="each batch",
            mode="markers",
            marker={"size": 4, "color": translucent(TRAINING_COLOUR, 0.6)},
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=rates[:count], y=smoothed, name="smoothed", mode="lines", line={"color": MATRIX_COLOUR, "width": 3}
        )
    )
    _mark(figure, present, f"now {present:g}", TRAINING_COLOUR, "dot", 0.0)
    if suggestion is not None:
        _mark(figure, suggestion, f"suggested {suggestion:g}", HELD_OUT_COLOUR, "solid", 0.07)
    return figure


def _mark(figure: go.Figure, rate: float, text: str, colour: str, dash: str, lower: float) -> None:
    """Mark a rate by a line with a word at its top, `lower` by a share of the plot's height."""
    figure.add_shape(
        type="line", x0=rate, x1=rate, y0=0, y1=1, yref="paper", line={"color": colour, "width": 2, "dash": dash}
    )
    figure.add_annotation(
        x=math.log10(rate),
        y=1 - lower,
        yref="paper",
        text=text,
        showarrow=False,
        xanchor="left",
        yanchor="top",
        xshift=4,
        font={"size": 12},
    )
