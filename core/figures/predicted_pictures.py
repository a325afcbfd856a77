"""A grid of pictures with their true and their predicted classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.figures.palette import WRONG_COLOUR
from core.figures.picture_pixels import ink_of, picture_png, placed_picture
from core.figures.template import empty_figure
from core.figures.text import short_names

PICTURES_MOST = 20
_COLUMNS = 5


@dataclass(frozen=True, eq=False)
class LabelledPictures:
    """Pictures with their true classes.

    Attributes:
        pixels: float (m, height, width), any range: low is paper and high is ink, in photographs dark and light. Or
            (m, height, width, 3) in colour.
        labels: int (m,), from 0 to k - 1.
        class_names: k names.
        photographs: whether high values are light instead of ink.
    """

    pixels: np.ndarray
    labels: np.ndarray
    class_names: Sequence[str]
    photographs: bool = False

    def first(self) -> LabelledPictures:
        """Return those that a figure has room for: the first 20."""
        return LabelledPictures(
            self.pixels[:PICTURES_MOST], self.labels[:PICTURES_MOST], self.class_names, self.photographs
        )


def predicted_pictures_figure(pictures: LabelledPictures) -> go.Figure:
    """Return the first 20 pictures; the texts of trace 0 are the true classes, those of trace 1 the predicted ones.

    Layout images and traces 2 and 3, hidden at first, are the places of as many other pictures. Fewer than 20
    pictures leave room below them instead of spreading out.
    """
    pictures = pictures.first()
    count = len(pictures.pixels)
    column, row = np.arange(count) % _COLUMNS, np.arange(count) // _COLUMNS
    sources = [picture_png(ink) for ink in ink_of(pictures.pixels, photographs=pictures.photographs)]
    figure = empty_figure(
        uirevision="strip",
        hovermode=False,
        showlegend=False,
        dragmode=False,
        xaxis={"range": [0, _COLUMNS], "visible": False, "fixedrange": True},
        yaxis={"range": [PICTURES_MOST // _COLUMNS, 0], "visible": False, "fixedrange": True},
        images=[
            placed_picture(
                source, column[index] + 0.5, row[index] + 0.03, anchor="top", size=(0.86, 0.64), visible=shown
            )
            for shown, several in ((True, sources), (False, [""] * count))
            for index, source in enumerate(several)
        ],
    )
    x, below = column + 0.5, row + 0.69
    names = true_texts(pictures.class_names)
    unknown = ["–"] * count
    for shown, texts in ((True, [names[label] for label in pictures.labels]), (False, unknown)):
        figure.add_trace(_captions(x, below, texts, visible=shown))
        figure.add_trace(_captions(x, below + 0.14, unknown, visible=shown))
    return figure


def true_texts(class_names: Sequence[str]) -> list[str]:
    """Return the text of every class as the true one."""
    return [f"true {name}" for name in short_names(class_names, 9)]


def predicted_texts(class_names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the text of every class as a right and as a wrong prediction, which differ by more than colour."""
    names = short_names(class_names, 11)
    wrong = [f'<b style="color:{WRONG_COLOUR}">✗ {name}</b>' for name in names]
    return [f"✓ {name}" for name in names], wrong


def _captions(x: np.ndarray, y: np.ndarray, text: list[str], *, visible: bool) -> go.Scatter:
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
