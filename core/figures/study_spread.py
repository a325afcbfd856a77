"""The final figures of the runs of a study: a histogram, or their spread for every value of a setting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import FIT_COLOUR, HELD_OUT_COLOUR, TRAINING_COLOUR, translucent
from core.figures.study_curves import setting_colours
from core.figures.template import empty_figure, names_axis
from core.figures.text import escape

_NARROWEST = 0.01  # range that bins divide: figures that hardly differ should not look far apart
_BINS_MOST = 15
_LOG_RATIO = 20.0  # of the highest value to the lowest, from which an axis is logarithmic


@dataclass(frozen=True)
class Published:
    """What somebody else has reached with the same settings: a figure, or a range where `low` is below `high`."""

    low: float
    high: float

    @property
    def words(self) -> str:
        """Return it as text: "0.90", or "0.87 to 0.93"."""
        if self.low == self.high:
            return f"{self.low:.3g}"
        return f"{self.low:.2f} to {self.high:.2f}"


@dataclass(frozen=True, eq=False)
class SettingSpread:
    """The final figures of one value of a setting.

    Attributes:
        name: the value, as people read it.
        number: the value; None where it is no number.
        figures: float (runs,), of the runs that have one.
        failed: how many have none because they diverged.
    """

    name: str
    number: float | None
    figures: np.ndarray
    failed: int = 0


def bins_of(figures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges, float (bins + 1,), and counts, int64 (bins,), of at most 15 bins with round middles.

    A figure on an edge belongs to the bin above it.

    >>> edges, counts = bins_of(np.array([0.91, 0.93, 0.93]))
    >>> edges[:3].round(3).tolist(), counts.tolist()
    ([0.909, 0.911, 0.913], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])
    """
    values = np.asarray(figures, np.float64)
    low, high = float(values.min()), float(values.max())
    power = 10.0 ** math.floor(math.log10(max(high - low, _NARROWEST) / _BINS_MOST))
    widths = [digit * power for digit in (1, 2, 5, 10, 20)]
    width = next(one for one in widths if _bin(high, one) - _bin(low, one) < _BINS_MOST)
    first, last = (int(_bin(value, width)) for value in (low, high))
    counts = np.bincount(_bin(values, width).astype(int) - first, minlength=last - first + 1)
    return (np.arange(first, last + 2) - 0.5) * width, counts


def _bin(values: np.ndarray | float, width: float) -> np.ndarray:
    """Return the number of the bin, against the last digit of a float."""
    found: np.ndarray = np.floor(np.asarray(values) / width + 0.5 + 1e-6)
    return found


def final_histogram(figures: np.ndarray, x_title: str, published: Published | None = None) -> go.Figure:
    """Return how many runs have which final figure; what was published is a line, or a pale band, with its label.

    Args:
        figures: float (runs,), finite; none gives empty axes.
        x_title: what they are.
        published: of the same experiment, if it is known.
    """
    figure = empty_figure(
        uirevision=x_title,
        hovermode="closest",
        showlegend=False,
        bargap=0.06,
        xaxis={"title": {"text": x_title}, "showgrid": False},
        yaxis={"title": {"text": "runs"}, "rangemode": "tozero", "nticks": 5, "tickformat": "d"},
    )
    if not len(figures):
        figure.update_layout(xaxis={"range": [0, 1]}, yaxis={"range": [0, 1], "dtick": 1})
    else:
        edges, counts = bins_of(figures)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges),
            marker={"color": translucent(HELD_OUT_COLOUR, 0.55), "line": {"color": HELD_OUT_COLOUR, "width": 1}},
            customdata=[f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)],
            hovertemplate="%{customdata}: <b>%{y}</b> runs<extra></extra>",
        )
        shown = [edges[0], edges[-1], *((published.low, published.high) if published is not None else ())]
        # A single bar is a bar among empty bins, and not a line on an axis of Plotly's choice.
        margin = max((max(shown) - min(shown)) / 20, (_BINS_MOST - len(counts)) / 2 * (edges[1] - edges[0]))
        figure.update_xaxes(range=[min(shown) - margin, max(shown) + margin])
    if published is not None:
        _mark(figure, published)
    return figure


