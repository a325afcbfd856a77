"""What the data page says and draws of a data set: one view at a time, and only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.analysis.overview import Rows
from core.datasets import Split
from core.experiment import Experiment
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
    """Draw the data page of an experiment: the title and size of its data, and the view that is chosen."""
    data = experiment.data
    st.title(title_of(data))
    split = split_or_message(data)
    if split is None:
        return
    st.caption(_size(rows_of(data), split))
    _views(experiment, split)


@st.fragment
def _views(experiment: Experiment, split: Split) -> None:
    """Let a person choose a view and draw it; another choice draws only this."""
    titles = [title for title, view in VIEWS.items() if view.fits(split)]
    chosen = choose_view(titles, "data-view")
    view = VIEWS[chosen]
    st.markdown(view.look_for if split.classes else view.look_for_in_numbers or view.look_for)
    with st.container(key=f"view-{chosen}"):
        view.draw(experiment, split)


def _size(rows: Rows, split: Split) -> str:
    parts = [f"{rows.total:,} rows", count_of(split.features, "feature")]
    parts.append(f"{split.classes} classes" if split.classes else "a number to predict")
    if split.dropped_rows:
        what = "rows with a missing value" if split.image_shape is None else "pictures that cannot be read"
        parts.append(f"{split.dropped_rows} {what} dropped")
    if len(rows) < rows.total:
        parts.append(f"everything here looks at {len(rows):,} rows, chosen at random")
    return " · ".join(parts)


@dataclass(frozen=True)
class View:
    """One side that a data set is seen from: how it is drawn, what to look for in it, and which data it fits."""

    draw: Callable[[Experiment, Split], None]
    look_for: str
    fits: Callable[[Split], bool] = lambda split: True
    look_for_in_numbers: str = ""  # where the target is a number and that changes what to look for


def _has_pictures(split: Split) -> bool:
    return split.image_shape is not None


def _has_two_features(split: Split) -> bool:
    return split.features > 1


VIEWS = {
    "Table": View(show_table, "One row is one example: read one aloud, then see below how far each feature goes."),
    "Pictures": View(
        show_pictures, "Could you tell these apart yourself? Where a mean is blurred, people differ.", _has_pictures
    ),
    "Histograms": View(
        show_histograms,
        "Where the hills of two classes stand apart, this one feature nearly tells them apart.",
        look_for_in_numbers="Does the number rise or fall with this feature, and along a line or a curve?",
    ),
    "Correlation": View(
        show_correlation, "A strong colour off the diagonal: two columns that say nearly the same.", _has_two_features
    ),
    "Pairs": View(
        show_pairs,
        "Can a straight line part the colours? Then no hidden layer is needed.",
        look_for_in_numbers="Does the colour change evenly in one direction? Then no hidden layer is needed.",
    ),
    "PCA": View(
        show_pca,
        "The flattest look at all features at once: classes that part here are easy to learn.",
        _has_two_features,
        look_for_in_numbers="The flattest look at all features at once: colours in order are easy to learn.",
    ),
    "t-SNE": View(
        show_tsne,
        "Neighbours here are neighbours in the data; the distance between far groups means nothing.",
        _has_two_features,
    ),
    "Preparation": View(
        show_preparation, "Every part should look like the whole, and every feature be about as wide as the others."
    ),
}
