"""A grid of pictures with a word below each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.strip import ink_of, picture_png, placed_picture
from core.figures.template import empty_figure
from core.figures.text import short

COLUMNS = 10
_CAPTION = 13  # characters a line
_LOW, _TALL = 104, 124  # pixels of a row with captions of one line, and of two


def pictures_figure(images: np.ndarray, captions: Sequence[str], photographs: bool = False) -> go.Figure:
    """Return pictures in rows of ten, all on one scale, each with its caption below.

    Args:
        images: float (m, height, width), any range; low is paper and high is ink, in photographs dark and light. Or
            (m, height, width, 3) in colour.
        captions: m texts, of one line or two.
    """
    count = len(images)
    rows = max(1, math.ceil(count / COLUMNS))
    column, row = np.arange(count) % COLUMNS, np.arange(count) // COLUMNS
    texts = ["<br>".join(short(line, _CAPTION) for line in caption.splitlines()) for caption in captions]
    height = _TALL if any("<br>" in text for text in texts) else _LOW
    figure = empty_figure(
        height=16 + height * rows,
        hovermode=False,
        showlegend=False,
        dragmode=False,
        xaxis={"range": [0, COLUMNS], "visible": False, "fixedrange": True},
        yaxis={"range": [rows, 0], "visible": False, "fixedrange": True},
        images=[
            placed_picture(picture_png(picture), column[index] + 0.5, row[index] + 0.76, "bottom", (0.92, 0.74))
            for index, picture in enumerate(ink_of(images, photographs))
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
