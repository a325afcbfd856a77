"""Some rows highlighted among the others, over the decision boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.analysis.regression import shown_rows
from core.figures.painting import class_picture, png_source, softened
from core.figures.palette import class_colour
from core.figures.plane_axes import PlaneAxes, plane_figure
from core.figures.split_points import POINTS_MOST
from core.figures.template import on_a_page
from core.figures.text import escape, short

_HEIGHT = 440
_FEW = 60  # highlighted rows, up to which they are large without hiding each other
_RING_COLOUR = "#ffd21f"


@dataclass(frozen=True, eq=False)
class HighlightedRows:
    """Rows as points, and which of them are highlighted.

    Attributes:
        points: float (rows, 2), in the data's own units.
        labels: int (rows,), from 0 to k - 1: the true classes, which colour the points.
        highlighted: int (m,): the numbers of the highlighted rows.
    """

    points: np.ndarray
    labels: np.ndarray
    highlighted: np.ndarray


def highlighted_figure(
    rows: HighlightedRows, axes: PlaneAxes, class_names: Sequence[str], cells: np.ndarray
) -> go.Figure:
    """Return points over the decision boundary: the highlighted ones ringed (large if they are few), the others pale.

    The first k traces are the pale points, trace k the highlighted ones. Of more than 2,000 points of either kind an
    even random choice is drawn.

    Args:
        rows: what is drawn.
        axes: of the plane.
        class_names: k names.
        cells: uint8 (2, resolution, resolution): class and confidence, as `core.analysis.decision.paint` returns them.
    """
    figure = on_a_page(plane_figure(axes), _HEIGHT).update_layout(showlegend=len(class_names) <= 10)
    figure.layout.images[0].source = png_source(softened(class_picture(cells)))
    points, labels = rows.points, rows.labels
    pale = _thinned(np.setdiff1d(np.arange(len(points)), rows.highlighted))
    chosen = _thinned(rows.highlighted)
    x_name, y_name = axes.whole_names
    place = f"{x_name} %{{x:.4g}}<br>{y_name} %{{y:.4g}}<extra></extra>"
    for label, name in enumerate(class_names):
        members = pale[labels[pale] == label]
        marker = {"color": class_colour(label), "size": 5, "opacity": 0.45, "line": {"width": 0}}
        # The legend leaves out a trace without points, but it also explains the colours of the ground.
        shown = points[members] if len(members) else np.full((1, 2), np.nan)
        figure.add_trace(_trace(shown, marker, f"<b>{escape(name)}</b><br>{place}", short(name, 18)))
    size, ring = (12, 2.5) if len(chosen) <= _FEW else (7, 1)
    marker = {
        "color": [class_colour(label) for label in labels[chosen]],
        "size": size,
        "line": {"width": ring, "color": _RING_COLOUR},
    }
    figure.add_trace(_trace(points[chosen], marker, f"<b>%{{customdata}}</b><br>{place}", "this cell"))
    figure.data[-1].customdata = [escape(class_names[label]) for label in labels[chosen]]
    figure.data[-1].showlegend = False
    return figure


def _thinned(rows: np.ndarray) -> np.ndarray:
    thinned: np.ndarray = rows[shown_rows(len(rows), POINTS_MOST)]
    return thinned


def _trace(points: np.ndarray, marker: dict[str, object], hover: str, name: str) -> go.Scatter:
    x, y = points.astype(np.float32).T
    return go.Scatter(x=x, y=y, mode="markers", name=name, marker=marker, hovertemplate=hover)
