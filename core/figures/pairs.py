"""Every pair of a few features, and each feature alone on the diagonal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.analysis.histograms import Histogram
from core.figures.colouring import PointGroup, PointTarget, colour_bar, groups_of
from core.figures.histogram_outlines import outline
from core.figures.palette import FIT_COLOUR, class_colour
from core.figures.template import axis_name, empty_figure
from core.figures.text import two_lines, whole

_GAP = 0.02  # between two cells, as a share of the figure
_LETTERS = 13  # of a name in one line below a column, also on a phone
# The colour bar's place: the upper half of the square is empty.
_CORNER = {"orientation": "h", "len": 0.42, "x": 1, "xanchor": "right", "y": 1, "yanchor": "top", "nticks": 4}


def pairs_figure(
    values: np.ndarray, names: Sequence[str], target: PointTarget, diagonal: Sequence[Histogram]
) -> go.Figure:
    """Return the lower half of a square of cells: column j of row i shows the points of features j and i.

    The traces of the points come first, cell by cell and class by class, then those of the diagonal.

    Args:
        values: float (m, n): the points drawn.
        names: n names.
        target: of the m points.
        diagonal: n histograms with one group for each class, or one group if the target is a number.
    """
    size = len(names)
    figure = empty_figure(
        height=160 + 150 * max(size, 2),
        hovermode="closest",
        legend={"itemsizing": "constant", "maxheight": 0.16},  # two lines, with two features
        **_axes(names),
    )
    groups = groups_of(target, 4 if size > 2 else 6)
    cells = [(row, column) for row in range(size) for column in range(row)]
    traces = [trace for cell in cells for trace in _cell(values, names, cell, groups)]
    for trace in traces[: len(groups)]:  # the first cell has the legend or the colour bar for all
        if target.class_names:
            trace.showlegend = True
        else:
            trace.marker.update(showscale=True, colorbar=colour_bar(target.name, horizontal=True) | _CORNER)
    for place, histogram in enumerate(diagonal):
        traces += _diagonal_cell(histogram, place, names, target.class_names)
    figure.add_traces(traces)
    return figure


def _cell(
    values: np.ndarray, names: Sequence[str], cell: tuple[int, int], groups: Sequence[PointGroup]
) -> Iterator[go.Scatter]:
    """Yield the points of two features, one trace for each group."""
    row, column = cell
    x_name, y_name = whole(names[column]), whole(names[row])
    for group in groups:
        points = values[group.members].astype(np.float32)
        yield go.Scatter(
            group.trace | {"showlegend": False},
            x=points[:, column],
            y=points[:, row],
            mode="markers",
            xaxis=axis_name("x", column),
            yaxis=axis_name("y", row),
            hovertemplate=f"{group.hover}<br>{x_name} %{{x:.4g}}<br>{y_name} %{{y:.4g}}<extra></extra>",
        )


def _diagonal_cell(
    histogram: Histogram, place: int, names: Sequence[str], class_names: Sequence[str]
) -> Iterator[go.Scatter]:
    """Yield the histogram of one feature, one trace for each group; if there is no other cell, with a legend."""
    for label, heights in enumerate(histogram.counts):
        yield outline(
            histogram.edges,
            heights,
            name=class_names[label] if class_names else names[place],
            colour=class_colour(label) if class_names else FIT_COLOUR,
            xaxis=axis_name("x", place),
            yaxis=axis_name("y", len(names) + place),
            legendgroup=str(label),
            showlegend=bool(class_names) and len(names) == 1,
        )


def _axes(names: Sequence[str]) -> dict[str, Any]:
    """Return the axes: x of every column, y of every row, and then y of the histograms on the diagonal."""
    size = len(names)
    axes: dict[str, Any] = {}
    for place, name in enumerate(names):
        title = {"text": two_lines(name, _LETTERS), "font": {"size": 11}}
        across = [place / size + _GAP / 2 * (place > 0), (place + 1) / size - _GAP / 2 * (place < size - 1)]
        up = [1 - across[1], 1 - across[0]]
        axes |= {
            axis_name("xaxis", place): {
                "domain": across,
                "anchor": axis_name("y", size - 1 if size > 1 else 1),
                "title": title,
                "nticks": 5,
            },
            axis_name("yaxis", place): {"domain": up, "title": title, "nticks": 5},
            axis_name("yaxis", size + place): {
                "domain": up,
                "anchor": axis_name("x", place),
                "showticklabels": False,
                "showgrid": False,
                "rangemode": "tozero",
            },
        }
    return axes
