"""Rows projected onto a plane, and how much of their variance each axis explains."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.figures.colouring import PointTarget, colour_bar, groups_of
from core.figures.palette import FIT_COLOUR, TRAINING_COLOUR
from core.figures.template import empty_figure
from core.figures.text import short


def projection_figure(points: np.ndarray, target: PointTarget, axis_titles: tuple[str, str]) -> go.Figure:
    """Return points coloured by class, one trace each, or by a number.

    Args:
        points: float (m, 2).
        target: of the m points.
        axis_titles: what the axes show; "" hides the numbers of axes without a meaning.
    """
    x_title, y_title = (short(title, 60) for title in axis_titles)
    figure = empty_figure(
        height=520,
        hovermode="closest",
        legend={"itemsizing": "constant"},
        xaxis={"title": {"text": x_title}, "showticklabels": bool(x_title), "showgrid": bool(x_title)},
        yaxis={"title": {"text": y_title}, "showticklabels": bool(y_title), "showgrid": bool(y_title)},
    )
    for group in groups_of(target, 6):
        drawn = points[group.members].astype(np.float32)
        trace = go.Scatter(
            group.trace,
            x=drawn[:, 0],
            y=drawn[:, 1],
            mode="markers",
            hovertemplate=f"{group.hover}<extra></extra>",
        )
        if not target.class_names:
            trace.marker.update(showscale=True, colorbar=colour_bar(target.name))
        figure.add_trace(trace)
    return figure


def scree_figure(shares: np.ndarray) -> go.Figure:
    """Return the share of the variance that each component explains as bars, and their running sum as a line.

    Args:
        shares: float (components,), from 0 to 1.
    """
    figure = empty_figure(
        height=520,
        hovermode="x unified",
        xaxis={"title": {"text": "component"}, "dtick": 1, "showgrid": False, "fixedrange": True},
        yaxis={"title": {"text": "share of the variance"}, "tickformat": ".0%", "range": [0, 1.04], "fixedrange": True},
    )
    components = np.arange(1, len(shares) + 1)
    figure.add_trace(
        go.Bar(x=components, y=shares, name="each", marker={"color": FIT_COLOUR}, hovertemplate="%{y:.1%}")
    )
    figure.add_trace(
        go.Scatter(
            x=components,
            y=np.cumsum(shares),
            name="cumulative",
            mode="lines+markers",
            line={"color": TRAINING_COLOUR, "width": 2},
            hovertemplate="%{y:.1%}",
        )
    )
    return figure
