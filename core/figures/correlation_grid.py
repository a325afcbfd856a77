"""The correlation of every pair of features, as a grid of coloured squares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import VALUE_COLOURS, translucent
from core.figures.template import empty_figure
from core.figures.text import escape, short

_NUMBERS_MOST = 14  # columns, up to which the numbers in the cells are readable
_LOW, _HIGH = VALUE_COLOURS[0], VALUE_COLOURS[-1]
# Transparent in the middle, and pale enough everywhere for the page's text, in either theme.
_SCALE = [
    [0, translucent(_LOW, 0.62)],
    [0.5, translucent(_LOW, 0.02)],
    [0.5, translucent(_HIGH, 0.02)],
    [1, translucent(_HIGH, 0.62)],
]


def correlation_figure(names: Sequence[str], values: np.ndarray) -> go.Figure:
    """Return the correlation of every pair as a coloured square.

    Trace 0 is the squares; trace 1, if there are few of them, the numbers in them.

    Args:
        names: n names.
        values: float (n, n), from -1 to 1; NaN stays empty.
    """
    size = len(names)
    ticks = {
        "tickmode": "array",
        "tickvals": list(range(size)),
        "ticktext": [short(name, 22) for name in names],
        "tickfont": {"size": 12 if size <= _NUMBERS_MOST else 10},
        "showgrid": False,
        "fixedrange": True,
        "constrain": "domain",
    }
    figure = empty_figure(
        height=max(300, min(760, 160 + (44 if size <= _NUMBERS_MOST else 20) * size)),
        dragmode=False,
        # Horizontal as long as the names do not overlap; on a phone even a few do.
        xaxis={**ticks, "range": [-0.5, size - 0.5], "autotickangles": [0, -45, -90]},
        yaxis={**ticks, "range": [size - 0.5, -0.5]},
    )
    escaped = [escape(name) for name in names]
    figure.add_trace(
        go.Heatmap(
            z=values,
            customdata=np.array([[[row, column] for column in escaped] for row in escaped], dtype=object),
            zmin=-1,
            zmax=1,
            colorscale=_SCALE,
            xgap=1,
            ygap=1,
            hoverongaps=False,
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br><b>%{z:.3f}</b><extra></extra>",
            colorbar={"thickness": 10, "outlinewidth": 0, "ticks": "", "tickvals": [-1, -0.5, 0, 0.5, 1], "xpad": 8},
        )
    )
    if size <= _NUMBERS_MOST:
        figure.add_trace(_numbers(values))
    return figure


def _numbers(values: np.ndarray) -> go.Scatter:
    """Return the numbers of the cells as a separate trace: a heatmap's text ignores the page's text colour."""
    row, column = np.nonzero(~np.isnan(values))
    return go.Scatter(
        x=column,
        y=row,
        text=[f"{value:.2f}" for value in values[row, column]],
        mode="text",
        textfont={"size": 12},
        showlegend=False,
        hoverinfo="skip",
    )
