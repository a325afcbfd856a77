"""The learning rate by epoch."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import TRAINING_COLOUR
from core.figures.template import empty_figure

_HEIGHT = 170


def schedule_figure(epochs: np.ndarray, rates: np.ndarray) -> go.Figure:
    """Return the learning rate over the epochs as a small curve.

    Its layout needs no measuring, so it can be drawn while it is hidden, as in a closed sidebar.

    Args:
        epochs: float64 (times,), in epochs from the start of training, rising; none gives empty axes.
        rates: float64 (times,), the learning rate at those times.
    """
    axis = {"automargin": False, "fixedrange": True}
    figure = empty_figure(
        height=_HEIGHT,
        showlegend=False,
        hovermode="x",
        meta={"x": "epoch", "y": "learning rate"},  # what the annotations are, for chart_reading.js
        margin={"l": 48, "r": 10, "t": 24, "b": 40},
        xaxis={**axis, "range": [0, float(epochs.max(initial=0)) or 1], "showgrid": False, "nticks": 6},
        yaxis={**axis, "rangemode": "tozero", "nticks": 4},
    )
    figure.add_trace(
        go.Scatter(
            x=epochs,
            y=rates,
            mode="lines",
            line={"color": TRAINING_COLOUR, "width": 2},
            hovertemplate="epoch %{x:.1f}: %{y:.3g}<extra></extra>",
        )
    )
    # Plotly would place the axes' own titles by measuring the tick labels.
    here = {"xref": "paper", "yref": "paper", "showarrow": False}
    figure.add_annotation(text="learning rate", x=0, y=1, xanchor="center", yanchor="bottom", **here)
    figure.add_annotation(text="epoch", x=1, y=0, xanchor="right", yanchor="top", yshift=-18, **here)
    return figure
