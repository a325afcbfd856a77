"""The views of the results page: what each shows of the rows of one part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis.classification_report import report
from core.analysis.evaluation import cell_rows, worst_numbers, worst_predictions
from core.analysis.ranking import Curve
from core.analysis.regression import shown_rows
from core.analysis.scores import wilson_interval
from core.experiment import menus
from core.figures import (
    areas_figure,
    clickable_confusion_figure,
    importance_figure,
    precision_recall_figure,
    predictions_figure,
    reliability_figure,
    residuals_figure,
    roc_figure,
)
from ui import session
from ui.components.chart import draw
from ui.components.figure_panel import figure_panel
from ui.results.look import FEATURES_MOST, Look
from ui.results.row_tables import has_plane, show_lit, show_rows
from ui.words import count_of

_WORST_LINES = 16
_CELL_EDGES, _LETTER = 16, 8  # pixels of a table
_LETTERS_MOST = 32  # of a name in a table of classes
_CELLS = "confusion-matrix"  # the key of the confusion matrix
_POINTS_MOST = 2000
_ALIKE = 6  # classes up to which every curve can be told from the others


# The confusion matrix


def _show_matrix(look: Look, part: str) -> None:
    answers, counts = look.answers(part), look.confusion(part)
    names, keys = look.split.class_names, _cell_keys(look)
    first = _commonest_mistake(counts)
    matrix, cell = st.columns([11, 9], gap="medium")
    with cell:
        with st.container(horizontal=True):
            true, predicted = (
                _choose_class(label, names, start, key)
                for label, start, key in zip(("True class", "Predicted class"), first, keys, strict=True)
            )
        rows = cell_rows(answers.predictions, answers.target, true, predicted)
        what = "right" if true == predicted else "wrong"
        st.caption(f"{count_of(len(rows), 'row')} in this cell, all {what}; the surest prediction comes first.")
        if has_plane(look):
            show_lit(look, part, rows)
        else:
            show_rows(look, part, rows, "cell-rows")
    with matrix:
        figure = clickable_confusion_figure(names, counts, (true, predicted))
        figure_panel(_CELLS, "Confusion matrix", figure, on_clicked=lambda: _choose_clicked_cell(look))
    if has_plane(look):
        show_rows(look, part, rows, "cell-rows")


def _cell_keys(look: Look) -> tuple[str, str]:
    return f"true-{look.token}", f"predicted-{look.token}"


def _choose_clicked_cell(look: Look) -> None:
    """Set the two controls to the cell that was clicked; what comes from a browser may be anything."""
    match (session.state(_CELLS) or {}).get("clicked"):
        case [int() | float() as x, int() | float() as y] if all(
            -0.5 <= place < look.split.classes - 0.5 for place in (x, y)
        ):
            for key, label in zip(_cell_keys(look), (round(y), round(x)), strict=True):
                session.set_state(key, label)


def _commonest_mistake(counts: np.ndarray) -> tuple[int, int]:
    """Return the cell off the diagonal that has the most rows; where none has any, the first one of all."""
    mistakes = counts - np.diag(counts.diagonal())
    true, predicted = np.unravel_index(mistakes.argmax(), counts.shape) if mistakes.any() else (0, 0)
    return int(true), int(predicted)


def _choose_class(label: str, names: tuple[str, ...], first: int, key: str) -> int:
    """Choose a class; not by pills, which read Markdown in names."""
    chosen: int = st.selectbox(
        label,
        range(len(names)),
        first,
        format_func=lambda index: names[index],
        key=key,
        persist_state="session",
    )
    return chosen


# Of classes


def _show_worst(look: Look, part: str) -> None:
    answers = look.answers(part)
    show_rows(look, part, worst_predictions(answers.predictions, answers.target, len(answers)), "worst", _WORST_LINES)


def _show_report(look: Look, part: str) -> None:
    found, scores = report(look.confusion(part)), look.class_scores(part)
    averages = np.array([found.macro, found.weighted])
    names = [*look.split.class_names, "mean of the classes", "mean by rows"]
    table = pd.DataFrame(
        {
            "class": names,
            "precision": [*found.precision, *averages[:, 0]],
            "recall": [*found.recall, *averages[:, 1]],
            "F1": [*found.f1, *averages[:, 2]],
            "rows": [*found.support, scores.rows, scores.rows],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=38 + 35 * len(table),
        column_config={
            # The browser would measure the first rows alone, and cut the means below many classes.
            "class": st.column_config.TextColumn(width=_name_width(names)),
            **{
                name: st.column_config.ProgressColumn(name, min_value=0.0, max_value=1.0, format="%.3f")
                for name in ("precision", "recall", "F1")
            },
        },
    )
    st.caption(
        f"Accuracy {scores.accuracy:.3f} of {count_of(scores.rows, 'row')}; 95 % interval {scores.low:.3f} to "
        f"{scores.high:.3f} (Wilson's score interval)."
        " The mean of the classes (macro) counts every class the same, the mean by rows (weighted) every row."
        + (" Classes without rows have no figures, and no part in the means." if not found.support.all() else "")
    )


def _name_width(names: Sequence[str]) -> int:
    """Return the pixels that the longest of the names takes in a table, up to a bound."""
    return _CELL_EDGES + _LETTER * min(_LETTERS_MOST, max(map(len, names)))


def _show_curves(look: Look, part: str) -> None:
    names = look.split.class_names
    roc, precision_recall = look.curves(part)
    chosen = _choose_classes(look, roc) if len(names) > _ALIKE else []
    for column, figure, curves, area, key in zip(
        st.columns(2, gap="medium"),
        (roc_figure(roc, names, chosen), precision_recall_figure(precision_recall, names, chosen)),
        (roc, precision_recall),
        ("area under the ROC curve (AUC)", "average precision"),
        ("roc", "precision-recall"),
        strict=True,
    ):
        with column:
            draw(figure, key)
            draw(areas_figure(curves, names, area), f"{key}-areas")


def _choose_classes(look: Look, curves: Sequence[Curve | None]) -> list[int]:
    """Choose the classes whose curves stand out among many; at first, the three with the smallest area."""
    areas = [1.0 if curve is None else curve.area for curve in curves]
    chosen: list[int] = st.multiselect(
        "Classes that stand out",
        range(len(areas)),
        np.argsort(areas, kind="stable")[:3].tolist(),
        format_func=lambda index: look.split.class_names[index],
        key=f"curves-classes-{look.token}",
        persist_state="session",
    )
    return chosen


def _show_calibration(look: Look, part: str) -> None:
    found, rows = look.calibration(part), len(look.answers(part))
    diagram, words = st.columns([3, 2], gap="medium")
    with diagram:
        draw(reliability_figure(found), "calibration")
    with words:
        low, high = wilson_interval(round(found.mean_accuracy * rows), rows)
        verdict = (
            "which is about right"
            if low <= found.mean_confidence <= high
            else "so it is too sure of itself"
            if found.mean_confidence > high
            else "so it could be surer of itself"
        )
        st.markdown(
            f"The network gives its own answers a probability of **{found.mean_confidence:.3f}** on average and is "
            f"right in **{found.mean_accuracy:.3f}** of the {part} rows, {verdict}."
        )
        st.markdown(
            f"Expected calibration error **{found.error:.3f}**: how far the two lie apart in the ten bins, on average "
            "by rows."
        )
        if look.network.experiment.training.loss == "hinge":
            st.caption("The hinge loss trains scores. Their softmax stands in for probabilities, and promises nothing.")


# Of numbers


def _show_predictions(look: Look, part: str) -> None:
    answers, scores = look.answers(part), look.number_scores(part)
    shown = shown_rows(len(answers), _POINTS_MOST)
    true, said, name = answers.target[shown], answers.predictions[shown], look.split.target_name
    for column, figure, key in zip(
        st.columns(2, gap="medium"),
        (predictions_figure(true, said, name), residuals_figure(true, said, name)),
        ("predictions", "residuals"),
        strict=True,
    ):
        with column:
            draw(figure, key)
    st.caption(
        f"R² {scores.r2:.3f} · MAE {scores.mae:.4g} · RMSE {scores.rmse:.4g}, of {count_of(scores.rows, 'row')}"
        + (f"; drawn: {len(shown):,}, chosen at random." if len(shown) < scores.rows else ".")
    )


def _show_worst_numbers(look: Look, part: str) -> None:
    answers = look.answers(part)
    show_rows(look, part, worst_numbers(answers.predictions, answers.target, len(answers)), "worst", _WORST_LINES)


# Of both


def _show_importance(look: Look, part: str) -> None:
    split = look.split
    place = st.empty()  # where the picture of another view stood, which goes at once
    with st.spinner("Shuffling every feature in turn…"):
        found = look.importance(part)
    names = [split.feature_names[feature] for feature in found.features]
    title = "accuracy lost" if split.classes else f"mean absolute error added ({split.target_name})"
    with place:
        draw(importance_figure(names, found.cost, found.deviation, title), "importance")
    score = f"an accuracy of {found.score:.3f}" if split.classes else f"a mean absolute error of {-found.score:.4g}"
    st.caption(
        f"From {score} on {count_of(found.rows, f'{part} row')}, each feature shuffled ten times; the whiskers show "
        "one standard deviation of these. Features that say the same hide each other; a cost below zero is chance."
    )
    if split.features > FEATURES_MOST:
        target = "class" if split.classes else "target"
        st.caption(f"The {FEATURES_MOST} of {split.features:,} features that alone say most of the {target}.")


def _has_no_pictures(look: Look) -> bool:
    return look.split.image_shape is None


@dataclass(frozen=True)
class View:
    """One side that a run's results are seen from: how it is drawn, what to look for, and which runs it fits."""

    draw: Callable[[Look, str], None]
    look_for: str
    fits: Callable[[Look], bool] = lambda look: True


_IMPORTANCE = View(
    _show_importance,
    "What the network loses when one feature is shuffled among the rows: what costs nothing, it can do without.",
    _has_no_pictures,
)
VIEWS = {
    menus.CLASSES: {
        "Confusion matrix": View(
            _show_matrix, "Click a cell, or choose its two classes: which rows are they, and would you have known?"
        ),
        "Worst predictions": View(
            _show_worst, "The rows whose true class is the least probable. A wrong label, or a hard one?"
        ),
        "Per class": View(
            _show_report,
            "Precision: how far to trust the network when it names a class. Recall: how many of the class it finds.",
        ),
        "ROC and PR": View(
            _show_curves,
            "Each class against the rest, at every threshold. Of a rare class, the right figure says more.",
        ),
        "Calibration": View(
            _show_calibration, "Where bars end below the dotted line, the network is surer than it is right."
        ),
        "Importance": _IMPORTANCE,
    },
    menus.NUMBERS: {
        "Predictions": View(
            _show_predictions, "Residuals should be a band without a shape: a curve in it is left to be learned."
        ),
        "Worst predictions": View(_show_worst_numbers, "The rows that are the farthest off. What do they share?"),
        "Importance": _IMPORTANCE,
    },
}
