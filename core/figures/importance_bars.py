"""How much a network relies on each feature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import FIT_COLOUR, translucent
from core.figures.template import empty_figure, names_axis
from core.figures.text import escape, short


def importance_figure(names: Sequence[str], cost: np.ndarray, deviation: np.ndarray, title: str) -> go.Figure:
    """Return one bar for each feature, from the top in the given order, with whiskers of one standard deviation.

    Args:
        names: m names.
        cost: float (m,): what shuffling the feature costs, on average.
        deviation: float (m,): the standard deviation over the shuffles.
        title: what the cost is.
    """
    figure = empty_figure(
        height=70 + max(26, min(64, 420 // max(len(names), 1))) * len(names),
        showlegend=False,
        bargap=0.35,
        xaxis={
            "title": {"text": short(title, 60)},
            "rangemode": "tozero",
            "nticks": 6,
            "zeroline": True,
            "fixedrange": True,
        },
        yaxis={**names_axis(names, 22), "range": [len(names) - 0.5, -0.5]},
    )
    return figure.add_trace(
        go.Bar(
            x=cost,
            y=list(range(len(names))),
            orientation="h",
            marker={"color": translucent(FIT_COLOUR, 0.55)},
            error_x={"type": "data", "array": deviation, "color": FIT_COLOUR, "thickness": 1.5, "width": 4},
            customdata=np.array(
                [[escape(name), f"{spread:.3g}"] for name, spread in zip(names, deviation, strict=True)]
            ),
            hovertemplate="<b>%{customdata[0]}</b><br>%{x:.4g} ± %{customdata[1]}<extra></extra>",
        )
    )
