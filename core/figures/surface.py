"""The points of two features over the surface of what is predicted, on one scale of colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.colouring import VALUE_SCALE
from core.figures.palette import VALUE_OUTLINE
from core.figures.plane import drawn_rows, plane_figure
from core.figures.text import short


def surface_figure(
    raw_train: np.ndarray,
    y_train: np.ndarray,
    raw_held_out: np.ndarray,
    y_held_out: np.ndarray,
    target_name: str,
    axis_names: Sequence[str],
    bounds: tuple[float, float, float, float],
    value_range: tuple[float, float],
    held_out: str = "held-out",
) -> go.Figure:
    """Return the figure of training and held-out points, with an empty image below them for the surface.

    Args:
        raw_train: float (training rows, 2), in the data's own units.
        y_train: float (training rows,), in the target's own units.
        raw_held_out: float (held-out rows, 2).
        y_held_out: float (held-out rows,).
        target_name: what the target is.
        axis_names: names of the two features.
        bounds: x_low, x_high, y_low, y_high: the range of the axes, and what the image covers.
        value_range: the targets that have the first and the last colour; what is beyond is clipped.
        held_out: what the held-out rows are called.

    Trace 0 is the training points, trace 1 the held-out points, which are hidden at first. Of more than 2,000
    points an even random choice is drawn.
    """
    figure = plane_figure(axis_names, bounds)
    figure.update_layout(showlegend=False)
    train_rows, held_out_rows = drawn_rows(len(raw_train), len(raw_held_out))
    names = short(target_name, 40), *(short(name, 40) for name in axis_names)
    for raw, target, role in (
        (raw_train[train_rows], y_train[train_rows], "training"),
        (raw_held_out[held_out_rows], y_held_out[held_out_rows], held_out),
    ):
        figure.add_trace(_points(raw, target, names, role, value_range))
    return figure


def _points(
    raw: np.ndarray, target: np.ndarray, names: Sequence[str], role: str, value_range: tuple[float, float]
) -> go.Scatter:
    target_name, x_name, y_name = names
    training = role == "training"
    low, high = value_range
    return go.Scatter(
        x=raw[:, 0].astype(np.float32),
        y=raw[:, 1].astype(np.float32),
        mode="markers",
        visible=training,
        marker={
            "color": target.astype(np.float32),
            "cmin": low,
            "cmax": high,
            "colorscale": VALUE_SCALE,
            "showscale": training,
            "colorbar": {"thickness": 10, "outlinewidth": 0, "ticks": "", "nticks": 6, "xpad": 8, "ypad": 0},
            "symbol": "circle" if training else "diamond",
            "size": 6 if training else 9,
            "line": {"width": 0.7 if training else 1.2, "color": VALUE_OUTLINE},
        },
        hovertemplate=f"<b>{target_name} %{{marker.color:.4g}}</b>, {role}<br>{x_name} %{{x:.4g}}<br>"
        f"{y_name} %{{y:.4g}}<extra></extra>",
    )
