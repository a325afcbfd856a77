"""Training curves: loss by epoch, and accuracy or mean absolute error."""

from __future__ import annotations

import plotly.graph_objects as go

from core.experiment import menus
from core.figures.palette import HELD_OUT_COLOUR, TRAINING_COLOUR
from core.figures.template import empty_figure

# The history column that each trace shows.
COLUMNS = {
    menus.CLASSES: ("loss", "val_loss", "accuracy", "val_accuracy"),
    menus.NUMBERS: ("loss", "val_loss", "mae", "val_mae"),
}
_TOP = 1.02  # of the axis of the accuracy, so that a curve at 1 is not cut in half
_SCORE_AXES: dict[str, dict[str, object]] = {
    menus.CLASSES: {
        "title": {"text": "accuracy"},
        "range": [0, _TOP],  # before there is a curve
        "autorange": True,
        # From below the lowest value up to 1: most runs would be a flat line at the top of an axis from 0. It never
        # shows less than the last tenth, in which every wobble would look like an event.
        "autorangeoptions": {"include": [0.9, 1], "clipmin": 0, "clipmax": _TOP},
        "nticks": 5,
        "hoverformat": ".3f",
    },
    menus.NUMBERS: {"title": {"text": "MAE"}, "rangemode": "tozero", "nticks": 4, "hoverformat": ".4g"},
}
_BETWEEN = (0.46, 0.54)  # of the height: the band between the two plots, as high as a line of the legend
# The title of the epoch axis, before its first tick label: below them it would take a line more.
_EPOCH = {
    "text": "epoch",
    "showarrow": False,
    "x": 0,
    "xref": "paper",
    "xanchor": "right",
    "xshift": -10,
    "y": 0,
    "yref": "paper",
    "yanchor": "top",
    "font": {"size": 12},
    "opacity": 0.75,  # as pale as the titles of the other axes
}
_FEW = 8  # epochs, up to which each has a tick


def curves_figure(epochs: int, task: str, *, held_out_name: str | None = "held-out") -> go.Figure:
    """Return the empty training curves: loss above accuracy or mean absolute error, over one axis of epochs.

    Its one shape, hidden at first, is a line that marks an epoch.

    Args:
        epochs: epochs asked for, where the axis ends.
        task: `menus.CLASSES` or `menus.NUMBERS`.
        held_out_name: what the legend calls the rows of the second curves; None where no row is held out, which
            leaves one curve each.
    """
    figure = empty_figure(
        uirevision="curves",
        hovermode="x unified",
        hoversubplots="axis",
        margin={"l": 52},
        # Between the two plots, whose curves it names alike, so that it takes no height from them.
        legend={"y": (_BETWEEN[0] + _BETWEEN[1]) / 2, "yanchor": "middle", "maxheight": 0.4},
        annotations=[_EPOCH],
        meta={"x": "epoch"},  # what the annotation is, for the words and tables of chart_reading.js
        xaxis={
            "range": [0, max(epochs, 1)],
            "anchor": "y2",
            "showgrid": False,
            "tickformat": "d",
            "dtick": 1 if epochs <= _FEW else None,  # otherwise ticks at half epochs read 1 1 2 2
            "unifiedhovertitle": {"text": "epoch %{x}"},
        },
        yaxis={
            "domain": [_BETWEEN[1], 1],
            "title": {"text": "loss"},
            "automargin": False,  # so that the titles of the two axes are aligned
            "rangemode": "tozero",
            "nticks": 5,
            "hoverformat": ".4f",
        },
        yaxis2={"domain": [0, _BETWEEN[0]], "automargin": False, **_SCORE_AXES[task]},
        # Marks the earlier epoch that is viewed.
        shapes=[
            {
                "type": "line",
                "visible": False,
                "x0": 0,
                "x1": 0,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": TRAINING_COLOUR, "width": 1.5, "dash": "dot"},
            }
        ],
    )
    return figure.add_traces([_curve(column, held_out_name) for column in COLUMNS[task]])


def _curve(column: str, held_out_name: str | None) -> go.Scatter:
    """Return the empty curve of a history column."""
    training = not column.startswith("val_")
    role, metric = "training" if training else held_out_name, column.removeprefix("val_")
    return go.Scatter(
        x=[None],  # draws nothing, but keeps the place in the legend
        y=[None],
        mode="lines",
        name=role,
        visible=role is not None,
        legendgroup=role,
        showlegend=column.endswith("loss"),
        yaxis="y" if column.endswith("loss") else "y2",
        line={
            "color": TRAINING_COLOUR if training else HELD_OUT_COLOUR,
            "width": 2,
            "dash": "solid" if training else "5px,2px",
        },
        hovertemplate=f"%{{y}}<extra>{metric}, {role}</extra>",
    )
