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

_ROW = 136  # pixels for a feature
_HEAD = 0.3  # the share of a row that is for its text
_FOOT = 56  # pixels, for the x axes
_HALVES = ([0.0, 0.47], [0.53, 1.0])


def scaling_figure(features: Sequence[ScaledFeature]) -> go.Figure:
    """Return one row for each feature, before scaling on the left and after it on the right.

    All features of a side share an x axis, which shows how wide each is. Traces 2i and 2i + 1 are feature i before
    and after.
    """
    count = max(len(features), 1)
    figure = empty_figure(height=_ROW * count + _FOOT, showlegend=False, hovermode="closest")
    for side, title in enumerate(("before scaling", "after scaling")):
        across = {"domain": _HALVES[side], "anchor": axis_name("y", 2 * (count - 1) + side), "showgrid": False}
        figure.update_layout({axis_name("xaxis", side): across | {"title": {"text": title}}})
        figure.update_layout({axis_name("xaxis", side): _range(features, side)})
        for index in range(count):
            up = [1 - (index + 1) / count, 1 - (index + _HEAD) / count]
            axis = {"domain": up, "anchor": axis_name("x", side), "showticklabels": False, "showgrid": False}
            figure.update_layout({axis_name("yaxis", 2 * index + side): axis | {"rangemode": "tozero"}})
    for index, feature in enumerate(features):
        for side in (0, 1):
            _add_side(figure, feature, side, 2 * index + side)
    return figure


def _add_side(figure: go.Figure, feature: ScaledFeature, side: int, index: int) -> None:
    """Add a feature's histogram before (side 0) or after scaling (side 1), with its name and figures above."""
    drawn = (feature.before, feature.after)[side]
    mean, deviation = (feature.before_numbers, feature.after_numbers)[side]
    axes = {"xaxis": axis_name("x", side), "yaxis": axis_name("y", index)}
    figure.add_trace(outline(drawn.edges, drawn.counts[0], name=feature.name, colour=TRAINING_COLOUR, **axes))
    figure.add_annotation(
        text=f"<b>{short(feature.name, 22)}</b><br>mean {_mean_text(mean, deviation)}, std. dev. {deviation:.3g}",
        xref=f"{axes['xaxis']} domain",
        yref=f"{axes['yaxis']} domain",
        x=0,
        y=1,
        align="left",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
    )


def _mean_text(mean: float, deviation: float) -> str:
    """Return a mean as text; one that is tiny beside the standard deviation is float32's rounding, and reads 0."""
    return "0" if abs(mean) < 1e-4 * deviation else f"{mean:.3g}"


def _range(features: Sequence[ScaledFeature], side: int) -> dict[str, object]:
    """Return the range of all features of a side, with a margin."""
    if not features:
        return {}
    edges = np.concatenate([(feature.before, feature.after)[side].edges for feature in features])
    margin = 0.03 * np.ptp(edges)
    return {"range": [float(edges.min() - margin), float(edges.max() + margin)]}
