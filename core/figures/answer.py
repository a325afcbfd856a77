"""What a network says of one row: a bar a class; and the plane on which a row is chosen by a click."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.painting import png_source
from core.figures.palette import class_colour
from core.figures.template import empty_figure, names_axis
from core.figures.text import escape

BARS_MOST = 20
_PLACES = 41  # a side, that a click can find; a browser draws each of them at every answer


def answer_figure(class_names: Sequence[str], probabilities: np.ndarray) -> go.Figure:
    """Return a bar a class with its probability; of more than 20 classes the most probable, the first on top.

    Args:
        class_names: k names.
        probabilities: float (k,), from 0 to 1; one that is not a number has no bar.
    """
    shown = list(range(len(class_names)))
    if len(shown) > BARS_MOST:
        shown = np.argsort(-np.nan_to_num(probabilities), kind="stable")[:BARS_MOST].tolist()
    figure = empty_figure(
        height=24 + 34 * len(shown),
        showlegend=False,
        bargap=0.35,
        xaxis={"range": [0, 1.12], "visible": False, "fixedrange": True},
        yaxis={**names_axis([class_names[label] for label in shown], 24), "range": [len(shown) - 0.5, -0.5]},
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


def clickable(
    figure: go.Figure, picture: np.ndarray, bounds: tuple[float, float, float, float], point: tuple[float, float]
) -> go.Figure:
    """Return a figure of the plane with what the network says below, a cross at a point, and places for a click.

    Args:
        figure: of `boundary_figure` or `surface_figure`; it is changed.
        picture: uint8 (resolution, resolution, 4), of `class_picture` or `value_picture`.
        bounds: x_low, x_high, y_low, y_high.
        point: where the cross stands.

    A click anywhere finds the nearest of 41 x 41 places, which are not seen.
    """
    x_low, x_high, y_low, y_high = bounds
    figure.layout.images[0].source = png_source(picture)
    figure.update_traces(selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}})
    x, y = np.meshgrid(np.linspace(x_low, x_high, _PLACES), np.linspace(y_low, y_high, _PLACES))
    unseen = {"marker": {"opacity": 0}}
    figure.add_trace(
        go.Scatter(
            x=x.ravel().astype(np.float32),
            y=y.ravel().astype(np.float32),
            mode="markers",
            marker={"size": 10, "opacity": 0},
            selected=unseen,
            unselected=unseen,
            showlegend=False,
            hovertemplate="%{x:.4g}, %{y:.4g}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=[point[0]],
            y=[point[1]],
            mode="markers",
            marker={"size": 18, "symbol": "x-thin", "line": {"width": 4, "color": "#16213a"}},
            showlegend=False,
            hoverinfo="skip",
        )
    )
    figure.update_layout(clickmode="event+select", dragmode=False, showlegend=False, hoverdistance=30)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure
