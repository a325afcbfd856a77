"""What a network says of one row: a bar a class; and the plane on which a row is chosen by a click."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.colouring import value_rgb
from core.figures.palette import class_colour
from core.figures.template import empty_figure
from core.figures.text import escape, short

BARS_MOST = 20
_PLACES = 41  # a side, that a click can find; a browser draws each of them at every answer
_FAINT, _STRONG = 26, 150  # how much of the colour of 255 a cell has, by how sure the network is


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
        yaxis={
            "tickmode": "array",
            "tickvals": list(range(len(shown))),
            "ticktext": [short(class_names[label], 24) for label in shown],
            "showgrid": False,
            "fixedrange": True,
            "range": [len(shown) - 0.5, -0.5],
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
    figure.layout.images[0].source = picture_source(picture)
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


def class_picture(painted: np.ndarray) -> np.ndarray:
    """Return what `core.analysis.decision.paint` says, uint8 (2, side, side), as colours: uint8 (side, side, 4)."""
    classes, confidence = painted
    colours = np.array([_rgb(class_colour(label)) for label in range(int(classes.max()) + 1)], np.uint8)
    strength = _FAINT + confidence / 255 * (_STRONG - _FAINT)
    picture: np.ndarray = np.concatenate([colours[classes], np.rint(strength)[..., None].astype(np.uint8)], axis=2)
    return picture


def value_picture(painted: np.ndarray) -> np.ndarray:
    """Return what `core.analysis.regression.paint_values` says, uint8 (side, side), as colours: (side, side, 4)."""
    opaque = np.full((*painted.shape, 1), 255.0)
    picture: np.ndarray = np.rint(np.concatenate([value_rgb(painted / 255), opaque], axis=2)).astype(np.uint8)
    return picture


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def picture_source(picture: np.ndarray) -> str:
    """Return a picture, uint8 (height, width, 4), as a PNG data URI."""
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
