"""The confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import MATRIX_COLOUR, translucent
from core.figures.template import empty_figure
from core.figures.text import escape, short_names

# From a faint tint to a strong one, so that the page's text colour is readable on every cell of either theme.
_SCALE = [
    [0, translucent(MATRIX_COLOUR, 0.05)],
    [1, translucent(MATRIX_COLOUR, 0.62)],
]


def confusion_figure(class_names: Sequence[str], counts: np.ndarray | None = None) -> go.Figure:
    """Return the confusion matrix: rows true, columns predicted.

    Trace 0 shows the counts, trace 1 (hidden at first) the shares of each row.

    Args:
        class_names: k names.
        counts: int (k, k), or None for an empty matrix.
    """
    size = len(class_names)
    ticks = {
        "tickmode": "array",
        "tickvals": list(range(size)),
        "ticktext": short_names(class_names, 12 if size <= 6 else 8),
        "tickfont": {"size": 12 if size <= 12 else 8},
        "range": [-0.5, size - 0.5],
        "showgrid": False,
        "showline": True,
        "mirror": True,
        "fixedrange": True,
    }
    figure = empty_figure(
        uirevision="confusion",
        dragmode=False,
        xaxis={**ticks, "title": {"text": "predicted", "standoff": 4}},
        yaxis={**ticks, "title": {"text": "true", "standoff": 8}, "range": [size - 0.5, -0.5]},
    )
    names = [escape(name) for name in class_names]
    pairs = np.array([[[true, predicted] for predicted in names] for true in names], dtype=object)
    for z, form, what, visible in (
        (counts, "%{z}", "%{z} rows", True),
        (None if counts is None else row_shares(counts), "%{z:.0%}", "%{z:.1%} of the row", False),
    ):
        figure.add_trace(
            go.Heatmap(
                z=[] if z is None else z,
                customdata=pairs,
                visible=visible,
                showscale=False,
                zmin=0,
                colorscale=_SCALE,
                xgap=1,
                ygap=1,
                texttemplate=form,
                hovertemplate="true <b>%{customdata[0]}</b><br>predicted <b>%{customdata[1]}</b><br>"
                f"{what}<extra></extra>",
            )
        )
    figure.data[1].zmax = 1
    return figure


def row_shares(counts: np.ndarray) -> np.ndarray:
    """Return counts (k, k) over the sums of their rows, float64; zeros in a row whose sum is 0."""
    shares: np.ndarray = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares
