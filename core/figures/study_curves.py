"""Training curves of many runs: as bands, or a median for each value of a setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.analysis.bands import Bands
from core.figures.palette import CLASS_COLOURS, HELD_OUT_COLOUR, ordered_colours, translucent
from core.figures.template import empty_figure
from core.figures.text import escape, short

_POINTS_MOST = 400  # there are not many more pixels across
_DASHES = ("solid", "7px,3px", "3px,2px")
_EDGE = 0.02  # of the figures that every curve begins and ends between
_MARGIN = 0.05  # of the range, above and below


@dataclass(frozen=True, eq=False)
class SettingCurve:
    """The runs of one value of a setting.

    Attributes:
        name: the value, as people read it.
        bands: of its runs.
    """

    name: str
    bands: Bands


def setting_colours(count: int, *, ordered: bool) -> list[str]:
    """Return a colour "#rrggbb" for every value of a setting: in steps for values in an order, else clearly apart."""
    if ordered:
        return ordered_colours(count)
    return [CLASS_COLOURS[place % len(CLASS_COLOURS)] for place in range(count)]


def bands_figure(bands: Bands, y_title: str, epochs: int) -> go.Figure:
    """Return the range of all runs, their middle half, and their median, over the epochs.

    From where runs have ended, or have not come so far yet, the median is dotted: it is then that of the others.

    Args:
        bands: of one metric.
        y_title: what the metric is.
        epochs: where the axis ends.
    """
    figure = _axes([bands], y_title, epochs)
    shown = _shown(bands)
    for name, low, high, alpha in (
        ("all runs", bands.low, bands.high, 0.16),
        ("middle half", bands.lower, bands.upper, 0.32),
    ):
        figure.add_trace(_band(shown, low, high, name, translucent(HELD_OUT_COLOUR, alpha)))
    full = bands.counts == bands.counts.max(initial=0)
    for is_full, name, dash in ((True, "median", "solid"), (False, "median of the runs that go on", "2px,3px")):
        if (full == is_full)[shown].any():
            figure.add_trace(_median(bands, shown, full, is_full=is_full, name=name, dash=dash))
    return figure


def setting_curves_figure(
    curves: Sequence[SettingCurve], setting: str, y_title: str, epochs: int, *, ordered: bool
) -> go.Figure:
    """Return the median of the runs for every value of a setting, with the range of its runs as a pale band.

    Bands are drawn of at most six values: more would hide each other.

    Args:
        curves: in the order of the values.
        setting: what it is called.
        y_title: what the metric is.
        epochs: where the axis ends.
        ordered: whether the values have an order, which the colours then show.
    """
    figure = _axes([curve.bands for curve in curves], y_title, epochs)
    colours = setting_colours(len(curves), ordered=ordered)
    if len(curves) <= 6:
        for curve, colour in zip(curves, colours, strict=True):
            if curve.bands.counts.max(initial=0) > 1:
                shown = _shown(curve.bands)
                band = _band(shown, curve.bands.low, curve.bands.high, curve.name, translucent(colour, 0.13))
                figure.add_trace(band.update(showlegend=False, legendgroup=curve.name))
    for place, (curve, colour) in enumerate(zip(curves, colours, strict=True)):
        shown, bands = _shown(curve.bands), curve.bands
        figure.add_scatter(
            x=shown + 1,
            y=bands.median[shown],
            mode="lines+markers" if bands.epochs == 1 else "lines",
            name=short(curve.name, 24),
            legendgroup=curve.name,
            line={"color": colour, "width": 2, "dash": _DASHES[place % len(_DASHES)]},
            customdata=_hover_numbers(bands, shown),
            hovertemplate=f"<b>{escape(setting)} {escape(curve.name)}</b>, epoch %{{x}}<br>median %{{y:.4~g}}, "
            "%{customdata[0]} runs %{customdata[3]:.4~g} to %{customdata[4]:.4~g}<extra></extra>",
        )
    return figure


def _axes(bands: Sequence[Bands], y_title: str, epochs: int) -> go.Figure:
    y_axis = {"title": {"text": y_title}, "nticks": 6, "range": _needed_range(bands) or (0, 1)}
    return empty_figure(
        uirevision=f"{y_title} {epochs}",
        hovermode="closest",
        showlegend=True,
        legend={"maxheight": 0.3},
        xaxis={"title": {"text": "epoch"}, "range": [0, max(epochs, 1)], "showgrid": False, "tickformat": "d"},
        yaxis=y_axis,
    )


def _needed_range(bands: Sequence[Bands]) -> tuple[float, float] | None:
    """Return what the middle halves need, and all of the range that a run far outside does not stretch tenfold."""
    middle = [values for one in bands for values in (one.lower, one.upper, one.median)]
    around = [values for one in bands for values in (one.low, one.high)]
    inner, outer = (_finite(values) for values in (middle, around))
    if not len(inner):
        return None
    low, high = float(np.quantile(inner, _EDGE)), float(np.quantile(inner, 1 - _EDGE))
    reach = max(high - low, abs(high) * 0.02, 1e-9)
    low = max(float(outer.min()), low - reach)
    high = min(float(outer.max()), high + reach)
    margin = (high - low) * _MARGIN or max(abs(high) * _MARGIN, _MARGIN)
    return low - margin, high + margin


def _finite(values: Sequence[np.ndarray]) -> np.ndarray:
    joined = np.concatenate([np.empty(0), *values])
    finite: np.ndarray = joined[np.isfinite(joined)]
    return finite


def _shown(bands: Bands) -> np.ndarray:
    """Return the places of the epochs to draw: an even choice of those with a figure, the first and last of them."""
    places = np.flatnonzero(bands.counts > 0)
    if len(places) <= _POINTS_MOST:
        return places
    chosen: np.ndarray = places[np.linspace(0, len(places) - 1, _POINTS_MOST).round().astype(int)]
    return chosen


def _band(shown: np.ndarray, low: np.ndarray, high: np.ndarray, name: str, colour: str) -> go.Scatter:
    epochs = shown + 1
    return go.Scatter(
        x=np.concatenate([epochs, epochs[::-1]]),
        y=np.concatenate([high[shown], low[shown][::-1]]),
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        name=name,
        hoverinfo="skip",
    )


def _median(bands: Bands, shown: np.ndarray, full: np.ndarray, *, is_full: bool, name: str, dash: str) -> go.Scatter:
    # The two lines meet: the dotted one begins at the last epoch of the other.
    mine = (full == is_full)[shown]
    if not is_full:
        mine = mine | np.append(mine[1:], False)
    y = np.where(mine, bands.median[shown], np.nan)
    return go.Scatter(
        x=shown + 1,
        y=y,
        mode="lines+markers" if bands.epochs == 1 else "lines",
        name=name,
        line={"color": HELD_OUT_COLOUR, "width": 2.2, "dash": dash},
        customdata=_hover_numbers(bands, shown),
        hovertemplate="<br>".join(
            [
                "epoch %{x}: median <b>%{y:.4~g}</b>",
                "middle half %{customdata[1]:.4~g} to %{customdata[2]:.4~g}",
                "all %{customdata[0]} runs %{customdata[3]:.4~g} to %{customdata[4]:.4~g}<extra></extra>",
            ]
        ),
    )


def _hover_numbers(bands: Bands, shown: np.ndarray) -> np.ndarray:
    columns = np.column_stack([bands.counts, bands.lower, bands.upper, bands.low, bands.high])
    numbers: np.ndarray = columns[shown]
    return numbers
