"""The points of two features over the decision boundary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import class_colour
from core.figures.template import empty_figure
from core.figures.text import escape, short

_FRAME = {"showgrid": False, "showline": True, "mirror": True}
POINTS_MOST = 2000  # drawn a figure: more cost frames and hide the boundary


def boundary_figure(
    raw_train: np.ndarray,
    y_train: np.ndarray,
    raw_test: np.ndarray,
    y_test: np.ndarray,
    class_names: Sequence[str],
    axis_names: Sequence[str],
    bounds: tuple[float, float, float, float],
) -> go.Figure:
    """Return the figure of training and held-out points, with an empty image below them for the boundary.

    Args:
        raw_train: float (training rows, 2), in the data's own units.
        y_train: int (training rows,), from 0 to k - 1.
        raw_test: float (held-out rows, 2).
        y_test: int (held-out rows,).
        class_names: k names.
        axis_names: names of the two features.
        bounds: x_low, x_high, y_low, y_high: the range of the axes, and what the image covers.

    Of k classes, the first k traces are the training points and the next k the held-out points, which are
    hidden at first. Of more than 2,000 points an even random choice is drawn.
    """
    x_low, x_high, y_low, y_high = bounds
    figure = empty_figure(
        uirevision="{} {} {} {}".format(*bounds),  # other data, other zoom
        hovermode="closest",
        legend={"itemsizing": "constant"},
        xaxis={"range": [x_low, x_high], "title": {"text": short(axis_names[0], 40), "standoff": 4}, **_FRAME},
        yaxis={"range": [y_low, y_high], "title": {"text": short(axis_names[1], 40), "standoff": 4}, **_FRAME},
        images=[
            {
                "layer": "below",
                "sizing": "stretch",
                "xref": "x",
                "yref": "y",
                "x": x_low,
                "y": y_high,
                "xanchor": "left",
                "yanchor": "top",
                "sizex": x_high - x_low,
                "sizey": y_high - y_low,
            }
        ],
    )
    rows = len(raw_train) + len(raw_test)
    for raw, labels, role in ((raw_train, y_train, "training"), (raw_test, y_test, "held-out")):
        kept = thin(len(raw), POINTS_MOST * len(raw) // max(rows, 1)) if rows > POINTS_MOST else np.arange(len(raw))
        for index, name in enumerate(class_names):
            points = raw[kept][labels[kept] == index]
            figure.add_trace(_points(points, index, name, axis_names, role))
    return figure


def thin(rows: int, most: int) -> np.ndarray:
    """Return the sorted numbers of at most `most` of `rows` rows, int64, always the same ones.

    Chosen at random, since every n-th row of a wave could miss all of its crests.
    """
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).permutation(rows)[:most])


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
