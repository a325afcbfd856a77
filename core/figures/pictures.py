"""Grids of pictures with a word below each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.strip import ink_of, placed_picture
from core.figures.template import empty_figure
from core.figures.text import short

COLUMNS = 10
_HALF = COLUMNS // 2
_CAPTION = 13  # characters a line
_LOW, _TALL = 104, 124  # pixels of a row with captions of one line, and of two


def pictures_figure(images: np.ndarray, captions: Sequence[str], photographs: bool = False) -> go.Figure:
    """Return pictures in rows of ten, all on one scale, each with its caption below.

    Args:
        images: float (m, height, width), any range; low is paper and high is ink, in photographs dark and light. Or
            (m, height, width, 3) in colour.
        captions: m texts, of one line or two.
    """
    return _grid(ink_of(images, photographs), _texts(captions), COLUMNS, _row_height(captions))


def pictures_figures(images: np.ndarray, captions: Sequence[str], photographs: bool = False) -> list[go.Figure]:
    """Return the same in rows of five, as one figure or two: to stand side by side, or on a phone below each other.

    The first figure has as many rows as ten pictures a row would fill; equal heights keep the rows of both level.
    """
    first = _HALF * max(1, math.ceil(len(images) / COLUMNS))
    ink, texts = ink_of(images, photographs), _texts(captions)
    parts = [slice(0, first), slice(first, None)] if len(images) > first else [slice(0, first)]
    return [_grid(ink[part], texts[part], _HALF, _row_height(captions)) for part in parts]


def _grid(ink: np.ndarray, texts: list[str], columns: int, row_height: int) -> go.Figure:
    count = len(ink)
    rows = max(1, math.ceil(count / columns))
    column, row = np.arange(count) % columns, np.arange(count) // columns
    figure = empty_figure(
        height=16 + row_height * rows,
        hovermode=False,
        showlegend=False,
        dragmode=False,
        xaxis={"range": [0, columns], "visible": False, "fixedrange": True},
        yaxis={"range": [rows, 0], "visible": False, "fixedrange": True},
        images=[
            placed_picture(picture, column[index] + 0.5, row[index] + 0.76, "bottom", (0.92, 0.74))
            for index, picture in enumerate(ink)
        ],
    )
    figure.add_trace(
        go.Scatter(
            x=column + 0.5,
            y=row + 0.76,
            text=texts,
            mode="text",
            textposition="bottom center",
            textfont={"size": 12},
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    return figure


def _texts(captions: Sequence[str]) -> list[str]:
    return ["<br>".join(short(line, _CAPTION) for line in caption.splitlines()) for caption in captions]


def _row_height(captions: Sequence[str]) -> int:
    return _TALL if any(len(caption.splitlines()) > 1 for caption in captions) else _LOW
