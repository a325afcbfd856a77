"""The confusion matrix of a run at rest, whose cells can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.confusion import confusion_figure
from core.figures.palette import HELD_OUT_COLOUR


def cells_figure(class_names: Sequence[str], counts: np.ndarray, chosen: tuple[int, int]) -> go.Figure:
    """Return the confusion matrix with a frame around the chosen cell.

    Args:
        class_names: k names.
        counts: int (k, k): rows true, columns predicted.
        chosen: the true and the predicted class.

    A heatmap reports no click, so trace 2 is a marker in every cell that cannot be seen, true class by true class.
    """
    size = len(class_names)
    figure = confusion_figure(class_names, counts).update_layout(
        height=max(360, min(620, 120 + 40 * size)), hovermode="closest", hoverdistance=-1, showlegend=False
    )
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
    return figure.add_trace(
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
