"""Rows with their predictions: as a table, as pictures, or highlighted on the decision boundary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis import overview
from core.analysis.axes import Axes
from core.analysis.decision import axis_names, plane_of, points_on_plane
from core.analysis.evaluation import predicted_classes
from core.figures import HighlightedRows, PlaneAxes, highlighted_figure, pictures_figure
from ui.components.chart import draw
from ui.components.frame import show_frame
from ui.results.run_results import RunResults

_ROWS = 200
_PICTURES = 30
_COLUMNS = 5  # pictures in a row; more would make captions unreadable on a phone
_FEATURES = 100
_PROBABILITIES = ("P(predicted)", "P(true)", "loss")  # columns with three decimal places
_LINES = 8  # of a table beside something else
WORST_LINES = 16


def show_rows(results: RunResults, part: str, rows: np.ndarray, key: str, lines: int = _LINES) -> None:
    """Show the first of these rows of `results.answers(part)`, as a table or as pictures."""
    if results.split.image_shape is not None:
        _show_pictures(results, part, rows[:_PICTURES], key)
        _show_count(len(rows), _PICTURES, "pictures")
        if len(rows):
            st.caption("Below each picture: its class, ✗ the predicted class if it is wrong, and their probabilities.")
        return
    frame = (_class_frame if results.split.classes else _number_frame)(results, part, rows[:_ROWS])
    show_frame(
        frame,
        height=38 + 35 * min(max(len(frame), 1), lines),
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in _PROBABILITIES},
        key=key,
    )
    _show_count(len(rows), _ROWS, "rows")
    if results.split.features > _FEATURES:
        st.caption(f"The first {_FEATURES} of {results.split.features:,} features.")


def has_plane(results: RunResults) -> bool:
    """Return whether the rows can be highlighted on the boundary: they are points of one or two features."""
    return results.split.image_shape is None and results.split.features <= 2


def show_on_boundary(results: RunResults, part: str, rows: np.ndarray) -> None:
    """Highlight these rows of `results.answers(part)` among the others, on the boundary."""
    split, axes = results.split, Axes()
    answers = results.answers(part)
    plane = plane_of(split, axes)
    points = points_on_plane(split, results.raw(part, np.arange(len(answers))), axes)
    drawn = HighlightedRows(points, answers.target, rows)
    plane_axes = PlaneAxes(axis_names(split, axes), plane.bounds)
    draw(
        highlighted_figure(drawn, plane_axes, split.class_names, results.boundary()),
        "highlighted",
        "Rows on the boundary",
    )


def _show_count(rows: int, most: int, what: str) -> None:
    if rows > most:
        st.caption(f"The first {most} of {rows:,} {what}.")


def _show_pictures(results: RunResults, part: str, rows: np.ndarray, key: str) -> None:
    split, answers = results.split, results.answers(part)
    assert split.image_shape is not None
    if not len(rows):
        return
    predicted = predicted_classes(answers.predictions[rows])
    images = results.raw(part, rows).reshape(-1, *split.image_shape)
    captions = [
        _caption(split.class_names, int(true), int(guess), answers.predictions[row])
        for row, true, guess in zip(rows, answers.target[rows], predicted, strict=True)
    ]
    draw(
        pictures_figure(images, captions, photographs=split.photographs, columns=_COLUMNS),
        key,
        "Pictures with predictions",
    )


def _caption(names: tuple[str, ...], true: int, predicted: int, probabilities: np.ndarray) -> str:
    """Return the true class, the predicted class if it is another, and their probabilities, on separate lines."""
    if true == predicted:
        return f"{names[true]}\n{_percent(probabilities[true])}"
    both = f"{_percent(probabilities[true])} · {_percent(probabilities[predicted])}"
    return f"{names[true]}\n✗ {names[predicted]}\n{both}"


def _percent(probability: float) -> str:
    return f"{probability:.0%}" if probability >= 0.1 else f"{probability:.1%}"


def _class_frame(results: RunResults, part: str, rows: np.ndarray) -> pd.DataFrame:
    answers, names = results.answers(part), np.array(results.split.class_names)
    target, probabilities = answers.target[rows].astype(np.int64), answers.predictions[rows]
    predicted, each = predicted_classes(probabilities), np.arange(len(rows))
    columns = {
        "true": names[target],
        "predicted": names[predicted],
        _PROBABILITIES[0]: probabilities[each, predicted],
        _PROBABILITIES[1]: probabilities[each, target],
        _PROBABILITIES[2]: answers.losses[rows],
    }
    return _frame(results, part, rows, columns)


def _number_frame(results: RunResults, part: str, rows: np.ndarray) -> pd.DataFrame:
    answers = results.answers(part)
    true, predicted = answers.target[rows], answers.predictions[rows]
    columns = {f"true {results.split.target_name}": true, "predicted": predicted, "residual": predicted - true}
    return _frame(results, part, rows, columns)


def _frame(results: RunResults, part: str, rows: np.ndarray, predictions: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return a table of rows: number within the part, predictions and features."""
    raw = results.raw(part, rows)[:, :_FEATURES]
    names = overview.unique_names(["row", *predictions, *results.split.feature_names[:_FEATURES]])
    columns = [results.answers(part).rows[rows], *predictions.values(), *raw.T]
    return pd.DataFrame(dict(zip(names, columns, strict=True)))
