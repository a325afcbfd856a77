"""One metric of several runs over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import CLASS_COLOURS
from core.figures.template import empty_figure
from core.figures.text import escape, short

_DASHES = ("solid", "5px,3px")
LOOKS = len(CLASS_COLOURS) * len(_DASHES)  # lines that can be told apart
_MARGIN = 0.04  # of the range, above and below


@dataclass(frozen=True, eq=False)
class ComparedCurve:
    """A curve of one run.

    Attributes:
        name: of the run.
        look: which of LOOKS.
        x: (n,).
        y: (n,); NaN is left out.
        raw: (n,), the values before smoothing, which are shown on hover.
        diverged: whether the run diverged: the axes then take no account of it.
    """

    name: str
    look: int
    x: np.ndarray
    y: np.ndarray
    raw: np.ndarray
    diverged: bool


def line_of(look: int) -> tuple[str, str]:
    """Return the colour, "#rrggbb", and Plotly's dash of a look.

    >>> line_of(0), line_of(10)
    (('#2f7fd3', 'solid'), ('#2f7fd3', '5px,3px'))
    """
    return CLASS_COLOURS[look % len(CLASS_COLOURS)], _DASHES[look // len(CLASS_COLOURS) % len(_DASHES)]


def shared_range(curves: Sequence[ComparedCurve], log: bool) -> tuple[float, float] | None:
    """Return the range of values that all curves but diverged ones need, without a margin.

    Where all have diverged, all count. None where there is no finite value, or on a logarithmic axis none above 0.
    """
    counted = [curve for curve in curves if not curve.diverged] or list(curves)
    values = np.concatenate([np.empty(0), *(np.asarray(curve.y, np.float64) for curve in counted)])
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    return (float(values.min()), float(values.max())) if len(values) else None


def compared_curves_figure(
    curves: Sequence[ComparedCurve], x_title: str, y_title: str, *, log_x: bool = False, log_y: bool = False
) -> go.Figure:
    """Return the curves of several runs, a trace each; a cross for each run that diverged marks where it left.

    The cross stands at the run's last number, or at the edge of the figure where that number is far outside.
    """
    needed = shared_range(curves, log_y)
    y_axis: dict[str, object] = {"title": {"text": y_title}, "type": "log" if log_y else "linear"}
    if needed is not None:
        y_axis["range"] = _axis_range(needed, log_y)
    figure = empty_figure(
        uirevision=f"{x_title} {y_title} {log_x} {log_y}",
        hovermode="closest",
        showlegend=True,
        legend={"maxheight": 0.3},
        xaxis={"title": {"text": x_title}, "type": "log" if log_x else "linear", "showgrid": False},
        yaxis=y_axis,
    )
    for curve in curves:
        colour, dash = line_of(curve.look)
        name = short(curve.name, 40)
        figure.add_scatter(
            x=np.asarray(curve.x, np.float64),
            y=np.asarray(curve.y, np.float64),
            customdata=np.asarray(curve.raw, np.float64),
            mode="lines+markers" if len(curve.y) < 2 else "lines",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            legendgroup=str(curve.look),
            hovertemplate=f"<b>{escape(curve.name)}</b><br>{x_title} %{{x:.4~g}}<br>{y_title} %{{customdata:.4~g}}"
            "<extra></extra>",
        )
    for curve in curves:
        if curve.diverged and needed is not None:
            figure.add_trace(_cross(curve, needed))
    return figure


def _axis_range(needed: tuple[float, float], log: bool) -> tuple[float, float]:
    low, high = (math.log10(value) for value in needed) if log else needed
    margin = (high - low) * _MARGIN or max(abs(high) * _MARGIN, _MARGIN)
    return low - margin, high + margin


def _cross(curve: ComparedCurve, needed: tuple[float, float]) -> go.Scatter:
    y = np.asarray(curve.y, np.float64)
    finite = np.flatnonzero(np.isfinite(y))
    x = [float(curve.x[finite[-1]])] if len(finite) else [1.0]  # a run without any number stands at the first epoch
    height = float(np.clip(y[finite[-1]], *needed)) if len(finite) else needed[1]
    return go.Scatter(
        x=x,
        y=[height],
        mode="markers",
        marker={"symbol": "x", "size": 11, "color": line_of(curve.look)[0]},
        legendgroup=str(curve.look),
        showlegend=False,
        cliponaxis=False,
        hovertemplate=f"<b>{escape(curve.name)}</b> diverged here<extra></extra>",
    )
