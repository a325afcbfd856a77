"""Histograms as outlines with a pale fill, so that several in one figure stay visible."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import translucent
from core.figures.template import empty_figure
from core.figures.text import escape, short, two_lines


def histogram_figure(
    edges: np.ndarray,
    heights: np.ndarray,
    *,
    names: Sequence[str],
    colours: Sequence[str],
    value_name: str,
    height_name: str = "rows",
) -> go.Figure:
    """Return the histograms of groups of rows over one axis; trace g shows group g.

    Args:
        edges: float (bins + 1,), rising; no edge, or a single one, gives empty axes.
        heights: (groups, bins): rows, or shares of a group.
        names: of the groups; a single group has no legend.
        colours: "#rrggbb" of every group.
        value_name: what the values are.
        height_name: what the heights are.
    """
    figure = empty_figure(
        height=440,
        uirevision=f"{short(value_name, 60)} {edges.tolist()}",  # a zoom ends with the values that it was made on
        hovermode="closest",
        showlegend=len(names) > 1,
        xaxis={"title": {"text": two_lines(value_name, 60)}, "showgrid": False},
        yaxis={"title": {"text": height_name}, "rangemode": "tozero", "nticks": 5},
    )
    for name, colour, group in zip(names, colours, heights, strict=True):
        figure.add_trace(outline(edges, group, name=name, colour=colour, height_name=height_name))
    return figure


def outline(
    edges: np.ndarray,
    heights: np.ndarray,
    *,
    name: str,
    colour: str,
    height_name: str = "rows",
    **trace: object,
) -> go.Scatter:
    """Return one histogram as a stepped line that falls to zero at both ends.

    Args:
        edges: float (bins + 1,), rising.
        heights: (bins,).
        name: of the group.
        colour: "#rrggbb".
        height_name: what the heights are.
        trace: further attributes of the trace.
    """
    bins = [f"{low:.4g} to {high:.4g}" for low, high in itertools.pairwise(edges)]
    settings: dict[str, object] = {
        "x": [*edges[:1], *edges],
        "y": [0, *heights, 0] if len(edges) else [],
        "customdata": ["", *bins, ""] if len(edges) else [],
        "mode": "lines",
        "name": short(name, 24),
        "line": {"shape": "hv", "color": colour, "width": 1.6},
        "fill": "tozeroy",
        "fillcolor": translucent(colour, 0.22),
        "hovertemplate": f"<b>{escape(name)}</b><br>%{{customdata}}: %{{y:.4~g}} {height_name}<extra></extra>",
    }
    return go.Scatter(settings | trace)
