"""A grid of pictures with their true class and what the network says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.painting import png_source
from core.figures.palette import WRONG_COLOUR
from core.figures.template import empty_figure
from core.figures.text import short_names

IMAGES_MOST = 20
_COLUMNS = 5
_PAPER, _INK = np.array([245, 247, 250]), np.array([22, 33, 54])  # readable on light and dark pages
_SIDE = 160  # pixels of the picture sent: enough that the browser's smoothing leaves pixels square


def strip_figure(
    images: np.ndarray, true_labels: np.ndarray, class_names: Sequence[str], photographs: bool = False
) -> go.Figure:
    """Return the figure of up to 20 pictures; the texts of trace 0 are true classes, those of trace 1 answers.

    Fewer pictures leave room below them, and stand as close to their texts.

    Images and traces behind these, not visible at first, are the places of as many other pictures.

    Args:
        images: float (m, height, width), any range; low is paper and high is ink, in photographs dark and light. Or
            (m, height, width, 3) in colour.
        true_labels: int (m,), from 0 to k - 1.
        class_names: k names.
    """
    images, true_labels = images[:IMAGES_MOST], true_labels[:IMAGES_MOST]
    count = len(images)
    column, row = np.arange(count) % _COLUMNS, np.arange(count) // _COLUMNS
    pictures = [picture_png(picture) for picture in ink_of(images, photographs)]
    figure = empty_figure(
        uirevision="strip",
        hovermode=False,
        showlegend=False,
        dragmode=False,
        xaxis={"range": [0, _COLUMNS], "visible": False, "fixedrange": True},
        yaxis={"range": [IMAGES_MOST // _COLUMNS, 0], "visible": False, "fixedrange": True},
        images=[
            placed_picture(source, column[index] + 0.5, row[index] + 0.03, "top", (0.86, 0.64), shown)
            for shown, sources in ((True, pictures), (False, [""] * count))
            for index, source in enumerate(sources)
        ],
    )
    x, below = column + 0.5, row + 0.69
    names = truths(class_names)
    for shown, texts in ((True, [names[label] for label in true_labels]), (False, ["–"] * count)):
        figure.add_trace(_captions(x, below, texts, shown))
        figure.add_trace(_captions(x, below + 0.14, ["–"] * count, shown))
    return figure


def truths(class_names: Sequence[str]) -> list[str]:
    """Return the text of every class as the true one."""
    return [f"true {name}" for name in short_names(class_names, 9)]


def answers(class_names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the text of every class as a right and as a wrong answer, told apart without colour too."""
    names = short_names(class_names, 11)
    wrong = [f'<b style="color:{WRONG_COLOUR}">✗ {name}</b>' for name in names]
    return [f"✓ {name}" for name in names], wrong


def _captions(x: np.ndarray, y: np.ndarray, text: list[str], visible: bool) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        text=text,
        visible=visible,
        mode="text",
        textposition="bottom center",
        textfont={"size": 13},
        cliponaxis=False,
        hoverinfo="skip",
    )


def ink_of(images: np.ndarray, photographs: bool, ends: tuple[float, float] | None = None) -> np.ndarray:
    """Return pictures (m, height, width) on one scale from 0 (paper) to 1 (ink); a photograph's light is paper.

    Pictures in colour, (m, height, width, 3), are from 0 (dark) to 1 (light). The scale goes from the lowest value of
    them all to the highest, or between `ends`.
    """
    low, high = ends or ((images.min(), images.max()) if images.size else (0.0, 1.0))
    scaled: np.ndarray = np.clip((images - low) / ((high - low) or 1.0), 0, 1)
    return 1 - scaled if photographs and images.ndim == 3 else scaled


def shades(photographs: bool) -> tuple[str, str]:
    """Return the colours of a grey picture's lowest and highest pixel."""
    paper, ink = (f"rgb({', '.join(map(str, colour))})" for colour in (_PAPER, _INK))
    return (ink, paper) if photographs else (paper, ink)


def placed_picture(
    source: str, x: float, y: float, anchor: str, size: tuple[float, float], visible: bool = True
) -> dict[str, Any]:
    """Return a picture as Plotly lays it out: its middle at x, its top or bottom (`anchor`) at y."""
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


def picture_png(ink: np.ndarray) -> str:
    """Return a picture as a PNG data URI, its pixels enlarged.

    Args:
        ink: (height, width) of 0 (paper) to 1 (ink), or (height, width, 3) of 0 (dark) to 1 (light).
    """
    scale = max(1, _SIDE // max(ink.shape))
    enlarged = ink.repeat(scale, axis=0).repeat(scale, axis=1)
    colours = 255 * enlarged if ink.ndim == 3 else _PAPER + (_INK - _PAPER) * enlarged[..., None]
    return png_source(np.rint(colours).astype(np.uint8), colours=128 if ink.ndim == 3 else 32)
