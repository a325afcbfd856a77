"""The points of one feature and its target, and the curve that the network draws through them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import FIT_COLOUR, HELD_OUT_COLOUR, TRAINING_COLOUR
from core.figures.plane import FRAME, drawn_rows
from core.figures.template import empty_figure
from core.figures.text import short


def line_figure(
    raw_train: np.ndarray,
    y_train: np.ndarray,
    raw_held_out: np.ndarray,
    y_held_out: np.ndarray,
    target_name: str,
    feature_name: str,
    line_values: np.ndarray,
    held_out: str = "held-out",
) -> go.Figure:
    """Return the figure of training and held-out points, with an empty curve over them for the predictions.

    Args:
        raw_train: float (training rows, 1), in the data's own units.
        y_train: float (training rows,), in the target's own units.
        raw_held_out: float (held-out rows, 1).
        y_held_out: float (held-out rows,).
        target_name: what the target is.
        feature_name: what the feature is.
        line_values: float (m,), rising: where the curve is asked.
        held_out: what the held-out rows are called.

    Trace 0 is the training points, trace 1 the held-out points, which are hidden at first, trace 2 the curve over
    `line_values`. Of more than 2,000 points an even random choice is drawn.
    """
    bounds = float(line_values[0]), float(line_values[-1])
    targets = np.concatenate([y_train, y_held_out])
    low, high = (float(targets.min()), float(targets.max())) if len(targets) else (0.0, 1.0)
    figure = empty_figure(
        uirevision=f"{bounds} {low} {high}",  # other data, other zoom
        hovermode="closest",
        legend={"itemsizing": "constant"},
        xaxis={"range": bounds, "title": {"text": short(feature_name, 40), "standoff": 4}, **FRAME},
        yaxis={
            "title": {"text": short(target_name, 40), "standoff": 4},
            # It holds the points, and the curve too until that is all too far off.
            "autorangeoptions": {"include": [low, high], "clipmin": 2 * low - high, "clipmax": 2 * high - low},
            **FRAME,
        },
    )
    hover = f"{short(feature_name, 40)} %{{x:.4g}}<br>{short(target_name, 40)} %{{y:.4g}}<extra></extra>"
    train_rows, held_out_rows = drawn_rows(len(raw_train), len(raw_held_out))
    for raw, target, role in (
        (raw_train[train_rows], y_train[train_rows], "training"),
        (raw_held_out[held_out_rows], y_held_out[held_out_rows], held_out),
    ):
        training = role == "training"
        figure.add_trace(
            go.Scatter(
                x=raw[:, 0].astype(np.float32),
                y=target.astype(np.float32),
                mode="markers",
                name=role,
                visible=training,
                marker={
                    "color": TRAINING_COLOUR if training else HELD_OUT_COLOUR,
                    "symbol": "circle" if training else "diamond",
                    "size": 6 if training else 8,
                    "line": {"width": 0.7},
                },
                hovertemplate=f"<b>{role}</b><br>{hover}",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=line_values.astype(np.float32),
            y=[None],  # nothing to see, but enough that the legend is there from the start
            mode="lines",
            name="predicted",
            line={"color": FIT_COLOUR, "width": 3},
            hovertemplate=f"<b>predicted</b><br>{hover}",
        )
    )
    return figure
