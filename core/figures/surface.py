"""The points of two features over the surface of predictions, on one colour scale."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.colouring import VALUE_SCALE
from core.figures.palette import VALUE_OUTLINE
from core.figures.plane_axes import PlaneAxes, plane_figure
from core.figures.split_points import DrawnPoints, SplitPoints
from core.figures.text import whole


@dataclass(frozen=True)
class TargetScale:
    """A numeric target and the ends of its colour scale; values beyond them are clipped."""

    name: str
    low: float
    high: float


def surface_figure(
    points: SplitPoints, axes: PlaneAxes, target: TargetScale, *, held_out_name: str = "held-out"
) -> go.Figure:
    """Return the figure of training and held-out points, with an empty image below them for the surface.

    Trace 0 is the training points, trace 1 the held-out points. Of more than 2,000 points an even random choice is
    drawn.

    Args:
        points: of two features; the targets are float.
        axes: of the two features.
        target: colours the points.
        held_out_name: what the held-out rows are called.
    """
    figure = plane_figure(axes).update_layout(showlegend=False)
    return figure.add_traces([_trace(drawn, axes, target) for drawn in points.drawn(held_out_name)])


def _trace(drawn: DrawnPoints, axes: PlaneAxes, target: TargetScale) -> go.Scatter:
    x_name, y_name = axes.whole_names
    x, y = drawn.raw.astype("float32").T
    return go.Scatter(
        x=x,
        y=y,
        mode="markers",
        visible=True,
        marker={
            "color": drawn.target.astype("float32"),
            "cmin": target.low,
            "cmax": target.high,
            "colorscale": VALUE_SCALE,
            "showscale": drawn.are_training,
            "colorbar": {"thickness": 10, "outlinewidth": 0, "ticks": "", "nticks": 6, "xpad": 8, "ypad": 0},
            "symbol": drawn.symbol,
            "size": drawn.size,
            "line": {"width": 0.7 if drawn.are_training else 1.2, "color": VALUE_OUTLINE},
        },
        hovertemplate=f"<b>{whole(target.name)} %{{marker.color:.4g}}</b>, {drawn.role}<br>"
        f"{x_name} %{{x:.4g}}<br>{y_name} %{{y:.4g}}<extra></extra>",
    )
