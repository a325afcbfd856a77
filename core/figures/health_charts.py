"""How the layers of a network change as it trains: small multiples of histograms, and lines by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from core.analysis.histograms import Histogram
from core.figures.palette import CLASS_COLOURS, FIT_COLOUR, TRAINING_COLOUR, translucent
from core.figures.template import axis_name, empty_figure
from core.figures.text import short

_COLUMNS_MOST = 4
_ROW, _FOOT = 170, 40  # pixels
_GAP = 0.03  # of the width
_PALEST = 0.25  # opacity of the oldest line
_FEW = 8  # epochs, up to which each has a tick


def layers_figure(
    layers: Sequence[Histogram], names: Sequence[str], epochs: Sequence[int], *, value_name: str
) -> go.Figure:
    """Return the histograms of every layer side by side: the newest filled, earlier ones as lines, older paler.

    Of e epochs the first e traces are those of the first layer, in rising order, and so on.

    Args:
        layers: of every layer the histogram, with one group for each epoch.
        names: of the layers.
        epochs: e of them, rising.
        value_name: what the values are.
    """
    columns = min(len(layers), _COLUMNS_MOST)
    rows = -(-len(layers) // columns)
    height = _ROW * rows + _FOOT
    figure = empty_figure(height=height, showlegend=False, hovermode="closest", margin={"t": 24, "b": 24})
    for index, (histogram, name) in enumerate(zip(layers, names, strict=True)):
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
        figure.add_traces([trace.update(xaxis=x, yaxis=y) for trace in _outlines(histogram, epochs, value_name)])
    return figure


def _outlines(histogram: Histogram, epochs: Sequence[int], value_name: str) -> Iterator[go.Scatter]:
    """Yield the histogram of one layer after every epoch."""
    edges = histogram.edges
    newest = len(epochs) - 1
    for age, (epoch, counts) in enumerate(zip(epochs, histogram.counts, strict=True)):
        shares = counts / max(counts.sum(), 1)
        opacity = _PALEST + (1 - _PALEST) * age / max(1, newest)
        yield go.Scatter(
            x=[edges[0], *edges],
            y=[0, *shares, 0],
            mode="lines",
            line={
                "shape": "hv",
                "width": 1.6 if age == newest else 1,
                "color": FIT_COLOUR if age == newest else translucent(TRAINING_COLOUR, opacity),
            },
            fill="tozeroy" if age == newest else None,
            fillcolor=translucent(FIT_COLOUR, 0.3),
            hovertemplate=f"epoch {epoch:,}<br>{value_name} from %{{x:.3g}}: %{{y:.1%}}<extra></extra>",
        )


def by_epoch_figure(
    epochs: Sequence[int],
    values: np.ndarray,
    names: Sequence[str],
    *,
    value_name: str,
    scale: Literal["log", "share"],
) -> go.Figure:
    """Return one line for each layer over epochs.

    Args:
        epochs: e of them, rising.
        values: float (layers, e); a layer with nothing but NaN is left out.
        names: of the layers.
        value_name: what the values are.
        scale: of the values: "log" (values that are not above 0 are left out) or "share" (from 0 to 1).
    """
    log = scale == "log"
    up: dict[str, object] = {"title": {"text": value_name}}
    if log:
        up |= {"type": "log", "tickformat": "~g", "nticks": 3}  # with more ticks, 0.8 and 0.9 overlap
    else:
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
            "dtick": 1 if epochs[-1] <= _FEW else None,  # otherwise ticks at half epochs read 1 1 2 2
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
                hovertemplate="%{y:.3g}" if log else "%{y:.1%}",
            )
        )
    return figure
