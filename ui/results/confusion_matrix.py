"""The confusion matrix on the results page, and the rows of one of its cells."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.analysis.evaluation import cell_rows
from core.figures import clickable_confusion_figure
from ui.components.figure_panel import figure_panel
from ui.results.row_tables import has_plane, show_on_boundary, show_rows
from ui.results.run_results import RunResults
from ui.session import widgets
from ui.words import count_of

_PANEL = "confusion-matrix"  # the key of the figure


def show(results: RunResults, part: str) -> None:
    """Draw the matrix, and the rows of the chosen cell beside and below it."""
    answers, counts = results.answers(part), results.confusion(part)
    names, keys = results.split.class_names, _cell_keys(results)
    first = _most_frequent_mistake(counts)
    matrix, cell = st.columns([11, 9], gap="medium")
    with cell:
        with st.container(horizontal=True):
            true, predicted = (
                _choose_class(label, names, start, key)
                for label, start, key in zip(("True class", "Predicted class"), first, keys, strict=True)
            )
        rows = cell_rows(answers.predictions, answers.target, true, predicted)
        what = "correct" if true == predicted else "wrong"
        st.caption(f"{count_of(len(rows), 'row')} in this cell, all {what}; most confident first.")
        if has_plane(results):
            show_on_boundary(results, part, rows)
        else:
            show_rows(results, part, rows, "cell-rows")
    with matrix:
        figure = clickable_confusion_figure(names, counts, (true, predicted))
        figure_panel(_PANEL, "Confusion matrix", figure, on_clicked=lambda: choose_clicked_cell(results))
    if has_plane(results):
        show_rows(results, part, rows, "cell-rows")


def choose_clicked_cell(results: RunResults) -> None:
    """Set the two controls to the cell that was clicked; what comes from a browser may be anything."""
    match widgets.component_value(_PANEL, "clicked"):
        case [int() | float() as x, int() | float() as y] if all(
            -0.5 <= place < results.split.classes - 0.5 for place in (x, y)
        ):
            for key, label in zip(_cell_keys(results), (round(y), round(x)), strict=True):
                widgets.set_value(key, label)


def _cell_keys(results: RunResults) -> tuple[str, str]:
    return f"true-{results.token}", f"predicted-{results.token}"


def _most_frequent_mistake(counts: np.ndarray) -> tuple[int, int]:
    """Return the cell off the diagonal that has the most rows; the first cell where all have none."""
    mistakes = counts - np.diag(counts.diagonal())
    true, predicted = np.unravel_index(mistakes.argmax(), counts.shape) if mistakes.any() else (0, 0)
    return int(true), int(predicted)


def _choose_class(label: str, names: tuple[str, ...], first: int, key: str) -> int:
    """Choose a class; not with pills, which would read Markdown in names."""
    chosen: int = st.selectbox(
        label,
        range(len(names)),
        first,
        format_func=lambda index: names[index],
        key=key,
        persist_state="session",
    )
    return chosen
