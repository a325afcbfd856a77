"""The prediction for one row: a bar for each class, and the row as a mark on the plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import class_colour
from core.figures.template import empty_figure, names_axis
from core.figures.text import escape

BARS_MOST = 20


def probabilities_figure(class_names: Sequence[str], probabilities: np.ndarray) -> go.Figure:
    """Return one bar for each class with its probability; of more than 20 classes, the most probable from the top.

    Args:
        class_names: k names.
        probabilities: float (k,), from 0 to 1; NaN has no bar.
    """
    shown = list(range(len(class_names)))
    if len(shown) > BARS_MOST:
        shown = np.argsort(-np.nan_to_num(probabilities), kind="stable")[:BARS_MOST].tolist()
    figure = empty_figure(
        height=24 + 34 * len(shown),
        showlegend=False,
        bargap=0.35,
        xaxis={"range": [0, 1.12], "visible": False, "fixedrange": True},
        yaxis={
            **names_axis([class_names[label] for label in shown], 24),
            "range": [len(shown) - 0.5, -0.5],
            "ticklabelstandoff": 4,
        },
    )
    figure.add_trace(
        go.Bar(
            x=np.nan_to_num(probabilities[shown]).astype(np.float32),
            y=list(range(len(shown))),
            orientation="h",
            marker={"color": [class_colour(label) for label in shown]},
            text=["–" if np.isnan(share) else f"{share:.1%}" for share in probabilities[shown]],
            textposition="outside",
            cliponaxis=False,
            customdata=[escape(class_names[label]) for label in shown],
            hovertemplate="<b>%{customdata}</b>: %{x:.4%}<extra></extra>",
        )
    )
    return figure


def mark_point(figure: go.Figure, point: tuple[float, float]) -> go.Figure:
    """Put a cross at a point of a figure, fix the ranges of its axes, and return the figure.

    Args:
        figure: of `boundary_figure` or `surface_figure`.
        point: where the cross stands.
    """
    figure.add_trace(
        go.Scatter(
            x=[point[0]],
            y=[point[1]],
            mode="markers",
            # Dark with a light rim stands out from every colour, on light and dark pages.
            marker={"size": 15, "symbol": "x", "color": "#16213a", "line": {"width": 2, "color": "#ffffff"}},
            showlegend=False,
            hoverinfo="skip",
        )
    )
    figure.update_layout(dragmode=False)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure
