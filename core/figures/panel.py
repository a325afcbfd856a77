"""The live panel: cards with a figure each, the feeds that keep it up to date, and its switches.

All of it is one value that the page understands; the page's JavaScript knows no figure by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.experiment import menus
from core.figures.boundary import boundary_figure
from core.figures.confusion import confusion_figure
from core.figures.curves import COLUMNS, curves_figure
from core.figures.feeds import (
    CurveFeed,
    EpochMarkFeed,
    Feed,
    MatrixFeed,
    MistakesFeed,
    PicturesFeed,
    PredictionsFeed,
    ScoreFeed,
    ValuesFeed,
    boundary_feed,
    surface_feed,
)
from core.figures.fitted_line import line_figure
from core.figures.picture_pixels import grey_ends
from core.figures.plane_axes import PlaneAxes
from core.figures.predicted_against_true import fit_figure, predicted_layout, residuals_layout
from core.figures.predicted_pictures import LabelledPictures, predicted_pictures_figure, predicted_texts, true_texts
from core.figures.split_points import SplitPoints
from core.figures.surface import TargetScale, surface_figure
from core.glossary import TERMS

_FEW_CLASSES = 6  # whose names have room below each other in the lowest card


@dataclass(frozen=True)
class Option:
    """One button: the arguments of `Plotly.update(figure, trace, layout, traces)`."""

    label: str
    trace: Mapping[str, Any] = field(default_factory=dict)
    traces: tuple[int, ...] = ()
    layout: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Switch:
    """A row of buttons over a figure, of which one is pressed; the figure starts with the first option."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Card:
    """One figure on the page.

    Attributes:
        name: no other card of the panel has it; the glossary explains the figure by the same name.
        title: stands above the figure.
        figure: without what the feeds bring.
        feeds: by name of the frames' array.
        switches: in the order in which they are shown.
        rows: what the rows are called that it is evaluated on.
    """

    name: str
    title: str
    figure: go.Figure
    feeds: Mapping[str, Feed]
    switches: tuple[Switch, ...] = ()
    rows: str = "held-out"

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain values that JSON holds."""
        return {
            "name": self.name,
            "title": self.title,
            "help": TERMS[self.name].about(self.rows),
            "figure": json.loads(self.figure.to_json()),
            "feeds": {array: feed.to_json() for array, feed in self.feeds.items()},
            "switches": [asdict(switch) for switch in self.switches],
        }


@dataclass(frozen=True)
class Panel:
    """What the live panel shows: the first card is large, the others stand beside it."""

    cards: tuple[Card, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the panel as plain values that JSON holds."""
        return {"cards": [card.to_json() for card in self.cards]}


@dataclass(frozen=True)
class Evaluation:
    """How long a run is asked to train, and which rows it is evaluated on as it trains.

    Attributes:
        epochs: where the epoch axis ends.
        rows: what the evaluated rows are called: "held-out", or "validation" if there are test rows as well.
        on_training_rows: whether they are the training rows, because none are held out.
        is_scaled: whether a numeric target is scaled, so that its errors are not in the units that other pages use.
    """

    epochs: int
    rows: str = "held-out"
    on_training_rows: bool = False
    is_scaled: bool = False

    @property
    def in_legend(self) -> str | None:
        """The rows as the legend of the curves calls them; None where their curves would be the training curves."""
        return None if self.on_training_rows else self.rows

    @property
    def in_title(self) -> str:
        """The rows as the title of a card calls them."""
        return "training rows" if self.on_training_rows else self.rows


@dataclass(frozen=True, eq=False)
class NumericTarget:
    """A numeric target.

    Attributes:
        scale: its name, and the ends of its colour scale.
        true_values: float (m,): of the held-out rows whose predictions are drawn, in the target's own units.
    """

    scale: TargetScale
    true_values: np.ndarray


@dataclass(frozen=True, eq=False)
class LineAxis:
    """A single feature: its name, and the values that the curve is computed at, float (m,), rising."""

    name: str
    values: np.ndarray


def points_panel(points: SplitPoints, axes: PlaneAxes, class_names: Sequence[str], evaluation: Evaluation) -> Panel:
    """Return the panel of classes over two features: boundary, training curves, confusion matrix.

    Where every row trains, the held-out points are the training points and are not drawn twice.
    """
    classes = len(class_names)
    boundary = Card(
        "boundary",
        "Decision boundary",
        boundary_figure(_drawn_once(points, evaluation), axes, class_names, held_out_name=evaluation.rows),
        {"boundary": boundary_feed(classes)},
        # The points of each class, and their marker in the legend.
        _held_out_switch(tuple(range(classes, 2 * classes + 1)), evaluation),
        evaluation.rows,
    )
    return Panel((boundary, _curves_card(menus.CLASSES, evaluation), _confusion_card(class_names, evaluation)))


def pictures_panel(pictures: LabelledPictures, evaluation: Evaluation) -> Panel:
    """Return the panel of pictures: held-out pictures with predictions, training curves, confusion matrix."""
    names = pictures.class_names
    right, wrong = predicted_texts(names)
    shown = pictures.first()
    count = len(shown.pixels)
    predictions = Card(
        "strip",
        "Predictions" if evaluation.on_training_rows else f"Predictions on {evaluation.rows} images",
        predicted_pictures_figure(pictures),
        {
            "strip": PredictionsFeed(1, shown.labels.tolist(), right, wrong),
            "worst": MistakesFeed(2, 3, true_texts(names), right, wrong),
            "worst_pictures": PicturesFeed(count, grey_ends(photographs=pictures.photographs)),
        },
        (_pictures_switch(count),),
        evaluation.rows,
    )
    return Panel((predictions, _curves_card(menus.CLASSES, evaluation), _confusion_card(names, evaluation)))


