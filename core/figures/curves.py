"""Loss and accuracy by epoch."""

from __future__ import annotations

import plotly.graph_objects as go

from core.figures.palette import HELD_OUT_COLOUR, TRAINING_COLOUR
from core.figures.template import empty_figure

COLUMNS = ("loss", "val_loss", "accuracy", "val_accuracy")  # the history column that each trace shows


def curves_figure(epochs: int, all_rows_train: bool) -> go.Figure:
    """Return the empty training curves: loss above accuracy, over one axis of epochs.

    Args:
        epochs: epochs asked for, where the axis ends.
        all_rows_train: True where no row is held out; the caption then says so.
    """
    held_out = "held-out (the training rows)" if all_rows_train else "held-out"
    figure = empty_figure(
        uirevision="curves",
        hovermode="x unified",
        hoversubplots="axis",
        margin={"l": 52},
        xaxis={
            "range": [0, max(epochs, 1)],
            "title": {"text": "epoch", "standoff": 2},
            "anchor": "y2",
            "showgrid": False,
            "tickformat": "d",
            "unifiedhovertitle": {"text": "epoch %{x}"},
        },
        yaxis={
            "domain": [0.57, 1],
            "title": {"text": "loss"},
            "automargin": False,  # so that the titles of the two axes stand in one line
            "rangemode": "tozero",
            "nticks": 4,
            "hoverformat": ".4f",
        },
        yaxis2={
            "domain": [0, 0.43],
            "title": {"text": "accuracy"},
            "automargin": False,
            "range": [0, 1.02],
            "tickvals": [0, 0.5, 1],
            "ticktext": ["0", "0.5", "1"],
            "hoverformat": ".3f",
        },
    )
    for name in COLUMNS:
        training = not name.startswith("val_")
        role, metric = "training" if training else held_out, name.removeprefix("val_")
        figure.add_trace(
            go.Scatter(
                x=[None],  # nothing to see, but enough that the legend is there from the start
                y=[None],
                mode="lines",
                name=role,
                legendgroup="training" if training else "held-out",
                showlegend=name.endswith("loss"),
                yaxis="y" if name.endswith("loss") else "y2",
                line={
                    "color": TRAINING_COLOUR if training else HELD_OUT_COLOUR,
                    "width": 2,
                    "dash": "solid" if training else "5px,2px",
                },
                hovertemplate=f"%{{y}}<extra>{metric}, {role}</extra>",
            )
        )
    return figure
