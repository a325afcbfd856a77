"""The results page's views of classes: worst predictions, scores per class, curves, calibration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis.calibration import Calibration
from core.analysis.classification_report import report
from core.analysis.evaluation import worst_predictions
from core.analysis.ranking import Curve
from core.analysis.scores import wilson_interval
from core.figures import areas_figure, confusion_figure, precision_recall_figure, reliability_figure, roc_figure
from ui.components.chart import draw
from ui.components.frame import show_frame
from ui.results.row_tables import WORST_LINES, show_rows
from ui.results.run_results import RunResults
from ui.words import count_of

_CELL_EDGES, _LETTER = 16, 8  # pixels of a table
_LETTERS_MOST = 32  # of a class's name in a table
_CURVES_MOST = 6  # that can be told apart by colour


def show_worst(results: RunResults, part: str) -> None:
    """List the rows whose true class got the lowest probability."""
    answers = results.answers(part)
    worst = worst_predictions(answers.predictions, answers.target, len(answers))
    show_rows(results, part, worst, "worst", WORST_LINES)


def show_report(results: RunResults, part: str) -> None:
    """Draw precision, recall and F1 of every class, and their means, beside the matrix that they are computed from."""
    table, matrix = st.columns([3, 2], gap="medium")
    with table:
        _show_scores(results, part)
    with matrix:
        figure = confusion_figure(results.split.class_names, results.confusion(part))
        draw(figure, "report-matrix", "Confusion matrix", fills=True)


def _show_scores(results: RunResults, part: str) -> None:
    found, scores = report(results.confusion(part)), results.class_scores(part)
    averages = np.array([found.macro, found.weighted])
    names = [*results.split.class_names, "macro mean", "weighted mean"]
    table = pd.DataFrame(
        {
            "class": names,
            "precision": [*found.precision, *averages[:, 0]],
            "recall": [*found.recall, *averages[:, 1]],
            "F1": [*found.f1, *averages[:, 2]],
            "rows": [*found.support, scores.rows, scores.rows],
        }
    )
    show_frame(
        table,
        height=38 + 35 * len(table),
        column_config={
            # Left to itself the browser measures the first rows only, and cuts off the means below many classes.
            "class": st.column_config.TextColumn(width=_name_width(names)),
            **{
                name: st.column_config.ProgressColumn(name, min_value=0.0, max_value=1.0, format="%.3f")
                for name in ("precision", "recall", "F1")
            },
        },
    )
    st.caption(
        f"Accuracy {scores.accuracy:.3f} on {count_of(scores.rows, 'row')}; 95 % interval {scores.low:.3f} to "
        f"{scores.high:.3f} (Wilson's score interval). The macro mean counts every class equally, the weighted mean "
        "every row."
        + (" Classes without rows have no scores and are left out of the means." if not found.support.all() else "")
    )


def show_curves(results: RunResults, part: str) -> None:
    """Draw the ROC and precision-recall curves of every class, with the areas below them."""
    names = results.split.class_names
    roc, precision_recall = results.curves(part)
    chosen = _choose_classes(results, roc) if len(names) > _CURVES_MOST else []
    for column, figure, curves, area, key, title in zip(
        st.columns(2, gap="medium"),
        (roc_figure(roc, names, chosen), precision_recall_figure(precision_recall, names, chosen)),
        (roc, precision_recall),
        ("area under the ROC curve (AUC)", "average precision"),
        ("roc", "precision-recall"),
        ("ROC curves", "Precision-recall curves"),
        strict=True,
    ):
        with column:
            draw(figure, key, title)
            draw(areas_figure(curves, names, area), f"{key}-areas", area.capitalize())


def show_calibration(results: RunResults, part: str) -> None:
    """Draw the reliability diagram, and say how far confidence and accuracy are apart."""
    found, rows = results.calibration(part), len(results.answers(part))
    diagram, words = st.columns([3, 2], gap="medium")
    with diagram:
        draw(reliability_figure(found), "calibration", "Reliability diagram", fills=True)
    with words:
        st.markdown(
            f"On the {part} rows, the average confidence is **{found.mean_confidence:.3f}** and the accuracy is "
            f"**{found.mean_accuracy:.3f}**: the network is {_calibration_verdict(found, rows)}."
        )
        st.markdown(
            f"Expected calibration error **{found.error:.3f}**: the gap between the two, averaged over ten bins by "
            "their rows."
        )
        if results.network.experiment.training.loss == "hinge":
            st.caption("The hinge loss trains scores, not probabilities. Their softmax is used here as a stand-in.")


def _calibration_verdict(found: Calibration, rows: int) -> str:
    low, high = wilson_interval(round(found.mean_accuracy * rows), rows)
    if low <= found.mean_confidence <= high:
        return "well calibrated on average"
    return "overconfident" if found.mean_confidence > high else "underconfident"


def _name_width(names: Sequence[str]) -> int:
    """Return the pixels that the longest name needs in a table, up to a limit."""
    return _CELL_EDGES + _LETTER * min(_LETTERS_MOST, max(map(len, names)))


def _choose_classes(results: RunResults, curves: Sequence[Curve | None]) -> list[int]:
    """Choose which of many classes' curves are highlighted; at first, the three with the smallest area."""
    areas = [1.0 if curve is None else curve.area for curve in curves]
    chosen: list[int] = st.multiselect(
        "Highlighted classes",
        range(len(areas)),
        np.argsort(areas, kind="stable")[:3].tolist(),
        format_func=lambda index: results.split.class_names[index],
        key=f"curves-classes-{results.token}",
        persist_state="session",
    )
    return chosen
