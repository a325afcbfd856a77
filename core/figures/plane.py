"""Two features across and up: the axes, the image below the points, and which points are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.analysis.regression import shown_rows
from core.figures.template import empty_figure
from core.figures.text import short

FRAME = {"showgrid": False, "showline": True, "mirror": True}
POINTS_MOST = 2000  # drawn a figure: more cost frames and hide what is below


def plane_figure(axis_names: Sequence[str], bounds: tuple[float, float, float, float]) -> go.Figure:
    """Return the axes of two features, with an empty image for what the network says of every place.

    Args:
        axis_names: names of the two features.
        bounds: x_low, x_high, y_low, y_high: the range of the axes, and what the image covers.
    """
    x_low, x_high, y_low, y_high = bounds
    x_name, y_name = ({"text": short(name, 40), "standoff": 4} for name in axis_names)
    return empty_figure(
        uirevision="{} {} {} {}".format(*bounds),  # other data, other zoom
        hovermode="closest",
        legend={"itemsizing": "constant", "maxheight": 0.3},  # on a phone, eight classes take three lines
        xaxis={"range": [x_low, x_high], "title": x_name, **FRAME},
        yaxis={"range": [y_low, y_high], "title": y_name, **FRAME},
        images=[
            {
                "layer": "below",
                "sizing": "stretch",
                "xref": "x",
                "yref": "y",
                "x": x_low,
                "y": y_high,
                "xanchor": "left",
                "yanchor": "top",
                "sizex": x_high - x_low,
                "sizey": y_high - y_low,
            }
        ],
    )


def drawn_rows(training: int, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the training and the held-out rows to draw: all, or of more than 2,000 an even choice."""
    rows = training + held_out
    most = POINTS_MOST if rows > POINTS_MOST else rows
    return shown_rows(training, most * training // max(rows, 1)), shown_rows(held_out, most * held_out // max(rows, 1))
