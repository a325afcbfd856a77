"""Features before and after scaling, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.analysis.histograms import ScaledFeature
from core.figures.histogram_outlines import outline
from core.figures.palette import TRAINING_COLOUR
from core.figures.template import axis_name, empty_figure
from core.figures.text import short

_ROW = 136  # pixels a feature, of which the upper ones are for its words
_WORDS = 0.3  # of a row
_BELOW = 56  # pixels, for the axes across
_HALVES = ([0.0, 0.47], [0.53, 1.0])


def scaling_figure(features: Sequence[ScaledFeature]) -> go.Figure:
    """Return a row a feature, before scaling on the left and after it on the right.

    All on one side share an axis, so that one sees which feature is wide and which is narrow. Traces 2i and 2i + 1
    are feature i before and after.
    """
    count = max(len(features), 1)
    figure = empty_figure(height=_ROW * count + _BELOW, showlegend=False, hovermode="closest")
    for side, title in enumerate(("before scaling", "after scaling")):
        across = {"domain": _HALVES[side], "anchor": axis_name("y", 2 * (count - 1) + side), "showgrid": False}
        figure.update_layout({axis_name("xaxis", side): across | {"title": {"text": title}}})
        figure.update_layout({axis_name("xaxis", side): _range(features, side)})
        for index in range(count):
            up = [1 - (index + 1) / count, 1 - (index + _WORDS) / count]
            axis = {"domain": up, "anchor": axis_name("x", side), "showticklabels": False, "showgrid": False}
            figure.update_layout({axis_name("yaxis", 2 * index + side): axis | {"rangemode": "tozero"}})
    for index, feature in enumerate(features):
        for side in (0, 1):
            _add_side(figure, feature, side, 2 * index + side)
    return figure


def _add_side(figure: go.Figure, feature: ScaledFeature, side: int, index: int) -> None:
    """Add a feature's histogram before (side 0) or after scaling (side 1), and its words above."""
    drawn = (feature.before, feature.after)[side]
    mean, deviation = (feature.before_numbers, feature.after_numbers)[side]
    axes = {"xaxis": axis_name("x", side), "yaxis": axis_name("y", index)}
    figure.add_trace(outline(drawn.edges, drawn.counts[0], feature.name, TRAINING_COLOUR, **axes))
    figure.add_annotation(
        text=f"<b>{short(feature.name, 22)}</b><br>mean {_written(mean, deviation)}, deviation {deviation:.3g}",
        xref=f"{axes['xaxis']} domain",
        yref=f"{axes['yaxis']} domain",
        x=0,
        y=1,
        align="left",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
    )


def _written(mean: float, deviation: float) -> str:
    """Return a mean as it is written; what is nothing beside the deviation, as float32 leaves it, is 0."""
    return "0" if abs(mean) < 1e-4 * deviation else f"{mean:.3g}"


def _range(features: Sequence[ScaledFeature], side: int) -> dict[str, object]:
    """Return the range that holds every feature of a side, with a margin."""
    if not features:
        return {}
    edges = np.concatenate([(feature.before, feature.after)[side].edges for feature in features])
    margin = 0.03 * np.ptp(edges)
    return {"range": [float(edges.min() - margin), float(edges.max() + margin)]}
