"""Grids of pictures with a caption below each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.colouring import value_rgb
from core.figures.picture_pixels import ink_of, picture_png, placed_picture
from core.figures.template import empty_figure
from core.figures.text import short, whole

COLUMNS = 10
_HALF = COLUMNS // 2
_CAPTION = 13  # characters in a line
_PICTURE, _GAP, _LINE, _MARGIN = 78, 3, 18, 8  # pixels: a picture, below it, a line of the caption, below the caption


def pictures_figure(
    images: np.ndarray, captions: Sequence[str], *, photographs: bool = False, columns: int = COLUMNS
) -> go.Figure:
    """Return pictures in rows, all on one scale, each with its caption below.

    Args:
        images: float (m, height, width), any range: low is paper and high is ink, in photographs dark and light. Or
            (m, height, width, 3) in colour.
        captions: m texts, of one to three lines.
        photographs: whether high values are light instead of ink.
        columns: pictures in a row.
    """
    return _grid(ink_of(images, photographs=photographs), captions, columns, _lines(captions))


def pictures_figures(images: np.ndarray, captions: Sequence[str], *, photographs: bool = False) -> list[go.Figure]:
    """Return pictures in rows of five, as one or two figures to put side by side or, on a phone, below each other.

    Args are those of `pictures_figure`. The first figure has as many rows as all pictures fill with ten in a row.
    Captions take equally many lines in both, which keeps their rows level.
    """
    first = _HALF * max(1, math.ceil(len(images) / COLUMNS))
    ink = ink_of(images, photographs=photographs)
    parts = [slice(0, first), slice(first, None)] if len(images) > first else [slice(0, first)]
    return [_grid(ink[part], captions[part], _HALF, _lines(captions)) for part in parts]


def weights_figure(weights: np.ndarray, captions: Sequence[str], columns: int = COLUMNS) -> go.Figure:
    """Return weights as pictures in rows, each with its caption below.

    Args:
        weights: float (m, height, width) from -1 (blue) over 0 (grey) to 1 (orange). Or (m, height, width, 3) for the
            three channels of a picture: mid-grey at 0, and each channel lighter the higher its weight.
        captions: m texts, of one to three lines.
        columns: pictures in a row.
    """
    shares = np.clip((weights + 1) / 2, 0, 1)
    colours = value_rgb(shares) / 255 if weights.ndim == 3 else shares
    return _grid(colours, captions, columns, _lines(captions))


def _grid(ink: np.ndarray, captions: Sequence[str], columns: int, lines: int) -> go.Figure:
    """Return pictures, each with `lines` lines of caption below; one that is cut is shown in full on hover."""
    texts = _texts(captions)
    cut = [any(len(line) > _CAPTION for line in caption.splitlines()) for caption in captions]
    count = len(ink)
    rows = max(1, math.ceil(count / columns))
    column, row = np.arange(count) % columns, np.arange(count) // columns
    height = _PICTURE + _GAP + _LINE * lines + _MARGIN
    foot = _PICTURE / height  # the lower edge of the picture, as a share of its row
    figure = empty_figure(
        height=16 + height * rows,
        hovermode="closest" if any(cut) else False,
        hoverdistance=_PICTURE // 2,
        showlegend=False,
        dragmode=False,
        xaxis={"range": [0, columns], "visible": False, "fixedrange": True},
        yaxis={"range": [rows, 0], "visible": False, "fixedrange": True},
        images=[
            placed_picture(
                picture_png(picture), column[index] + 0.5, row[index] + foot, anchor="bottom", size=(0.92, foot - 0.02)
            )
            for index, picture in enumerate(ink)
        ],
    )
    figure.add_trace(
        go.Scatter(
            x=column + 0.5,
            y=row + foot + _GAP / height,
            text=texts,
            mode="text",
            textposition="bottom center",
            textfont={"size": 12},
            cliponaxis=False,
            hovertext=["<br>".join(map(whole, caption.splitlines())) for caption in captions],
            hoverinfo=["text" if is_cut else "skip" for is_cut in cut],
        )
    )
    return figure


def _texts(captions: Sequence[str]) -> list[str]:
    return ["<br>".join(short(line, _CAPTION) for line in caption.splitlines()) for caption in captions]


def _lines(captions: Sequence[str]) -> int:
    """Return the number of lines of the longest caption."""
    return max((len(caption.splitlines()) for caption in captions), default=1)
