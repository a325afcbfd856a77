"""The points of two features over the decision boundary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import class_colour
from core.figures.plane import drawn_rows, plane_figure
from core.figures.text import escape, short


def boundary_figure(
    raw_train: np.ndarray,
    y_train: np.ndarray,
    raw_held_out: np.ndarray,
    y_held_out: np.ndarray,
    class_names: Sequence[str],
    axis_names: Sequence[str],
    bounds: tuple[float, float, float, float],
    held_out: str = "held-out",
) -> go.Figure:
    """Return the figure of training and held-out points, with an empty image below them for the boundary.

    Args:
        raw_train: float (training rows, 2), in the data's own units.
        y_train: int (training rows,), from 0 to k - 1.
        raw_held_out: float (held-out rows, 2).
        y_held_out: int (held-out rows,).
        class_names: k names.
        axis_names: names of the two features.
        bounds: x_low, x_high, y_low, y_high: the range of the axes, and what the image covers.
        held_out: what the held-out rows are called.

    Of k classes, the first k traces are the training points and the next k the held-out points, which are
    hidden at first. Of more than 2,000 points an even random choice is drawn.
    """
    figure = plane_figure(axis_names, bounds)
    train_rows, held_out_rows = drawn_rows(len(raw_train), len(raw_held_out))
    for raw, labels, role in (
        (raw_train[train_rows], y_train[train_rows], "training"),
        (raw_held_out[held_out_rows], y_held_out[held_out_rows], held_out),
    ):
        for index, name in enumerate(class_names):
            figure.add_trace(_points(raw[labels == index], index, name, axis_names, role))
    return figure


def _points(points: np.ndarray, index: int, name: str, axis_names: Sequence[str], role: str) -> go.Scatter:
    x_name, y_name = (short(axis, 40) for axis in axis_names)
    training = role == "training"
    return go.Scatter(
        x=points[:, 0].astype(np.float32),
        y=points[:, 1].astype(np.float32),
        mode="markers",
        name=short(name, 18),
        legendgroup=str(index),
        showlegend=training,
        visible=training,
        marker={
            "color": class_colour(index),
            "symbol": "circle" if training else "diamond",
            "size": 6 if training else 9,
            "line": {"width": 0.7 if training else 1.2},
        },
        hovertemplate=f"<b>{escape(name)}</b>, {role}<br>{x_name} %{{x:.4g}}<br>{y_name} %{{y:.4g}}<extra></extra>",
    )
