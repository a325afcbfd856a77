"""Every pair of a few features, and each alone on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.colouring import colour_bar, groups_of
from core.figures.palette import FIT_COLOUR, class_colour
from core.figures.plane import FRAME
from core.figures.steps import outline
from core.figures.template import axis_name, empty_figure
from core.figures.text import short

_GAP = 0.02  # of the figure, between two cells


def pairs_figure(
    values: np.ndarray,
    names: Sequence[str],
    target: np.ndarray,
    class_names: Sequence[str],
    target_name: str,
    edges: Sequence[np.ndarray],
    counts: Sequence[np.ndarray],
) -> go.Figure:
    """Return the lower half of a square of cells: column j over row i holds the points of features j and i.

    Args:
        values: float (m, n): the points drawn.
        names: n names.
        target: (m,): int labels, or float numbers.
        class_names: k names; none where the target is a number, which then colours the points.
        target_name: what the target is.
        edges: n arrays (bins + 1,): the histograms on the diagonal.
        counts: n arrays (groups, bins): one group a class, or one group where the target is a number.

    The traces of the points come first, cell by cell and class by class, then those of the diagonal.
    """
    size = len(names)
    figure = empty_figure(
        height=160 + 150 * max(size, 2),
        hovermode="closest",
        legend={"itemsizing": "constant"},
        **_axes(names),
    )
    traces: list[Any] = []
    groups = groups_of(target, class_names, target_name, 4 if size > 2 else 6)
    for row in range(size):
        for column in range(row):
            first = not traces
            for group in groups:
                points = values[group.members].astype(np.float32)
                trace = go.Scatter(
                    group.trace,
                    x=points[:, column],
                    y=points[:, row],
                    mode="markers",
                    xaxis=axis_name("x", column),
                    yaxis=axis_name("y", row),
                    hovertemplate=f"{group.hover}<br>{short(names[column], 30)} %{{x:.4g}}<br>"
                    f"{short(names[row], 30)} %{{y:.4g}}<extra></extra>",
                )
                trace.showlegend = bool(class_names) and first
                if first and not class_names:
                    trace.marker.update(showscale=True, colorbar=colour_bar(target_name))
                traces.append(trace)
    for place in range(size):
        for index, heights in enumerate(counts[place]):
            traces.append(
                outline(
                    edges[place],
                    heights,
                    class_names[index] if class_names else names[place],
                    class_colour(index) if class_names else FIT_COLOUR,
                    xaxis=axis_name("x", place),
                    yaxis=axis_name("y", size + place),
                    legendgroup=str(index),
                    showlegend=bool(class_names) and size == 1,
                )
            )
    figure.add_traces(traces)
    return figure


def _axes(names: Sequence[str]) -> dict[str, Any]:
    """Return the axes: x of every column, y of every row, and behind them y of the histograms on the diagonal."""
    size = len(names)
    axes: dict[str, Any] = {}
    for place, name in enumerate(names):
        title = {"text": short(name, 22), "standoff": 4}
        across = [place / size + _GAP / 2 * (place > 0), (place + 1) / size - _GAP / 2 * (place < size - 1)]
        up = [1 - across[1], 1 - across[0]]
        low = "y" if size == 1 else axis_name("y", size - 1)
        axes[axis_name("xaxis", place)] = {
            "domain": across, "anchor": low, "title": title, "nticks": 5, "showgrid": False, "zeroline": False,
        }  # fmt: skip
        axes[axis_name("yaxis", place)] = {"domain": up, "anchor": "x", "title": title, "nticks": 5, **FRAME}
        axes[axis_name("yaxis", size + place)] = {
            "domain": up,
            "anchor": axis_name("x", place),
            "showticklabels": False,
            "rangemode": "tozero",
            **FRAME,
            "showline": False,
        }
    return axes
