"""Rows with what the network says of them: as a table, as pictures, or lit up on the boundary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis import overview
from core.analysis.axes import Axes
from core.analysis.decision import axis_names, plane_of, points_on_plane
from core.analysis.evaluation import predicted_classes
from core.analysis.scores import row_losses
from core.figures import HighlightedRows, PlaneAxes, highlighted_figure, pictures_figure
from ui.components.chart import draw
from ui.results.look import Look

_ROWS = 200
_PICTURES = 30
_COLUMNS = 5  # pictures in a row, whose captions can be read on a phone
_FEATURES = 100
_PROBABILITIES = ("its probability", "of the true class", "loss")  # columns of three digits behind the point
_LINES = 8  # of a table that stands beside something else


def show_rows(look: Look, part: str, rows: np.ndarray, key: str, lines: int = _LINES) -> None:
    """Show the first of these rows of `look.answers(part)`, with their values or as pictures."""
    if look.split.image_shape is not None:
        _show_pictures(look, part, rows[:_PICTURES], key)
        _say_left_out(len(rows), _PICTURES, "pictures")
        if len(rows):
            st.caption("Below each: its class, ✗ what it is taken for, and the probability of each.")
        return
    frame = _class_frame(look, part, rows[:_ROWS]) if look.split.classes else _number_frame(look, part, rows[:_ROWS])
    st.dataframe(
        frame,
        hide_index=True,
        height=38 + 35 * min(max(len(frame), 1), lines),
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in _PROBABILITIES},
        key=key,
    )
    _say_left_out(len(rows), _ROWS, "rows")
    if look.split.features > _FEATURES:
        st.caption(f"The first {_FEATURES} of {look.split.features:,} features.")


def has_plane(look: Look) -> bool:
    """Return whether the rows can be lit up on the boundary: they are points of one or two features."""
    return look.split.image_shape is None and look.split.features <= 2


def show_lit(look: Look, part: str, rows: np.ndarray) -> None:
    """Light these rows of `look.answers(part)` up among the others, on the boundary."""
    split, axes = look.split, Axes()
    answers = look.answers(part)
    plane = plane_of(split, axes)
    points = points_on_plane(split, look.raw(part, np.arange(len(answers))), axes)
    drawn = HighlightedRows(points, answers.target, rows)
    plane_axes = PlaneAxes(axis_names(split, axes), plane.bounds)
    draw(highlighted_figure(drawn, plane_axes, split.class_names, look.boundary()), "lit")


def _say_left_out(rows: int, most: int, what: str) -> None:
    if rows > most:
        st.caption(f"The first {most} of {rows:,} {what}.")


def _show_pictures(look: Look, part: str, rows: np.ndarray, key: str) -> None:
    split, answers = look.split, look.answers(part)
    assert split.image_shape is not None
    if not len(rows):
        return
    said = predicted_classes(answers.predictions[rows])
    images = look.raw(part, rows).reshape(-1, *split.image_shape)
    captions = [
        _caption(split.class_names, int(true), int(guess), answers.predictions[row])
        for row, true, guess in zip(rows, answers.target[rows], said, strict=True)
    ]
    draw(pictures_figure(images, captions, photographs=split.photographs, columns=_COLUMNS), key)


def _caption(names: tuple[str, ...], true: int, said: int, probabilities: np.ndarray) -> str:
    """Return the true class and the predicted one, each with its probability behind it on a line of its own."""
    if true == said:
        return f"{names[true]}\n{_percent(probabilities[true])}"
    return f"{names[true]}\n✗ {names[said]}\n{_percent(probabilities[true])} · {_percent(probabilities[said])}"


def _percent(probability: float) -> str:
    return f"{probability:.0%}" if probability >= 0.1 else f"{probability:.1%}"


def _class_frame(look: Look, part: str, rows: np.ndarray) -> pd.DataFrame:
    answers, names = look.answers(part), np.array(look.split.class_names)
    target, said = answers.target[rows].astype(np.int64), answers.predictions[rows]
    predicted = predicted_classes(said)
    return _frame(
        look,
        part,
        rows,
        {
            "true": names[target],
            "predicted": names[predicted],
            _PROBABILITIES[0]: said[np.arange(len(rows)), predicted],
            _PROBABILITIES[1]: said[np.arange(len(rows)), target],
            _PROBABILITIES[2]: row_losses(said, target),
        },
    )


def _number_frame(look: Look, part: str, rows: np.ndarray) -> pd.DataFrame:
    answers = look.answers(part)
    true, said = answers.target[rows], answers.predictions[rows]
    return _frame(
        look, part, rows, {f"true {look.split.target_name}": true, "predicted": said, "residual": said - true}
    )


def _frame(look: Look, part: str, rows: np.ndarray, said: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return a row a row: its number in its part, what is said of it, and its values."""
    raw = look.raw(part, rows)[:, :_FEATURES]
    names = overview.unique_names(["row", *said, *look.split.feature_names[:_FEATURES]])
    columns = [look.answers(part).rows[rows], *said.values(), *raw.T]
    return pd.DataFrame(dict(zip(names, columns, strict=True)))
