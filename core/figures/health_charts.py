"""How a network's layers fare as it trains: small multiples of histograms, and lines by epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import CLASS_COLOURS, FIT_COLOUR, TRAINING_COLOUR, translucent
from core.figures.template import axis_name, empty_figure
from core.figures.text import short

_COLUMNS_MOST = 4
_ROW, _FOOT = 170, 40  # pixels
_GAP = 0.03  # of the width
_PALEST = 0.25
_FEW = 8  # epochs, each of which has its tick


def layers_figure(
    layers: Sequence[tuple[np.ndarray, np.ndarray]], names: Sequence[str], epochs: Sequence[int], what: str
) -> go.Figure:
    """Return the histograms of every layer beside each other: the newest filled, earlier ones as lines, older paler.

    Of e epochs the first e traces are those of the first layer, rising, and so on.

    Args:
        layers: of every layer the edges of its bins, float (bins + 1,), and the counts of every epoch, (e, bins).
        names: of the layers.
        epochs: e of them, rising.
        what: the values are.
    """
    columns = min(len(layers), _COLUMNS_MOST)
    rows = -(-len(layers) // columns)
    height = _ROW * rows + _FOOT
    figure = empty_figure(height=height, showlegend=False, hovermode="closest", margin={"t": 24, "b": 24})
    for index, ((edges, counts), name) in enumerate(zip(layers, names, strict=True)):
        x, y = axis_name("x", index), axis_name("y", index)
        left, bottom = (index % columns) / columns, 1 - (index // columns + 1) / rows
        across = [left, left + 1 / columns - _GAP]
        up = [bottom + (0.2 / rows if rows > 1 else 0), bottom + 0.86 / rows]
        figure.update_layout(
            {
                f"xaxis{x[1:]}": {"domain": across, "anchor": y, "nticks": 4, "showgrid": False},
                f"yaxis{y[1:]}": {"domain": up, "anchor": x, "rangemode": "tozero", "showticklabels": False},
            }
        )
        figure.add_annotation(
            text=short(name, 24), x=left, y=up[1], xref="paper", yref="paper",
            xanchor="left", yanchor="bottom", showarrow=False,
        )  # fmt: skip
        for age, epoch in enumerate(epochs):
            shares = counts[age] / max(counts[age].sum(), 1)
            figure.add_trace(_outline(edges, shares, epoch, age, len(epochs), what, x, y))
    return figure


def _outline(
    edges: np.ndarray, shares: np.ndarray, epoch: int, age: int, ages: int, what: str, x: str, y: str
) -> go.Scatter:
    newest = age == ages - 1
    strength = _PALEST + (1 - _PALEST) * age / max(1, ages - 1)
    return go.Scatter(
        x=[edges[0], *edges],
        y=[0, *shares, 0],
        xaxis=x,
        yaxis=y,
        mode="lines",
        line={
            "shape": "hv",
            "width": 1.6 if newest else 1,
            "color": FIT_COLOUR if newest else translucent(TRAINING_COLOUR, strength),
        },
        fill="tozeroy" if newest else None,
        fillcolor=translucent(FIT_COLOUR, 0.3),
        hovertemplate=f"epoch {epoch:,}<br>{what} from %{{x:.3g}}: %{{y:.1%}}<extra></extra>",
    )


def by_epoch_figure(
    epochs: Sequence[int], values: np.ndarray, names: Sequence[str], what: str, log: bool = False, share: bool = False
) -> go.Figure:
    """Return a line a layer over epochs.

    Args:
        epochs: e of them, rising.
        values: float (layers, e); a layer that has only nan is left out.
        names: of the layers.
        what: the values are.
        log: whether the axis of values is logarithmic; what is not above 0 is then left out.
        share: whether the values go from 0 to 1.
    """
    up: dict[str, object] = {"title": {"text": what}, "type": "log" if log else "linear"}
    if log:
        up |= {"tickformat": "~g", "nticks": 3}  # else 0.8 and 0.9 are written over each other
    if share:
        up |= {"range": [-0.02, 1.02], "tickformat": ".0%", "dtick": 0.25}
    figure = empty_figure(
        height=300,
        hovermode="x unified",
        showlegend=True,  # a single line has a name as well
        legend={"maxheight": 0.5},  # on a phone, seven layers take four lines
        xaxis={
            "title": {"text": "epoch"},
            "showgrid": False,
            "tickformat": "d",
            "dtick": 1 if epochs[-1] <= _FEW else None,  # else halves are told as whole epochs
            "unifiedhovertitle": {"text": "epoch %{x}"},
        },
        yaxis=up,
    )
    shown = np.where(values > 0, values, np.nan) if log else values
    for index, (name, line) in enumerate(zip(names, shown, strict=True)):
        if np.all(np.isnan(line)):
            continue
        colour = CLASS_COLOURS[index % len(CLASS_COLOURS)]
        figure.add_trace(
            go.Scatter(
                x=list(epochs),
                y=line,
                name=short(name, 30),
                mode="lines+markers",
                line={"color": colour, "width": 2},
                marker={"size": 5, "symbol": index},
                hovertemplate="%{y:.1%}" if share else "%{y:.3g}",
            )
        )
    return figure
