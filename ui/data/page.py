"""The page "Data": one view of a data set at a time, and only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.analysis.overview import Rows
from core.datasets import Split
from core.experiment import Experiment
from ui.bar import show_heading
from ui.components.choose_view import choose_view
from ui.data.features import show_correlation, show_histograms, show_pairs
from ui.data.kept import rows_of
from ui.data.planes import show_pca, show_tsne
from ui.data.row_table import show_table
from ui.data.sample_pictures import show_pictures
from ui.data.split_and_scaling import show_preparation
from ui.rows import split_or_message, title_of
from ui.words import count_of


def show(experiment: Experiment) -> None:
    """Draw the title and size of an experiment's data set, and the chosen view."""
    data = experiment.data
    show_heading(title_of(data))
    split = split_or_message(data)
    if split is None:
        return
    st.caption(_size(rows_of(data), split))
    _show_views(experiment, split)


@st.fragment
def _show_views(experiment: Experiment, split: Split) -> None:
    """Let the person choose a view, and draw it; another choice redraws only this."""
    titles = [title for title, view in VIEWS.items() if view.fits(split)]
    chosen = choose_view(titles, "data-view")
    view = VIEWS[chosen]
    st.markdown(view.look_for if split.classes else view.look_for_in_regression or view.look_for)
    with st.container(key=f"view-{chosen}"):
        view.draw(experiment, split)


def _size(rows: Rows, split: Split) -> str:
    parts = [f"{rows.total:,} rows", count_of(split.features, "feature")]
    parts.append(f"{split.classes} classes" if split.classes else "numeric target")
    if split.dropped_rows:
        what = "rows with a missing value" if split.image_shape is None else "unreadable pictures"
        parts.append(f"{split.dropped_rows} {what} dropped")
    if len(rows) < rows.total:
        parts.append(f"this page uses {len(rows):,} rows, chosen at random")
    return " · ".join(parts)


@dataclass(frozen=True)
class DataView:
    """A view of a data set.

    Attributes:
        draw: draws it.
        look_for: tells a person what to look for.
        fits: whether it makes sense for a data set.
        look_for_in_regression: the same where the target is a number, if that makes a difference.
    """

    draw: Callable[[Experiment, Split], None]
    look_for: str
    fits: Callable[[Split], bool] = lambda split: True
    look_for_in_regression: str = ""


def _has_pictures(split: Split) -> bool:
    return split.image_shape is not None


def _has_two_features(split: Split) -> bool:
    return split.features > 1


VIEWS = {
    "Table": DataView(
        show_table, "Each row is one example. Read one aloud, then look below for the range of each feature."
    ),
    "Pictures": DataView(
        show_pictures,
        "Could you tell these classes apart yourself? A blurred mean shows that the pictures of a class vary.",
        _has_pictures,
    ),
    "Histograms": DataView(
        show_histograms,
        "Where the histograms of two classes don't overlap, this feature alone nearly separates them.",
        look_for_in_regression="Does the target rise or fall with this feature? Along a line or a curve?",
    ),
    "Correlation": DataView(
        show_correlation,
        "A strong colour off the diagonal marks two columns that carry nearly the same information.",
        _has_two_features,
    ),
    "Pairs": DataView(
        show_pairs,
        "Can a straight line separate the colours? Then no hidden layer is needed.",
        look_for_in_regression="Does the colour change evenly in one direction? Then no hidden layer is needed.",
    ),
    "PCA": DataView(
        show_pca,
        "All features projected to 2D. Classes that separate here are easy to learn.",
        _has_two_features,
        look_for_in_regression="All features projected to 2D. A target with ordered colours here is easy to learn.",
    ),
    "t-SNE": DataView(
        show_tsne,
        "Neighbours here are neighbours in the data; the distance between separate groups means nothing.",
        _has_two_features,
    ),
    "Preparation": DataView(
        show_preparation, "Every part should look like the whole, and all features should have a similar range."
    ),
}
