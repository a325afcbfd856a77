"""The loss over the plane of a run's path through its weights, with the path on it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.analysis.landscape import Landscape
from core.figures.palette import HELD_OUT_COLOUR
from core.figures.template import empty_figure

# From low to high: one hue that gets lighter, so that it reads without colour too, on light and dark pages.
_HEIGHTS = ((0.0, "#123a6b"), (0.35, "#2f7fd3"), (0.7, "#9cc3ec"), (1.0, "#f1f5fa"))
_WIDE = 20.0  # highest over lowest loss; above this the colour scale is logarithmic
_LABELS_MOST = 6
_PATH_COLOUR = "#ffffff"


def is_wide(losses: np.ndarray) -> bool:
    """Return whether losses are so far apart that their colour scale is logarithmic."""
    finite = losses[np.isfinite(losses)]
    return bool(len(finite) and finite.min() > 0 and finite.max() / finite.min() > _WIDE)


def landscape_figure(found: Landscape) -> go.Figure:
    """Return contours of the loss (trace 0), and the path over them from its first epoch to its last (trace 1).

    Losses that are NaN or infinite are left blank.
    """
    wide = is_wide(found.losses)
    shown = np.where(np.isfinite(found.losses), found.losses, np.nan).astype(np.float64)
    heights = np.log10(shown) if wide else shown
    bar: dict[str, object] = {"title": {"text": "loss", "side": "top"}, "thickness": 10, "outlinewidth": 0, "ticks": ""}
    if wide:
        ticks = np.arange(np.floor(np.nanmin(heights)), np.ceil(np.nanmax(heights)) + 1)
        bar |= {"tickvals": ticks, "ticktext": [f"{10**tick:.4g}" for tick in ticks]}
    names = [f"direction {place} ({share:.0%} of the path's variance)" for place, share in enumerate(found.shares, 1)]
    figure = empty_figure(
        height=520,
        hovermode="closest",
        showlegend=False,
        xaxis={"title": {"text": names[0]}, "range": [found.across[0], found.across[-1]], "showgrid": False},
        yaxis={"title": {"text": names[1]}, "range": [found.up[0], found.up[-1]], "showgrid": False},
    )
    figure.add_trace(
        go.Contour(
            x=found.across,
            y=found.up,
            z=heights,
            customdata=shown,
            colorscale=[list(step) for step in _HEIGHTS],
            ncontours=24,
            line={"width": 0.5, "color": "rgba(22,33,54,0.35)"},
            colorbar=bar,
            hovertemplate="loss %{customdata:.4g}<extra></extra>",
        )
    )
    figure.add_trace(_path(found))
    for place in _labelled(len(found.epochs)):
        figure.add_annotation(
            x=found.path[place, 0],
            y=found.path[place, 1],
            text=f"{found.epochs[place]:,}",
            showarrow=False,
            yshift=16,
            borderpad=1,
            bgcolor="rgba(255,255,255,0.85)",
            font={"size": 11, "color": "#162136"},
        )
    return figure


def _path(found: Landscape) -> go.Scatter:
    """Return the path of the weights, which ends at a star."""
    return go.Scatter(
        x=found.path[:, 0],
        y=found.path[:, 1],
        mode="lines+markers",
        line={"color": HELD_OUT_COLOUR, "width": 2},
        marker={
            "size": [6] * (len(found.path) - 1) + [12],
            "symbol": ["circle"] * (len(found.path) - 1) + ["star"],
            "color": HELD_OUT_COLOUR,
            "line": {"width": 1, "color": _PATH_COLOUR},
        },
        customdata=np.column_stack([found.epochs, found.path_losses]),
        hovertemplate="epoch %{customdata[0]:,}<br>loss %{customdata[1]:.4g}<extra></extra>",
    )


def _labelled(count: int) -> list[int]:
    """Return which of `count` epochs have a label on the path: a few, with the first and the last among them."""
    places: list[int] = np.linspace(0, count - 1, min(_LABELS_MOST, count)).round().astype(int).tolist()
    return places
