"""The figures of the live panel, what feeds them, and their switches, as one value the page understands.

The page's JavaScript knows no figure by name. A feed says what becomes of an array of the frames:

    {"kind": "extend", "figure": F, "trace": T}              a history column: y over epochs 1, 2, 3 …
    {"kind": "image", "figure": F, "image": I, "colours": C} class and confidence, uint8 (2, rows, columns):
                                                             coloured into layout image I
    {"kind": "matrix", "figure": F, "counts": T, "shares": T}
                                                             int32 (k, k): z of one trace, and each row's
                                                             shares as z of the other
    {"kind": "labels", "figure": F, "trace": T, "truth": [class, …], "right": [text, …], "wrong": [text, …]}
                                                             predicted classes (m,): for each the text of
                                                             its class among the right or wrong answers

A switch is a row of buttons over a figure; an option is a Plotly update of traces and layout.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.boundary import boundary_figure
from core.figures.confusion import confusion_figure
from core.figures.curves import COLUMNS, curves_figure
from core.figures.palette import class_colour
from core.figures.strip import IMAGES_MOST, answers, strip_figure


@dataclass(frozen=True)
class Option:
    """One button: what `Plotly.update(figure, trace, layout, traces)` gets; the first is how the figure starts."""

    label: str
    trace: Mapping[str, Any] = field(default_factory=dict)
    traces: tuple[int, ...] = ()
    layout: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Switch:
    """A choice of how a figure shows what it shows."""

    figure: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Panel:
    """What the live panel draws, in order.

    Attributes:
        figures: by name.
        titles: the short title of each figure's card.
        feeds: by name of the frames' array.
        switches: in the order they are drawn.
        large: the figure that gets the large square, or None.
    """

    figures: Mapping[str, go.Figure]
    titles: Mapping[str, str]
    feeds: Mapping[str, Mapping[str, Any]]
    switches: tuple[Switch, ...]
    large: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the panel as plain values that JSON holds; figures keep their order."""
        return {
            "figures": {
                name: {"title": self.titles[name], **json.loads(figure.to_json())}
                for name, figure in self.figures.items()
            },
            "feeds": {name: dict(feed) for name, feed in self.feeds.items()},
            "switches": [asdict(switch) for switch in self.switches],
            "large": self.large,
        }


def points_panel(
    raw_train: np.ndarray,
    y_train: np.ndarray,
    raw_test: np.ndarray,
    y_test: np.ndarray,
    class_names: Sequence[str],
    axis_names: Sequence[str],
    bounds: tuple[float, float, float, float],
    epochs: int,
    all_rows_train: bool = False,
) -> Panel:
    """Return the panel of points: boundary, training curves, confusion matrix.

    Args are those of `boundary_figure` and `curves_figure`. Where every row trains, the held-out points
    are the training points and are not drawn twice.
    """
    if all_rows_train:
        raw_test, y_test = raw_test[:0], y_test[:0]
    classes = len(class_names)
    figure = boundary_figure(raw_train, y_train, raw_test, y_test, class_names, axis_names, bounds)
    held_out = tuple(range(classes, 2 * classes))
    switch = Switch(
        "boundary",
        "Held-out points",
        (
            Option("Training rows", {"visible": False}, held_out),
            Option("With held-out", {"visible": True}, held_out),
        ),
    )
    feed = {
        "kind": "image",
        "figure": "boundary",
        "image": 0,
        "colours": [class_colour(index) for index in range(classes)],
    }
    return _panel(
        "boundary",
        "Decision boundary",
        figure,
        {"boundary": feed},
        (switch,) if len(raw_test) else (),
        class_names,
        epochs,
        all_rows_train,
    )


def images_panel(
    images: np.ndarray,
    true_labels: np.ndarray,
    class_names: Sequence[str],
    epochs: int,
    all_rows_train: bool = False,
) -> Panel:
    """Return the panel of pictures: held-out pictures with the network's answers, training curves, confusion matrix.

    Args are those of `strip_figure` and `curves_figure`.
    """
    right, wrong = answers(class_names)
    feed = {
        "kind": "labels",
        "figure": "strip",
        "trace": 1,
        "truth": [int(label) for label in true_labels[:IMAGES_MOST]],
        "right": right,
        "wrong": wrong,
    }
    return _panel(
        "strip",
        "What the network says" if all_rows_train else "What the network says of held-out images",
        strip_figure(images, true_labels, class_names),
        {"strip": feed},
        (),
        class_names,
        epochs,
        all_rows_train,
    )


def _panel(
    large: str,
    title: str,
    figure: go.Figure,
    feeds: dict[str, Mapping[str, Any]],
    switches: tuple[Switch, ...],
    class_names: Sequence[str],
    epochs: int,
    all_rows_train: bool,
) -> Panel:
    """Return the panel of one large figure beside the curves and the confusion matrix."""
    linear = {"yaxis.type": "linear", "yaxis.rangemode": "tozero", "yaxis.autorange": True}
    loss = Switch(
        "curves",
        "Loss axis",
        (
            Option("Linear", layout=linear),
            Option("Log", layout={"yaxis.type": "log", "yaxis.autorange": True}),
        ),
    )
    cells = Switch(
        "confusion",
        "Cells",
        (
            Option("Counts", {"visible": [True, False]}, (0, 1)),
            Option("Shares", {"visible": [False, True]}, (0, 1)),
        ),
    )
    rows = "training rows" if all_rows_train else "held-out"
    return Panel(
        {large: figure, "curves": curves_figure(epochs, all_rows_train), "confusion": confusion_figure(class_names)},
        {large: title, "curves": "Training curves", "confusion": f"Confusion matrix, {rows}"},
        feeds
        | {name: {"kind": "extend", "figure": "curves", "trace": index} for index, name in enumerate(COLUMNS)}
        | {"confusion": {"kind": "matrix", "figure": "confusion", "counts": 0, "shares": 1}},
        (*switches, loss, cells),
        large,
    )