def _mark(figure: go.Figure, published: Published) -> None:
    if published.low < published.high:
        figure.add_vrect(
            x0=published.low, x1=published.high, fillcolor=translucent(FIT_COLOUR, 0.14), line_width=0, layer="below"
        )
    for value in dict.fromkeys((published.low, published.high)):
        figure.add_vline(x=value, line={"color": FIT_COLOUR, "width": 2, "dash": "6px,3px"})
    figure.add_annotation(
        x=(published.low + published.high) / 2,
        y=1,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        text=f"tutorial: {published.words}",
        font={"size": 12},
    )
    figure.update_layout(margin={"t": 26})


def is_log_axis(spreads: Sequence[SettingSpread]) -> bool:
    """Return whether the values of a setting are drawn on a logarithmic axis: positive, and far apart."""
    numbers = [one.number for one in spreads if one.number is not None]
    return len(numbers) == len(spreads) > 1 and min(numbers) > 0 and max(numbers) / min(numbers) >= _LOG_RATIO


def setting_spread_figure(spreads: Sequence[SettingSpread], setting: str, y_title: str) -> go.Figure:
    """Return the final figure against a setting: every run as a point, the median with the range as whiskers.

    The axis is logarithmic where the values are far apart, and has names instead where they are no numbers. Values
    without any figure, because all runs diverged, have a cross at the foot of the figure.

    Args:
        spreads: in the order of the values.
        setting: what it is called.
        y_title: what the figures are.
    """
    numeric = all(one.number is not None for one in spreads)
    x = [float(one.number or 0) if numeric else place for place, one in enumerate(spreads)]
    log = is_log_axis(spreads)
    axis: dict[str, object] = {"title": {"text": setting}, "type": "log" if log else "linear", "showgrid": False}
    if not numeric:
        axis |= names_axis([one.name for one in spreads], 16) | {"range": [-0.5, len(spreads) - 0.5]}
    elif len(spreads) <= 9:
        axis |= {"tickmode": "array", "tickvals": x, "ticktext": [escape(one.name) for one in spreads]}
    figure = empty_figure(
        uirevision=setting, hovermode="closest", showlegend=False, xaxis=axis, yaxis={"title": {"text": y_title}}
    )
    colours = setting_colours(len(spreads), ordered=numeric)
    drawn = [(at, one, colour) for at, one, colour in zip(x, spreads, colours, strict=True) if len(one.figures)]
    figure.add_scatter(
        x=[at for at, one, _ in drawn for _ in one.figures],
        y=[value for _, one, _ in drawn for value in one.figures.tolist()],
        mode="markers",
        name="single runs",
        marker={"color": TRAINING_COLOUR, "size": 6, "opacity": 0.55, "line": {"width": 0}},
        hovertemplate="one run: %{y:.4~g}<extra></extra>",
    )
    if not drawn:
        figure.update_layout(yaxis={"range": [0, 1]})
    medians = [float(np.median(one.figures)) for _, one, _ in drawn]
    figure.add_scatter(
        x=[at for at, _, _ in drawn],
        y=medians,
        mode="lines+markers" if numeric else "markers",
        name="median",
        line={"color": TRAINING_COLOUR, "width": 1.5},
        marker={"color": [colour for _, _, colour in drawn], "size": 11, "line": {"width": 1}},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [float(one.figures.max()) - middle for (_, one, _), middle in zip(drawn, medians, strict=True)],
            "arrayminus": [
                middle - float(one.figures.min()) for (_, one, _), middle in zip(drawn, medians, strict=True)
            ],
            "color": TRAINING_COLOUR,
            "thickness": 1.5,
            "width": 5,
        },
        customdata=[[escape(one.name), len(one.figures), one.figures.min(), one.figures.max()] for _, one, _ in drawn],
        hovertemplate=f"<b>{escape(setting)} %{{customdata[0]}}</b><br>median %{{y:.4~g}}, %{{customdata[1]}} runs "
        "%{customdata[2]:.4~g} to %{customdata[3]:.4~g}<extra></extra>",
    )
    lost = [(at, one) for at, one in zip(x, spreads, strict=True) if one.failed]
    if lost:
        figure.add_scatter(
            x=[at for at, _ in lost],
            y=[0] * len(lost),
            yaxis="y2",
            mode="markers",
            name="values with diverged runs",
            marker={"symbol": "x", "size": 10, "color": HELD_OUT_COLOUR},
            customdata=[one.failed for _, one in lost],
            hovertemplate="%{customdata} diverged<extra></extra>",
            cliponaxis=False,
        )
        figure.update_layout(yaxis2={"overlaying": "y", "visible": False, "range": [0, 1], "fixedrange": True})
    return figure