def surface_panel(points: SplitPoints, axes: PlaneAxes, target: NumericTarget, evaluation: Evaluation) -> Panel:
    """Return the panel of a numeric target over two features: surface of predictions, training curves, fit.

    Held-out points are drawn as in `points_panel`.
    """
    surface = Card(
        "surface",
        f"Predicted {target.scale.name}",
        surface_figure(_drawn_once(points, evaluation), axes, target.scale, held_out_name=evaluation.rows),
        {"surface": surface_feed()},
        _held_out_switch((1,), evaluation),
        evaluation.rows,
    )
    return Panel((surface, _curves_card(menus.NUMBERS, evaluation), _fit_card(target, evaluation)))


def line_panel(points: SplitPoints, feature: LineAxis, target: NumericTarget, evaluation: Evaluation) -> Panel:
    """Return the panel of a numeric target over one feature: fitted curve, training curves, fit.

    Held-out points are drawn as in `points_panel`.
    """
    line = Card(
        "line",
        "Fitted curve",
        line_figure(
            _drawn_once(points, evaluation),
            feature.values,
            feature_name=feature.name,
            target_name=target.scale.name,
            held_out_name=evaluation.rows,
        ),
        {"line": ValuesFeed([2], [None])},
        _held_out_switch((1,), evaluation),
        evaluation.rows,
    )
    return Panel((line, _curves_card(menus.NUMBERS, evaluation), _fit_card(target, evaluation)))


def _drawn_once(points: SplitPoints, evaluation: Evaluation) -> SplitPoints:
    return points.without_held_out() if evaluation.on_training_rows else points


def _held_out_switch(traces: tuple[int, ...], evaluation: Evaluation) -> tuple[Switch, ...]:
    """Return the switch that hides the traces of held-out points; none where every row trains."""
    if evaluation.on_training_rows:
        return ()
    options = (
        Option(f"With {evaluation.rows}", {"visible": True}, traces),
        Option("Training rows", {"visible": False}, traces),
    )
    return (Switch(f"{evaluation.rows.capitalize()} points", options),)


def _curves_card(task: str, evaluation: Evaluation) -> Card:
    linear = {"yaxis.type": "linear", "yaxis.rangemode": "tozero", "yaxis.autorange": True}
    options = (Option("Linear", layout=linear), Option("Log", layout={"yaxis.type": "log", "yaxis.autorange": True}))
    figure = curves_figure(evaluation.epochs, task, held_out_name=evaluation.in_legend)
    if evaluation.is_scaled:
        figure.layout.yaxis2.title.text += " (scaled)"
    drawn = {column: CurveFeed(trace) for trace, column in enumerate(COLUMNS[task]) if figure.data[trace].visible}
    return Card(
        "curves",
        "Training curves",
        figure,
        {**drawn, "replayed": EpochMarkFeed(0)},
        (Switch("Loss axis", options),),
        evaluation.rows,
    )


def _pictures_switch(count: int) -> Switch:
    """Return the switch between the first pictures and those with the worst predictions."""
    traces = (0, 1, 2, 3)

    def shown(*, first: bool) -> dict[str, bool]:
        return {f"images[{index}].visible": (index < count) == first for index in range(2 * count)}

    options = (
        Option("First rows", {"visible": [True, True, False, False]}, traces, shown(first=True)),
        Option("Worst first", {"visible": [False, False, True, True]}, traces, shown(first=False)),
    )
    return Switch("Pictures", options)


def _confusion_card(class_names: Sequence[str], evaluation: Evaluation) -> Card:
    figure = confusion_figure(class_names)
    if len(class_names) > _FEW_CLASSES:
        figure.layout.yaxis.tickfont.size = min(figure.layout.yaxis.tickfont.size, 10)
    options = (
        Option("Counts", {"visible": [True, False]}, (0, 1)),
        Option("Shares", {"visible": [False, True]}, (0, 1)),
    )
    return Card(
        "confusion",
        f"Confusion matrix, {evaluation.in_title}",
        figure,
        {"confusion": MatrixFeed(counts=0, shares=1)},
        (Switch("Cells", options),),
        evaluation.rows,
    )


def _fit_card(target: NumericTarget, evaluation: Evaluation) -> Card:
    traces, true_values = (0, 1, 2, 3), target.true_values
    options = (
        Option("Predicted", {"visible": [True, False, True, False]}, traces, predicted_layout(true_values)),
        Option("Residuals", {"visible": [False, True, False, True]}, traces, residuals_layout(true_values)),
    )
    return Card(
        "fit",
        f"Fit, {evaluation.in_title}",
        fit_figure(true_values, target.scale.name),
        {"predicted": ValuesFeed([0, 1], [None, true_values.tolist()]), "val_r2": ScoreFeed(0, "R²")},
        (Switch("Values", options),),
        evaluation.rows,
    )
