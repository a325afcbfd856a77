"""The points of two features over the decision boundary."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.palette import class_colour
from core.figures.plane_axes import PlaneAxes, plane_figure
from core.figures.split_points import DrawnPoints, SplitPoints, held_out_key
from core.figures.text import escape, short


def boundary_figure(
    points: SplitPoints, axes: PlaneAxes, class_names: Sequence[str], *, held_out_name: str = "held-out"
) -> go.Figure:
    """Return the figure of training and held-out points, with an empty image below them for the boundary.

    Of k classes, the first k traces are the training points and the next k the held-out points; where there are any
    of those, one more trace names their marker in the legend. Of more than 2,000 points an even random choice is drawn.

    Args:
        points: of two features; the targets are int, from 0 to k - 1.
        axes: of the two features.
        class_names: k names.
        held_out_name: what the held-out rows are called.
    """
    figure = plane_figure(axes)
    for drawn in points.drawn(held_out_name):
        for label, name in enumerate(class_names):
            figure.add_trace(_class_trace(drawn, label, name, axes))
    if len(points.held_out):
        figure.add_trace(held_out_key(held_out_name))
    return figure


def _class_trace(drawn: DrawnPoints, label: int, name: str, axes: PlaneAxes) -> go.Scatter:
    x_name, y_name = axes.whole_names
    x, y = drawn.raw[drawn.target == label].astype("float32").T
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        name=short(name, 18),
        legendgroup=str(label),
        showlegend=drawn.are_training,
        visible=True,
        marker={
            "color": class_colour(label),
            "symbol": drawn.symbol,
            "size": drawn.size,
            "line": {"width": 0.7 if drawn.are_training else 1.2},
        },
        hovertemplate=f"<b>{escape(name)}</b>, {drawn.role}<br>{x_name} %{{x:.4g}}<br>{y_name} %{{y:.4g}}"
        "<extra></extra>",
    )
