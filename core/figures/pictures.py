"""A grid of pictures with a word below each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.strip import ink_of, placed_picture
from core.figures.template import empty_figure
from core.figures.text import short

COLUMNS = 10
_CAPTION = 13  # characters a line
_PICTURE, _GAP, _LINE, _MARGIN = 78, 3, 18, 8  # pixels of a picture, below it, of a line of its caption, and below that


def pictures_figure(
    images: np.ndarray, captions: Sequence[str], photographs: bool = False, columns: int = COLUMNS
) -> go.Figure:
    """Return pictures in rows of so many, all on one scale, each with its caption below.

    Args:
        images: float (m, height, width), any range; low is paper and high is ink, in photographs dark and light.
        captions: m texts, of one line to three.
    """
    count = len(images)
    rows = max(1, math.ceil(count / columns))
    column, row = np.arange(count) % columns, np.arange(count) // columns
    texts = ["<br>".join(short(line, _CAPTION) for line in caption.splitlines()) for caption in captions]
    lines = 1 + max((text.count("<br>") for text in texts), default=0)
    height = _PICTURE + _GAP + _LINE * lines + _MARGIN
    foot = _PICTURE / height  # of the picture, in a row
    figure = empty_figure(
        height=16 + height * rows,
        hovermode=False,
        showlegend=False,
        dragmode=False,
        xaxis={"range": [0, columns], "visible": False, "fixedrange": True},
        yaxis={"range": [rows, 0], "visible": False, "fixedrange": True},
        images=[
            placed_picture(picture, column[index] + 0.5, row[index] + foot, "bottom", (0.92, foot - 0.02))
            for index, picture in enumerate(ink_of(images, photographs))
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
            hoverinfo="skip",
        )
    )
    return figure
