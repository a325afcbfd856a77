"""The confusion matrix of a run at rest, whose cells can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.confusion import confusion_figure
from core.figures.palette import HELD_OUT_COLOUR
from core.figures.template import on_a_page
from core.figures.text import short_names

_TICKS = 11  # pixels
_LARGE = 6  # classes up to which numbers are large


def cells_figure(class_names: Sequence[str], counts: np.ndarray, chosen: tuple[int, int]) -> go.Figure:
    """Return the confusion matrix with a frame around the chosen cell.

    Args:
        class_names: k names.
        counts: int (k, k): rows true, columns predicted.
        chosen: the true and the predicted class.

    A heatmap reports no click, so trace 2 is a marker in every cell that cannot be seen, true class by true class.
    Trace 3 is the counts, which so have the page's colour of text; the heatmap's would not.
    """
    size = len(class_names)
    figure = on_a_page(confusion_figure(class_names, counts), max(440, min(680, 120 + 40 * size)))
    figure.update_layout(hovermode="closest", hoverdistance=-1, showlegend=False)
    figure.data[0].texttemplate = ""
    figure.update_xaxes(tickfont_size=_TICKS)
    figure.update_yaxes(tickfont_size=_TICKS, ticktext=short_names(class_names, 12))
    row, column = chosen
    figure.add_shape(
        type="rect",
        x0=column - 0.5,
        x1=column + 0.5,
        y0=row - 0.5,
        y1=row + 0.5,
        line={"color": HELD_OUT_COLOUR, "width": 3},
    )
    true, predicted = (axis.ravel() for axis in np.indices((size, size)))
    nothing = {"marker": {"opacity": 0}}
    figure.add_trace(
        go.Scatter(
            x=predicted,
            y=true,
            mode="markers",
            marker={"opacity": 0, "size": 8},
            selected=nothing,
            unselected=nothing,
            customdata=[figure.data[0].customdata[one][other] for one, other in zip(true, predicted, strict=True)],
            text=counts.ravel(),
            hovertemplate="true <b>%{customdata[0]}</b><br>predicted <b>%{customdata[1]}</b><br>"
            "%{text} rows<extra></extra>",
        )
    )
    return figure.add_trace(
        go.Scatter(
            x=predicted,
            y=true,
            mode="text",
            text=[f"{count:,}" for count in counts.ravel()],
            textfont={"size": 14 if size <= _LARGE else 11 if size <= 20 else 8},
            hoverinfo="skip",
        )
    )
