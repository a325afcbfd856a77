"""What differs between two confusion matrices of the same rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.confusion import confusion_figure
from core.figures.palette import NEGATIVE_COLOUR, POSITIVE_COLOUR, translucent

_SCALE = [
    [0, translucent(NEGATIVE_COLOUR, 0.62)],
    [0.5, translucent(NEGATIVE_COLOUR, 0)],
    [0.5, translucent(POSITIVE_COLOUR, 0)],
    [1, translucent(POSITIVE_COLOUR, 0.62)],
]


def confusion_difference_figure(class_names: Sequence[str], difference: np.ndarray) -> go.Figure:
    """Return how many rows more (orange) or fewer (blue) each cell has than that of another matrix.

    Args:
        class_names: k names.
        difference: int (k, k): rows true, columns predicted.
    """
    figure = confusion_figure(class_names, difference)
    most = max(1, int(np.abs(difference).max()))
    figure.data[0].update(zmin=-most, zmax=most, colorscale=_SCALE, texttemplate="%{z:+d}")
    figure.data[0].hovertemplate = figure.data[0].hovertemplate.replace("%{z} rows", "%{z:+d} rows")
    figure.data = figure.data[:1]
    return figure
