"""The loss over the plane of a training's path, with the path on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import HELD_OUT_COLOUR
from core.figures.template import empty_figure

# From deep to high: one hue that grows lighter, so that it reads without colour too, on light and dark pages.
_HEIGHTS = ((0.0, "#123a6b"), (0.35, "#2f7fd3"), (0.7, "#9cc3ec"), (1.0, "#f1f5fa"))
_WIDE = 20.0  # from the lowest loss to the highest: from here on colours go by powers of ten
_LABELS_MOST = 6
_PATH_COLOUR = "#ffffff"


def is_wide(losses: np.ndarray) -> bool:
    """Return whether losses are so far apart that they are coloured by their logarithm."""
    finite = losses[np.isfinite(losses)]
    return bool(len(finite) and finite.min() > 0 and finite.max() / finite.min() > _WIDE)


def landscape_figure(
    across: np.ndarray,
    up: np.ndarray,
    losses: np.ndarray,
    path: np.ndarray,
    epochs: Sequence[int],
    path_losses: np.ndarray,
    shares: tuple[float, float],
) -> go.Figure:
    """Return contours of the loss (trace 0), and the path over them from its first epoch to its last (trace 1).

    Args:
        across: float (columns,), places along the first direction.
        up: float (rows,), … along the second.
        losses: float (rows, columns); what is no number is left blank.
        path: float (e, 2).
        epochs: e of them, rising.
        path_losses: float (e,), of the weights themselves.
        shares: of the path's variance along each direction.
    """
    wide = is_wide(losses)
    shown = np.where(np.isfinite(losses), losses, np.nan).astype(np.float64)
    heights = np.log10(shown) if wide else shown
    bar: dict[str, object] = {"title": {"text": "loss", "side": "top"}, "thickness": 10, "outlinewidth": 0, "ticks": ""}
    if wide:
        ticks = np.arange(np.floor(np.nanmin(heights)), np.ceil(np.nanmax(heights)) + 1)
        bar |= {"tickvals": ticks, "ticktext": [f"{10**tick:.4g}" for tick in ticks]}
    names = [f"direction {place} of the path ({part:.0%} of it)" for place, part in enumerate(shares, start=1)]
    figure = empty_figure(
        height=520,
        hovermode="closest",
        showlegend=False,
        xaxis={"title": {"text": names[0]}, "range": [across[0], across[-1]], "showgrid": False},
        yaxis={"title": {"text": names[1]}, "range": [up[0], up[-1]], "showgrid": False},
    )
    figure.add_trace(
        go.Contour(
            x=across,
            y=up,
            z=heights,
            customdata=shown,
            colorscale=[list(step) for step in _HEIGHTS],
            ncontours=24,
            line={"width": 0.5, "color": "rgba(22,33,54,0.35)"},
            colorbar=bar,
            hovertemplate="loss %{customdata:.4g}<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=path[:, 0],
            y=path[:, 1],
            mode="lines+markers",
            line={"color": HELD_OUT_COLOUR, "width": 2},
            marker={
                "size": [6] * (len(path) - 1) + [12],
                "symbol": ["circle"] * (len(path) - 1) + ["star"],
                "color": HELD_OUT_COLOUR,
                "line": {"width": 1, "color": _PATH_COLOUR},
            },
            customdata=np.column_stack([epochs, path_losses]),
            hovertemplate="epoch %{customdata[0]:,}<br>loss %{customdata[1]:.4g}<extra></extra>",
        )
    )
    for place in _named(len(epochs)):
        figure.add_annotation(
            x=path[place, 0],
            y=path[place, 1],
            text=f"{epochs[place]:,}",
            showarrow=False,
            yshift=16,
            borderpad=1,
            bgcolor="rgba(255,255,255,0.85)",
            font={"size": 11, "color": "#162136"},
        )
    return figure


def _named(count: int) -> list[int]:
    """Return which of so many epochs are named on the path: a few, the first and the last among them."""
    places: list[int] = np.linspace(0, count - 1, min(_LABELS_MOST, count)).round().astype(int).tolist()
    return places
