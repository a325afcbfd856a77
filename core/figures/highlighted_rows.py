"""Some rows lit up among the others, over what the network says of every place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.analysis.regression import shown_rows
from core.figures.painting import class_picture, png_source, softened
from core.figures.palette import class_colour
from core.figures.plane import POINTS_MOST, plane_figure
from core.figures.template import on_a_page
from core.figures.text import escape, short

_HEIGHT = 440
_FEW = 60  # rows that are lit, which can be large without hiding each other


def lit_figure(
    points: np.ndarray,
    labels: np.ndarray,
    lit: np.ndarray,
    class_names: Sequence[str],
    axis_names: Sequence[str],
    bounds: tuple[float, float, float, float],
    cells: np.ndarray,
) -> go.Figure:
    """Return points over the decision boundary, those that are lit ringed (large where they are few), the others faint.

    Args:
        points: float (rows, 2), in the data's own units.
        labels: int (rows,), from 0 to k - 1: the true classes, which colour the points.
        lit: int (m,), the numbers of the rows that are lit.
        class_names: k names.
        axis_names: names of the two axes.
        bounds: x_low, x_high, y_low, y_high: the range of the axes, and what the cells cover.
        cells: uint8 (2, resolution, resolution): class and confidence, as `core.analysis.decision.paint` gives them.

    The first k traces are the faint points, trace k those that are lit. Of more than 2,000 points of either kind an
    even random choice is drawn.
    """
    figure = on_a_page(plane_figure(axis_names, bounds), _HEIGHT).update_layout(showlegend=len(class_names) <= 10)
    figure.layout.images[0].source = png_source(softened(class_picture(cells)))
    faint = np.setdiff1d(np.arange(len(points)), lit)
    faint, lit = faint[shown_rows(len(faint), POINTS_MOST)], lit[shown_rows(len(lit), POINTS_MOST)]
    x_name, y_name = (short(axis, 40) for axis in axis_names)
    place = f"{x_name} %{{x:.4g}}<br>{y_name} %{{y:.4g}}<extra></extra>"
    for index, name in enumerate(class_names):
        members = faint[labels[faint] == index]
        marker = {"color": class_colour(index), "size": 5, "opacity": 0.45, "line": {"width": 0}}
        # A trace without points would be missing in the legend, which says what the ground means too.
        places = points[members] if len(members) else np.full((1, 2), np.nan)
        figure.add_trace(_points(places, marker, f"<b>{escape(name)}</b><br>{place}", short(name, 18)))
    colours = [class_colour(label) for label in labels[lit]]
    size, ring = (12, 2.5) if len(lit) <= _FEW else (7, 1)
    marker = {"color": colours, "size": size, "line": {"width": ring, "color": "#ffd21f"}}
    figure.add_trace(_points(points[lit], marker, f"<b>%{{customdata}}</b><br>{place}", "this cell"))
    figure.data[-1].customdata = [escape(class_names[label]) for label in labels[lit]]
    figure.data[-1].showlegend = False
    return figure


def _points(points: np.ndarray, marker: dict[str, object], hover: str, name: str) -> go.Scatter:
    x, y = points.astype(np.float32).T
    return go.Scatter(x=x, y=y, mode="markers", name=name, marker=marker, hovertemplate=hover)
