"""Pictures of a data set, from their values to what Plotly lays out."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from core.figures.painting import png_source

_PAPER, _INK = np.array([245, 247, 250]), np.array([22, 33, 54])  # readable on light and dark pages
_SIDE = 160  # pixels of the picture sent, so that the browser's smoothing leaves the picture's own pixels square


def ink_of(images: np.ndarray, *, photographs: bool, ends: tuple[float, float] | None = None) -> np.ndarray:
    """Return pictures (m, height, width) on one scale from 0 (paper) to 1 (ink); in a photograph, light is paper.

    Pictures in colour, (m, height, width, 3), are from 0 (dark) to 1 (light).

    Args:
        images: float, any range.
        photographs: whether high values are light instead of ink.
        ends: the values that become 0 and 1; by default the lowest and the highest of all.
    """
    low, high = ends or ((images.min(), images.max()) if images.size else (0.0, 1.0))
    scaled: np.ndarray = np.clip((images - low) / ((high - low) or 1.0), 0, 1)
    return 1 - scaled if photographs and images.ndim == 3 else scaled


def grey_ends(*, photographs: bool) -> tuple[str, str]:
    """Return the colours of a grey picture's lowest and highest value."""
    paper, ink = (f"rgb({', '.join(map(str, colour))})" for colour in (_PAPER, _INK))
    return (ink, paper) if photographs else (paper, ink)


def picture_png(ink: np.ndarray) -> str:
    """Return a picture as a PNG data URI, its pixels enlarged.

    Args:
        ink: (height, width) from 0 (paper) to 1 (ink), or (height, width, 3) from 0 (dark) to 1 (light).
    """
    scale = max(1, _SIDE // max(ink.shape))
    enlarged = ink.repeat(scale, axis=0).repeat(scale, axis=1)
    colours = 255 * enlarged if ink.ndim == 3 else _PAPER + (_INK - _PAPER) * enlarged[..., None]
    return png_source(np.rint(colours).astype(np.uint8), colours=128 if ink.ndim == 3 else 32)


def placed_picture(
    source: str,
    x: float,
    y: float,
    *,
    anchor: Literal["top", "bottom"],
    size: tuple[float, float],
    visible: bool = True,
) -> dict[str, Any]:
    """Return a Plotly layout image: its middle at x, its top or bottom (`anchor`) at y."""
    return {
        "source": source,
        "visible": visible,
        "layer": "above",
        "sizing": "contain",
        "xref": "x",
        "yref": "y",
        "x": x,
        "y": y,
        "xanchor": "center",
        "yanchor": anchor,
        "sizex": size[0],
        "sizey": size[1],
    }
