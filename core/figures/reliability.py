"""The reliability diagram: confidence of the predictions against how often they are right."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis.calibration import Calibration
from core.figures.palette import FIT_COLOUR, HELD_OUT_COLOUR, TRAINING_COLOUR, translucent
from core.figures.template import empty_figure


def reliability_figure(found: Calibration) -> go.Figure:
    """Return the accuracy of every bin over its confidence, above the number of rows in each bin.

    Trace 0 is the accuracy as bars, trace 1 the mean confidence of each bin as a mark, trace 2 the diagonal, where
    both are equal, trace 3 the rows.
    """
    bins = len(found.counts)
    middles = (np.arange(bins) + 0.5) / bins
    filled = found.counts > 0
    figure = _empty()
    figure.add_trace(
        go.Bar(
            x=middles[filled],
            y=found.accuracy[filled],
            name="accuracy",
            width=0.94 / bins,
            marker={"color": FIT_COLOUR},
            hovertemplate="%{y:.3f}",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=middles[filled],
            y=found.confidence[filled],
            name="mean confidence",
            mode="markers",
            marker={"color": HELD_OUT_COLOUR, "symbol": "line-ew-open", "size": 22, "line": {"width": 3}},
            hovertemplate="%{y:.3f}",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            showlegend=False,
            line={"color": TRAINING_COLOUR, "width": 1.5, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    return figure.add_trace(
        go.Bar(
            x=middles,
            y=found.counts,
            name="rows",
            showlegend=False,
            width=0.94 / bins,
            yaxis="y2",
            marker={"color": translucent(TRAINING_COLOUR, 0.6)},
            hovertemplate="%{y:,}",
        )
    )


def _empty() -> go.Figure:
    """Return the two axes, one above the other, without traces."""
    return empty_figure(
        height=440,
        hovermode="x unified",
        hoversubplots="axis",
        bargap=0.06,
        margin={"l": 52},
        xaxis={
            "title": {"text": "probability of the predicted class"},
            "range": [0, 1.03],
            "dtick": 0.2,
            "anchor": "y2",
            "fixedrange": True,
            "unifiedhovertitle": {"text": "around %{x:.2f}"},
        },
        yaxis={
            "title": {"text": "share correct"},
            "domain": [0.34, 1],
            "range": [0, 1.02],
            "dtick": 0.2,
            "automargin": False,
            "fixedrange": True,
        },
        yaxis2={
            "title": {"text": "rows"},
            "domain": [0, 0.24],
            "rangemode": "tozero",
            "nticks": 3,
            "automargin": False,
            "fixedrange": True,
        },
    )
