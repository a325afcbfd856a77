"""The figures of the live panel, what feeds them, and their switches, as one value the page understands.

The page's JavaScript knows no figure by name. A feed says what becomes of an array of the frames:

    {"kind": "extend", "figure": F, "trace": T}              a history column: y over epochs 1, 2, 3 …
    {"kind": "score", "figure": F, "annotation": A, "name": text}
                                                             a history column: its last value, behind its name
    {"kind": "image", "figure": F, "image": I, "colours": C} class and confidence, uint8 (2, rows, columns):
                                                             coloured into layout image I
    {"kind": "surface", "figure": F, "image": I, "colours": C}
                                                             values, uint8 (rows, columns): coloured into
                                                             layout image I, C evenly spaced from 0 to 255
    {"kind": "values", "figure": F, "traces": [T, …], "minus": [null or [number, …], …]}
                                                             numbers (1, m): y of every trace, less its own
                                                             m numbers where there are any
    {"kind": "matrix", "figure": F, "counts": T, "shares": T}
                                                             int32 (k, k): z of one trace, and each row's
                                                             shares as z of the other
    {"kind": "mark", "figure": F, "shape": S}                the epoch from before that is looked at: where layout
                                                             shape S stands; it is not seen without one
    {"kind": "labels", "figure": F, "trace": T, "truth": [class, …], "right": [text, …], "wrong": [text, …]}
                                                             predicted classes (m,): for each the text of
                                                             its class among the right or wrong answers
    {"kind": "answers", "figure": F, "traces": [T, U], "names": [text, …], "right": [text, …], "wrong": [text, …]}
                                                             int32 (3, m), rows, true and predicted classes: the
                                                             name of the one and the answer as texts of T and U
    {"kind": "pictures", "figure": F, "first": I, "colours": [paper, ink]}
                                                             uint8 (m, height, width), between these colours, or
                                                             (m, height, width, 3): layout images I, I + 1, …

A switch is a row of buttons over a figure; an option is a Plotly update of traces and layout.
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
from core.figures.fitted_line import line_figure
from core.figures.palette import VALUE_COLOURS, class_colour
from core.figures.predicted_against_true import fit_figure, predicted_layout, residuals_layout
from core.figures.predicted_pictures import IMAGES_MOST, answers, shades, strip_figure, truths
from core.figures.surface import surface_figure


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


@dataclass(frozen=True)
class _Card:
    """One figure with its title, what feeds it and its switches."""

    name: str
    title: str
    figure: go.Figure
    feeds: Mapping[str, Mapping[str, Any]]
    switches: tuple[Switch, ...] = ()


def boundary_feed(classes: int) -> dict[str, Any]:
    """Return what becomes of class and confidence below the points of `boundary_figure`."""
    return {"kind": "image", "image": 0, "colours": [class_colour(index) for index in range(classes)]}


def surface_feed() -> dict[str, Any]:
    """Return what becomes of values below the points of `surface_figure`."""
    return {"kind": "surface", "image": 0, "colours": list(VALUE_COLOURS)}


def points_panel(
    raw_train: np.ndarray,
    y_train: np.ndarray,
    raw_held_out: np.ndarray,
    y_held_out: np.ndarray,
    class_names: Sequence[str],
    axis_names: Sequence[str],
    bounds: tuple[float, float, float, float],
    epochs: int,
    all_rows_train: bool = False,
    three_parts: bool = False,
) -> Panel:
    """Return the panel of points: boundary, training curves, confusion matrix.

    Args are those of `boundary_figure` and `curves_figure`. Where every row trains, the held-out points
    are the training points and are not drawn twice; in three parts they are the validation rows.
    """
    if all_rows_train:
        raw_held_out, y_held_out = raw_held_out[:0], y_held_out[:0]
    classes = len(class_names)
    held_out = _held_out(three_parts)
    boundary = _Card(
        "boundary",
        "Decision boundary",
        boundary_figure(raw_train, y_train, raw_held_out, y_held_out, class_names, axis_names, bounds, held_out),
        {"boundary": {"figure": "boundary", **boundary_feed(classes)}},
        _points_switches("boundary", tuple(range(classes, 2 * classes)), all_rows_train, held_out),
    )
    return _panel(
        boundary,
        _curves_card(epochs, menus.CLASSES, all_rows_train, three_parts),
        _confusion_card(class_names, all_rows_train, three_parts),
    )


def images_panel(
    images: np.ndarray,
    true_labels: np.ndarray,
    class_names: Sequence[str],
    epochs: int,
    all_rows_train: bool = False,
    three_parts: bool = False,
    photographs: bool = False,
) -> Panel:
    """Return the panel of pictures: held-out pictures with the network's answers, training curves, confusion matrix.

    Args are those of `strip_figure` and `curves_figure`.
    """
    right, wrong = answers(class_names)
    what = "What the network says"
    strip = _Card(
        "strip",
        what if all_rows_train else f"{what} of {_held_out(three_parts)} images",
        strip_figure(images, true_labels, class_names, photographs),
        {
            "strip": {
                "kind": "labels",
                "figure": "strip",
                "trace": 1,
                "truth": [int(label) for label in true_labels[:IMAGES_MOST]],
                "right": right,
                "wrong": wrong,
            },
            "worst": {
                "kind": "answers",
                "figure": "strip",
                "traces": [2, 3],
                "names": truths(class_names),
                "right": right,
                "wrong": wrong,
            },
            "worst_pictures": {
                "kind": "pictures",
                "figure": "strip",
                "first": min(len(images), IMAGES_MOST),
                "colours": list(shades(photographs)),
            },
        },
        (_strip_switch(min(len(images), IMAGES_MOST)),),
    )
    return _panel(
        strip,
        _curves_card(epochs, menus.CLASSES, all_rows_train, three_parts),
        _confusion_card(class_names, all_rows_train, three_parts),
    )


def numbers_panel(
    raw_train: np.ndarray,
    y_train: np.ndarray,
    raw_held_out: np.ndarray,
    y_held_out: np.ndarray,
    true_values: np.ndarray,
    target_name: str,
    axis_names: Sequence[str],
    bounds: tuple[float, float, float, float],
    value_range: tuple[float, float],
    epochs: int,
    all_rows_train: bool = False,
    three_parts: bool = False,
) -> Panel:
    """Return the panel of a numeric target over two features: surface of predictions, training curves, fit.

    Args are those of `surface_figure`, `fit_figure` and `curves_figure`, and the held-out points those of
    `points_panel`.
    """
    if all_rows_train:
        raw_held_out, y_held_out = raw_held_out[:0], y_held_out[:0]
    held_out = _held_out(three_parts)
    surface = _Card(
        "surface",
        f"Predicted {target_name}",
        surface_figure(
            raw_train, y_train, raw_held_out, y_held_out, target_name, axis_names, bounds, value_range, held_out
        ),
        {"surface": {"figure": "surface", **surface_feed()}},
        _points_switches("surface", (1,), all_rows_train, held_out),
    )
    return _panel(
        surface,
        _curves_card(epochs, menus.NUMBERS, all_rows_train, three_parts),
        _fit_card(true_values, target_name, all_rows_train, three_parts),
    )


def line_panel(
    raw_train: np.ndarray,
    y_train: np.ndarray,
    raw_held_out: np.ndarray,
    y_held_out: np.ndarray,
    true_values: np.ndarray,
    target_name: str,
    feature_name: str,
    line_values: np.ndarray,
    epochs: int,
    all_rows_train: bool = False,
    three_parts: bool = False,
) -> Panel:
    """Return the panel of a numeric target over one feature: fitted curve, training curves, fit.

    Args are those of `line_figure`, `fit_figure` and `curves_figure`, and the held-out points those of
    `points_panel`.
    """
    if all_rows_train:
        raw_held_out, y_held_out = raw_held_out[:0], y_held_out[:0]
    held_out = _held_out(three_parts)
    line = _Card(
        "line",
        "Fitted curve",
        line_figure(raw_train, y_train, raw_held_out, y_held_out, target_name, feature_name, line_values, held_out),
        {"line": {"kind": "values", "figure": "line", "traces": [2], "minus": [None]}},
        _points_switches("line", (1,), all_rows_train, held_out),
    )
    return _panel(
        line,
        _curves_card(epochs, menus.NUMBERS, all_rows_train, three_parts),
        _fit_card(true_values, target_name, all_rows_train, three_parts),
    )


def _panel(large: _Card, *others: _Card) -> Panel:
    cards = (large, *others)
    return Panel(
        {card.name: card.figure for card in cards},
        {card.name: card.title for card in cards},
        {name: feed for card in cards for name, feed in card.feeds.items()},
        tuple(switch for card in cards for switch in card.switches),
        large.name,
    )


def _held_out(three_parts: bool) -> str:
    """Return what the rows that are validated on are called."""
    return "validation" if three_parts else "held-out"


def _evaluated_rows(all_rows_train: bool, three_parts: bool) -> str:
    return "training rows" if all_rows_train else _held_out(three_parts)


def _points_switches(figure: str, traces: tuple[int, ...], all_rows_train: bool, held_out: str) -> tuple[Switch, ...]:
    """Return the switch that shows the traces of held-out points; none where every row trains."""
    if all_rows_train:
        return ()
    options = (
        Option("Training rows", {"visible": False}, traces),
        Option(f"With {held_out}", {"visible": True}, traces),
    )
    return (Switch(figure, f"{held_out.capitalize()} points", options),)


def _curves_card(epochs: int, task: str, all_rows_train: bool, three_parts: bool) -> _Card:
    held_out = "held-out (same rows)" if all_rows_train else _held_out(three_parts)
    linear = {"yaxis.type": "linear", "yaxis.rangemode": "tozero", "yaxis.autorange": True}
    options = (Option("Linear", layout=linear), Option("Log", layout={"yaxis.type": "log", "yaxis.autorange": True}))
    return _Card(
        "curves",
        "Training curves",
        curves_figure(epochs, held_out, task),
        {name: {"kind": "extend", "figure": "curves", "trace": index} for index, name in enumerate(COLUMNS[task])}
        | {"replayed": {"kind": "mark", "figure": "curves", "shape": 0}},
        (Switch("curves", "Loss axis", options),),
    )


def _strip_switch(count: int) -> Switch:
    """Return the switch between the first pictures and those that the network is the most wrong about."""
    traces = (0, 1, 2, 3)

    def shown(first: bool) -> dict[str, bool]:
        return {f"images[{index}].visible": (index < count) == first for index in range(2 * count)}

    options = (
        Option("First rows", {"visible": [True, True, False, False]}, traces, shown(True)),
        Option("Worst first", {"visible": [False, False, True, True]}, traces, shown(False)),
    )
    return Switch("strip", "Pictures", options)


def _confusion_card(class_names: Sequence[str], all_rows_train: bool, three_parts: bool) -> _Card:
    options = (
        Option("Counts", {"visible": [True, False]}, (0, 1)),
        Option("Shares", {"visible": [False, True]}, (0, 1)),
    )
    return _Card(
        "confusion",
        f"Confusion matrix, {_evaluated_rows(all_rows_train, three_parts)}",
        confusion_figure(class_names),
        {"confusion": {"kind": "matrix", "figure": "confusion", "counts": 0, "shares": 1}},
        (Switch("confusion", "Cells", options),),
    )


def _fit_card(true_values: np.ndarray, target_name: str, all_rows_train: bool, three_parts: bool) -> _Card:
    traces = (0, 1, 2, 3)
    options = (
        Option("Predicted", {"visible": [True, False, True, False]}, traces, predicted_layout(true_values)),
        Option("Residuals", {"visible": [False, True, False, True]}, traces, residuals_layout(true_values)),
    )
    return _Card(
        "fit",
        f"Fit, {_evaluated_rows(all_rows_train, three_parts)}",
        fit_figure(true_values, target_name),
        {
            "predicted": {
                "kind": "values",
                "figure": "fit",
                "traces": [0, 1],
                "minus": [None, [float(value) for value in true_values]],
            },
            "val_r2": {"kind": "score", "figure": "fit", "annotation": 0, "name": "R²"},
        },
        (Switch("fit", "Values", options),),
    )
