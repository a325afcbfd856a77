"""The confusion matrix of a finished run, whose cells can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.confusion import confusion_figure
from core.figures.palette import HELD_OUT_COLOUR
from core.figures.template import on_a_page
from core.figures.text import short_names

_TICK_SIZE = 11  # pixels
_LARGE = 6  # classes, up to which the numbers are large


def clickable_confusion_figure(class_names: Sequence[str], counts: np.ndarray, chosen: tuple[int, int]) -> go.Figure:
    """Return the confusion matrix with a frame around the chosen cell.

    Args:
        class_names: k names.
        counts: int (k, k): rows true, columns predicted.
        chosen: the true and the predicted class.
    """
    size = len(class_names)
    figure = on_a_page(confusion_figure(class_names, counts), max(440, min(680, 120 + 40 * size)))
    figure.data[0].texttemplate = "%{z:,}"
    figure.data[0].textfont.size = 14 if size <= _LARGE else 11 if size <= 20 else 8
    figure.update_xaxes(tickfont_size=_TICK_SIZE)
    figure.update_yaxes(tickfont_size=_TICK_SIZE, ticktext=short_names(class_names, 12), ticklabelstandoff=4)
    row, column = chosen
    return figure.add_shape(
        type="rect",
        x0=column - 0.5,
        x1=column + 0.5,
        y0=row - 0.5,
        y1=row + 0.5,
        line={"color": HELD_OUT_COLOUR, "width": 3},
    )
