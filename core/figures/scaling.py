"""Features before and after scaling, side by side."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from core.analysis.histograms import Histogram, ScaledFeature
from core.figures.palette import TRAINING_COLOUR
from core.figures.steps import outline
from core.figures.template import axis_name, empty_figure
from core.figures.text import short

_GAP = 0.06  # of the width, between before and after


def scaling_figure(features: tuple[ScaledFeature, ...]) -> go.Figure:
    """Return a row a feature, before scaling on the left and after it on the right.

    All on one side share an axis, so that one sees which feature is wide and which is narrow. Traces 2i and 2i + 1
    are feature i before and after.
    """
    rows = max(len(features), 1)
    height, gap = 1 / rows, 44 / (_height(rows) - 60)
    layout: dict[str, Any] = {"height": _height(rows), "showlegend": False, "hovermode": "closest", "margin": {"t": 30}}
    figure = empty_figure(**layout)
    for side, title in enumerate(("before scaling", "after scaling")):
        domain = [0, 0.5 - _GAP / 2] if side == 0 else [0.5 + _GAP / 2, 1]
        figure.update_layout({
            axis_name("xaxis", side): {
                "domain": domain,
                "anchor": axis_name("y", 2 * (rows - 1) + side),
                "showgrid": False,
                "showline": True,
                "title": {"text": title, "standoff": 4},
            }
        })  # fmt: skip
    for index, feature in enumerate(features):
        top = 1 - index * height
        for side, (drawn, numbers) in enumerate(
            ((feature.before, feature.before_numbers), (feature.after, feature.after_numbers))
        ):
            axis = 2 * index + side
            figure.update_layout({
                axis_name("yaxis", axis): {
                    "domain": [max(0, top - height), top - gap],
                    "anchor": axis_name("x", side),
                    "showticklabels": False,
                    "showgrid": False,
                    "rangemode": "tozero",
                }
            })  # fmt: skip
            figure.add_trace(_side(drawn, feature.name, side, axis))
            figure.add_annotation(
                text=f"<b>{short(feature.name, 26)}</b>  mean {numbers[0]:.3g}, deviation {numbers[1]:.3g}",
                xref=f"{axis_name('x', side)} domain",
                yref=f"{axis_name('y', axis)} domain",
                x=0,
                y=1,
                xanchor="left",
                yanchor="bottom",
                showarrow=False,
            )
    return figure


def _side(drawn: Histogram, name: str, side: int, axis: int) -> go.Scatter:
    axes = {"xaxis": axis_name("x", side), "yaxis": axis_name("y", axis)}
    return outline(drawn.edges, drawn.counts[0], name, TRAINING_COLOUR, **axes)


def _height(rows: int) -> int:
    return 70 + 130 * rows
