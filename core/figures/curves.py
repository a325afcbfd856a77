"""Loss by epoch, and accuracy or mean absolute error."""

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
_SCORE_AXES: dict[str, dict[str, object]] = {
    menus.CLASSES: {
        "title": {"text": "accuracy"},
        "range": [0, 1.02],
        "tickvals": [0, 0.5, 1],
        "ticktext": ["0", "0.5", "1"],
        "hoverformat": ".3f",
    },
    menus.NUMBERS: {"title": {"text": "MAE"}, "rangemode": "tozero", "nticks": 4, "hoverformat": ".4g"},
}
_FEW = 8  # epochs, each of which has its number on the axis


def curves_figure(epochs: int, held_out: str = "held-out", task: str = menus.CLASSES) -> go.Figure:
    """Return the empty training curves: loss above accuracy or mean absolute error, over one axis of epochs.

    Its one shape, which is not seen, is a line that marks an epoch.

    Args:
        epochs: epochs asked for, where the axis ends.
        held_out: what the legend calls the rows of the second curves.
        task: `menus.CLASSES` or `menus.NUMBERS`.
    """
    figure = empty_figure(
        uirevision="curves",
        hovermode="x unified",
        hoversubplots="axis",
        margin={"l": 52},
        legend={"maxheight": 0.4},  # in a narrow card its two names stand below each other
        xaxis={
            "range": [0, max(epochs, 1)],
            "title": {"text": "epoch", "standoff": 2},
            "anchor": "y2",
            "showgrid": False,
            "tickformat": "d",
            "dtick": 1 if epochs <= _FEW else None,  # at half an epoch, too, it would say 1 1 2 2
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
        yaxis2={"domain": [0, 0.43], "automargin": False, **_SCORE_AXES[task]},
        # Where in the run one looks, while an epoch from before is looked at.
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
    for name in COLUMNS[task]:
        training = not name.startswith("val_")
        role, metric = "training" if training else held_out, name.removeprefix("val_")
        figure.add_trace(
            go.Scatter(
                x=[None],  # nothing to see, but enough that the legend is there from the start
                y=[None],
                mode="lines",
                name=role,
                legendgroup=role,
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
