"""The points of one feature and its target, and the curve that the network fits to them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import FIT_COLOUR, HELD_OUT_COLOUR, TRAINING_COLOUR
from core.figures.plane_axes import FRAME
from core.figures.split_points import DrawnPoints, SplitPoints
from core.figures.template import empty_figure
from core.figures.text import short, whole


def line_figure(
    points: SplitPoints,
    line_values: np.ndarray,
    *,
    feature_name: str,
    target_name: str,
    held_out_name: str = "held-out",
) -> go.Figure:
    """Return the figure of training and held-out points, with an empty curve over them for the predictions.

    Trace 0 is the training points, trace 1 the held-out points, trace 2 the curve over `line_values`. Of more than
    2,000 points an even random choice is drawn.

    Args:
        points: of one feature; the targets are float.
        line_values: float (m,), rising: the values of the feature that the curve is computed at.
        feature_name: what the feature is.
        target_name: what the target is.
        held_out_name: what the held-out rows are called.
    """
    bounds = float(line_values[0]), float(line_values[-1])
    targets = np.concatenate([points.train_target, points.held_out_target])
    low, high = (float(targets.min()), float(targets.max())) if len(targets) else (0.0, 1.0)
    x_name, y_name = short(feature_name, 40), short(target_name, 40)
    figure = empty_figure(
        uirevision=f"{bounds} {low} {high}",  # a zoom ends with the data that it was made on
        hovermode="closest",
        legend={"itemsizing": "constant"},
        xaxis={"range": bounds, "title": {"text": x_name, "standoff": 4}, **FRAME},
        yaxis={
            "title": {"text": y_name, "standoff": 4},
            # The axis follows the curve, but never farther than one range of the targets beyond them.
            "autorangeoptions": {"include": [low, high], "clipmin": 2 * low - high, "clipmax": 2 * high - low},
            **FRAME,
        },
    )
    hover = f"{whole(feature_name)} %{{x:.4g}}<br>{whole(target_name)} %{{y:.4g}}<extra></extra>"
    figure.add_traces([_points_trace(drawn, hover) for drawn in points.drawn(held_out_name)])
    return figure.add_trace(
        go.Scatter(
            x=line_values.astype(np.float32),
            y=[None],  # draws nothing, but keeps the place in the legend
            mode="lines",
            name="predicted",
            line={"color": FIT_COLOUR, "width": 3},
            hovertemplate=f"<b>predicted</b><br>{hover}",
        )
    )


def _points_trace(drawn: DrawnPoints, hover: str) -> go.Scatter:
    return go.Scatter(
        x=drawn.raw[:, 0].astype(np.float32),
        y=drawn.target.astype(np.float32),
        mode="markers",
        name=drawn.role,
        visible=True,
        marker={
            "color": TRAINING_COLOUR if drawn.are_training else HELD_OUT_COLOUR,
            "symbol": drawn.symbol,
            "size": drawn.size,
            "line": {"width": 0.7},
        },
        hovertemplate=f"<b>{drawn.role}</b><br>{hover}",
    )
