"""ROC and precision-recall curves of every class, and the areas below them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.analysis.ranking import Curve
from core.figures.palette import CLASS_COLOURS, TRAINING_COLOUR, class_colour
from core.figures.plane_axes import FRAME
from core.figures.template import empty_figure, names_axis, on_a_page
from core.figures.text import escape, short

_HEIGHT = 440
_PALE = 0.15  # opacity of the curves that are not chosen
_FIFTHS = [0, 0.2, 0.4, 0.6, 0.8, 1]
_UNIT = {"range": [-0.01, 1.01], "tickvals": _FIFTHS, "fixedrange": True, **FRAME}


def roc_figure(curves: Sequence[Curve | None], class_names: Sequence[str], chosen: Collection[int] = ()) -> go.Figure:
    """Return the ROC curve of every class against the rest; trace 0 is the diagonal of guessing, then come the curves.

    Args:
        curves: k curves; None for a class without one.
        class_names: k names.
        chosen: the classes whose curves stand out; all curves look alike if there are none.
    """
    figure = _figure("false positive rate", "true positive rate")
    figure.add_trace(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": TRAINING_COLOUR, "width": 1.5, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    return figure.add_traces(_traces(curves, class_names, chosen, _ROC))


def precision_recall_figure(
    curves: Sequence[Curve | None], class_names: Sequence[str], chosen: Collection[int] = ()
) -> go.Figure:
    """Return the precision-recall curve of every class against the rest, one trace each; see `roc_figure`."""
    figure = _figure("recall", "precision")
    return figure.add_traces(_traces(curves, class_names, chosen, _PRECISION_RECALL))


def areas_figure(curves: Sequence[Curve | None], class_names: Sequence[str], title: str) -> go.Figure:
    """Return one bar for each class, in the colour and pattern of its curve, as long as the area below the curve.

    Args:
        curves: k curves; a class without one reads "no curve" instead of a bar.
        class_names: k names.
        title: what the area is.
    """
    areas = [0.0 if curve is None else curve.area for curve in curves]
    figure = empty_figure(
        height=60 + (30 if len(curves) <= 12 else 22) * len(curves),
        showlegend=False,
        bargap=0.3,
        xaxis={"title": {"text": title}, "range": [0, 1.15], "tickvals": _FIFTHS, "fixedrange": True},
        yaxis={**names_axis(class_names, 16), "range": [len(curves) - 0.5, -0.5]},
    )
    return figure.add_trace(
        go.Bar(
            x=areas,
            y=list(range(len(curves))),
            orientation="h",
            text=["no curve" if curve is None else f"{curve.area:.3f}" for curve in curves],
            textposition="outside",
            marker={
                "color": [class_colour(index) for index in range(len(curves))],
                "pattern": {
                    "shape": ["/" if _repeats(index) else "" for index in range(len(curves))],
                    "fillmode": "overlay",
                    "fgcolor": "#ffffff",
                    "fgopacity": 0.7,
                    "size": 10,
                },
            },
            customdata=[escape(name) for name in class_names],
            hovertemplate="<b>%{customdata}</b>: %{text}<extra></extra>",
        )
    )


def _figure(x_title: str, y_title: str) -> go.Figure:
    figure = empty_figure(
        hovermode="closest",
        showlegend=False,
        xaxis={"title": {"text": x_title}, **_UNIT},
        yaxis={"title": {"text": y_title}, **_UNIT},
    )
    return on_a_page(figure, _HEIGHT)


@dataclass(frozen=True)
class _CurveStyle:
    """How one kind of curve is drawn: Plotly's line shape, what the area below is, and the text on hover."""

    shape: str
    area: str
    hover: str


_ROC = _CurveStyle("linear", "AUC", "false positive rate %{x:.3f}<br>true positive rate %{y:.3f}")
# The shape matches average precision, which sums steps: between two points, recall falls first.
_PRECISION_RECALL = _CurveStyle("hv", "average precision", "recall %{x:.3f}<br>precision %{y:.3f}")


def _traces(
    curves: Sequence[Curve | None], class_names: Sequence[str], chosen: Collection[int], style: _CurveStyle
) -> list[go.Scatter]:
    return [
        go.Scatter(
            x=curve.x.astype(np.float32),
            y=curve.y.astype(np.float32),
            mode="lines",
            name=short(name, 24),
            opacity=1 if not chosen or index in chosen else _PALE,
            line={
                "color": class_colour(index),
                "width": 2,
                "shape": style.shape,
                "dash": "dash" if _repeats(index) else "solid",
            },
            hovertemplate=f"<b>{escape(name)}</b>, {style.area} {curve.area:.3f}<br>{style.hover}<extra></extra>",
        )
        for index, (name, curve) in enumerate(zip(class_names, curves, strict=True))
        if curve is not None
    ]


def _repeats(index: int) -> bool:
    """Return whether an earlier class has the same colour."""
    return index >= len(CLASS_COLOURS)
