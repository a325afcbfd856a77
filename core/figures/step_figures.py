"""Figures of one step of training: the network with its numbers, an activation with its slope, the loss line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.analysis.one_step import Curve, LossLine, Spread
from core.figures.palette import (
    FIT_COLOUR,
    HELD_OUT_COLOUR,
    NEGATIVE_COLOUR,
    POSITIVE_COLOUR,
    TRAINING_COLOUR,
    VALUE_COLOURS,
    WRONG_COLOUR,
    translucent,
)
from core.figures.template import empty_figure
from core.figures.text import escape, short

_STRENGTHS = 4  # widths of connections
_EDGE_MOST = 4.0  # pixels
_NETWORK, _EXPLORER, _LINE = 360, 320, 260
UNITS, EDGES = "units", "edges"  # names of the traces that take clicks


@dataclass(frozen=True, eq=False)
class DrawnLevel:
    """A level of the network: its title, the drawn units with names and values, and how many are not drawn.

    Attributes:
        values: float (units,), which colour them; NaN and infinity are marked.
        marks: for each unit "", or a word such as "dead".
    """

    title: str
    units: Sequence[int]
    names: Sequence[str]
    values: np.ndarray
    marks: Sequence[str]
    hidden: int


def step_network_figure(
    levels: Sequence[DrawnLevel],
    between: Sequence[np.ndarray],
    *,
    edge_name: str,
    chosen: tuple[int, int, int | None] | None,
) -> go.Figure:
    """Return the network with coloured units and connections, each relative to the strongest of its level.

    Its last two traces take clicks: `EDGES` with (level, unit, sender) and `UNITS` with (level, unit) as custom data.

    Args:
        levels: inputs first.
        between: float (senders, receivers) for each pair of levels; () for a network without connections.
        edge_name: what the connections' numbers are.
        chosen: the level, the unit and the sender that are outlined; the sender may be None, and so may all of it.
    """
    places = [np.linspace(1, 0, len(level.units) + 2)[1:-1] for level in levels]
    figure = empty_figure(
        height=_NETWORK,
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        clickmode="event+select",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"visible": False, "fixedrange": True, "range": [-0.35, len(levels) - 0.65]},
        yaxis={"visible": False, "fixedrange": True, "range": [-0.08, 1.08]},
    )
    figure.add_traces(_connections(places, between))
    if chosen is not None:
        figure.add_traces(_chosen(levels, places, chosen))
    figure.add_trace(_edge_points(levels, places, between, edge_name))
    figure.add_trace(_unit_points(levels, places))
    for at, level in enumerate(levels):
        here = {"x": at, "showarrow": False, "xanchor": "center"}
        figure.add_annotation(text=escape(short(level.title, 14)), y=1.06, **here)
        if level.hidden:
            figure.add_annotation(text=f"+ {level.hidden:,}", y=-0.05, **here)
    return figure


def _connections(places: Sequence[np.ndarray], between: Sequence[np.ndarray]) -> list[go.Scatter]:
    """Return lines by sign and strength, so that each kind needs one trace."""
    lines: dict[tuple[bool, int], tuple[list[float | None], list[float | None]]] = {}
    for level, values in enumerate(between):
        sizes = np.abs(np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0))
        most = float(sizes.max(initial=0)) or 1.0
        for sender, receiver in np.argwhere(sizes > 0):
            strength = min(_STRENGTHS - 1, int(sizes[sender, receiver] / most * _STRENGTHS))
            xs, ys = lines.setdefault((bool(values[sender, receiver] > 0), strength), ([], []))
            xs += [level, level + 1, None]
            ys += [float(places[level][sender]), float(places[level + 1][receiver]), None]
    return [
        go.Scatter(
            x=xs, y=ys, mode="lines", hoverinfo="skip",
            line={"color": POSITIVE_COLOUR if positive else NEGATIVE_COLOUR,
                  "width": 0.5 + (_EDGE_MOST - 0.5) * strength / (_STRENGTHS - 1)},
            opacity=0.2 + 0.65 * strength / (_STRENGTHS - 1),
        )
        for (positive, strength), (xs, ys) in sorted(lines.items(), key=lambda item: item[0][1])
    ]  # fmt: skip


def _chosen(
    levels: Sequence[DrawnLevel], places: Sequence[np.ndarray], chosen: tuple[int, int, int | None]
) -> list[go.Scatter]:
    level, unit, sender = chosen
    x, y = level, float(places[level][list(levels[level].units).index(unit)])
    ring = {"color": "rgba(0,0,0,0)", "size": 22, "line": {"color": HELD_OUT_COLOUR, "width": 2}}
    traces = [go.Scatter(x=[x], y=[y], mode="markers", marker=ring, hoverinfo="skip")]
    if sender is not None:
        start = float(places[level - 1][list(levels[level - 1].units).index(sender)])
        line = {"color": HELD_OUT_COLOUR, "width": 2.5, "dash": "dot"}
        traces.append(go.Scatter(x=[x - 1, x], y=[start, y], mode="lines", line=line, hoverinfo="skip"))
    return traces


def _edge_points(
    levels: Sequence[DrawnLevel], places: Sequence[np.ndarray], between: Sequence[np.ndarray], name: str
) -> go.Scatter:
    """Return an unseen point in the middle of every connection, which takes the pointer."""
    xs, ys, data, texts = [], [], [], []
    for level, values in enumerate(between):
        for sender, receiver in np.ndindex(values.shape):
            xs.append(level + 0.5)
            ys.append(float(places[level][sender] + places[level + 1][receiver]) / 2)
            data.append([level + 1, levels[level + 1].units[receiver], levels[level].units[sender]])
            names = levels[level].names[sender], levels[level + 1].names[receiver]
            texts.append(f"{escape(names[0])} → {escape(names[1])}<br>{name} {values[sender, receiver]:.4g}")
    return go.Scatter(
        x=xs, y=ys, customdata=data, text=texts, name=EDGES, mode="markers",
        marker={"size": 9, "opacity": 0}, hovertemplate="%{text}<extra></extra>",
        selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}},
    )  # fmt: skip


def _unit_points(levels: Sequence[DrawnLevel], places: Sequence[np.ndarray]) -> go.Scatter:
    shares, texts, data, symbols = [], [], [], []
    for at, level in enumerate(levels):
        finite = np.where(np.isfinite(level.values), level.values, 0.0)
        shares += (finite / (np.abs(finite).max(initial=0) or 1.0)).tolist()
        for place, unit in enumerate(level.units):
            mark = f"<br>{level.marks[place]}" if level.marks[place] else ""
            texts.append(f"{escape(level.names[place])}<br>{level.values[place]:.4g}{mark}")
            data.append([at, unit])
            symbols.append("x" if not np.isfinite(level.values[place]) or level.marks[place] else "circle")
    opaque = {"marker": {"opacity": 1}}
    return go.Scatter(
        x=[at for at, level in enumerate(levels) for _ in level.units],
        y=np.concatenate(places).tolist(),
        customdata=data, text=texts, name=UNITS, mode="markers",
        marker={
            "size": 14, "symbol": symbols, "color": shares, "cmin": -1, "cmax": 1,
            "colorscale": [[place / 4, colour] for place, colour in enumerate(VALUE_COLOURS)],
            "line": {"color": TRAINING_COLOUR, "width": 1.2},
        },
        selected=opaque, unselected=opaque, hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def explorer_figure(curve: Curve, spread: Spread, unit: int, at: float, value: float, slope: float) -> go.Figure:
    """Return f and f′ with the tangent at one row, above the histogram of what a unit feeds into f over many rows.

    Args:
        at: what the unit fed into f for the row.
        value, slope: f and f′ there.
    """
    figure = empty_figure(
        height=_EXPLORER,
        hovermode="x",
        margin={"t": 24},
        xaxis={"anchor": "y2", "title": {"text": "z"}, "showgrid": False, "fixedrange": True},
        yaxis={"domain": [0.36, 1], "nticks": 5, "fixedrange": True},
        yaxis2={"domain": [0, 0.26], "anchor": "x", "showticklabels": False, "rangemode": "tozero", "fixedrange": True},
    )
    hover = "%{fullData.name} %{y:.4g}<extra></extra>"
    lines = (("f(z)", curve.values, FIT_COLOUR, "solid"), ("f′(z)", curve.slopes, HELD_OUT_COLOUR, "dash"))
    for name, values, colour, dash in lines:
        line = {"color": colour, "width": 2, "dash": dash}
        figure.add_trace(go.Scatter(x=curve.at, y=values, mode="lines", name=name, line=line, hovertemplate=hover))
    if np.isfinite([at, value, slope]).all():
        reach = float(curve.at[-1] - curve.at[0]) / 6
        xs = [at - reach, at, at + reach]
        marker = {"color": TRAINING_COLOUR, "size": [0, 9, 0]}
        figure.add_trace(
            go.Scatter(
                x=xs, y=[value - reach * slope, value, value + reach * slope], mode="lines+markers",
                name="tangent at the row", line={"color": TRAINING_COLOUR, "width": 2}, marker=marker,
                hoverinfo="skip",
            )
        )  # fmt: skip
    low, high, counts = float(spread.low[unit]), float(spread.high[unit]), spread.counts[unit]
    width = max(high - low, 1e-6) / len(counts)
    figure.add_trace(
        go.Bar(
            x=low + width * (np.arange(len(counts)) + 0.5), y=counts, width=max(width, 0.02), yaxis="y2",
            marker={"color": translucent(TRAINING_COLOUR, 0.7)}, showlegend=False,
            hovertemplate="%{y} rows near %{x:.3g}<extra></extra>",
        )
    )  # fmt: skip
    return figure


def loss_line_figure(line: LossLine) -> go.Figure:
    """Return the loss from no step to four times the step, with the step itself marked."""
    figure = empty_figure(
        height=_LINE,
        hovermode="x",
        showlegend=False,
        xaxis={"title": {"text": "times the step"}, "nticks": 6, "fixedrange": True},
        yaxis={"title": {"text": "loss of these rows"}, "nticks": 5, "exponentformat": "power", "fixedrange": True},
    )
    losses = np.where(np.isfinite(line.losses), line.losses, np.nan)
    hover = "%{x:.2f} times: %{y:.5g}<extra></extra>"
    stroke = {"color": FIT_COLOUR, "width": 2}
    figure.add_trace(go.Scatter(x=line.times, y=losses, mode="lines", line=stroke, hovertemplate=hover))
    ends = [int(np.flatnonzero(line.times == time)[0]) for time in (0.0, 1.0)]
    marker = {"color": [TRAINING_COLOUR, WRONG_COLOUR], "size": 10, "symbol": ["circle", "diamond"]}
    figure.add_trace(
        go.Scatter(
            x=line.times[ends], y=losses[ends], mode="markers+text", text=["now", "the step"],
            textposition="top right", marker=marker, hoverinfo="skip",
        )
    )  # fmt: skip
    return figure
