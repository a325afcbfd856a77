"""The views that the results page offers, by task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.experiment import menus
from ui.results import class_views, confusion_matrix, feature_importance, number_views
from ui.results.run_results import RunResults


@dataclass(frozen=True)
class ResultsView:
    """A view of a run's results.

    Attributes:
        draw: draws it for one part of the rows.
        look_for: tells a person what to look for.
        fits: whether it makes sense for a run.
    """

    draw: Callable[[RunResults, str], None]
    look_for: str
    fits: Callable[[RunResults], bool] = lambda results: True


_IMPORTANCE = ResultsView(
    feature_importance.show,
    "How much worse does the network get when one feature is shuffled across rows? If nothing changes, it does not "
    "need that feature.",
    feature_importance.fits,
)
VIEWS = {
    menus.CLASSES: {
        "Confusion matrix": ResultsView(
            confusion_matrix.show,
            "Click a cell, or choose its two classes. Which rows are in it, and would you have got them right?",
        ),
        "Worst predictions": ResultsView(
            class_views.show_worst,
            "The rows whose true class got the lowest probability. Is the label wrong, or is the row hard?",
        ),
        "Per class": ResultsView(
            class_views.show_report,
            "Precision: how often the network is right when it predicts a class (a column of the matrix). Recall: how "
            "much of a class it finds (a row).",
        ),
        "ROC and PR": ResultsView(
            class_views.show_curves,
            "Each class against the rest, at every threshold. For rare classes, trust the plot on the right.",
        ),
        "Calibration": ResultsView(
            class_views.show_calibration, "Where bars end below the dotted line, the network is overconfident."
        ),
        "Importance": _IMPORTANCE,
    },
    menus.NUMBERS: {
        "Predictions": ResultsView(
            number_views.show_predictions,
            "Residuals should form a shapeless band. A curve in it is a pattern that the network has not learned.",
        ),
        "Worst predictions": ResultsView(
            number_views.show_worst, "The rows with the largest errors. What do they have in common?"
        ),
        "Importance": _IMPORTANCE,
    },
}
