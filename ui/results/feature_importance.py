"""The permutation importance of features on the results page."""

from __future__ import annotations

import streamlit as st

from core.figures import importance_figure
from ui.components.chart import draw
from ui.results.run_results import FEATURES_MOST, RunResults
from ui.words import count_of


def show(results: RunResults, part: str) -> None:
    """Draw how much worse the network gets when each feature is shuffled."""
    split = results.split
    place = st.empty()  # replaces the previous view's figure at once
    with st.spinner("Shuffling each feature in turn…"):
        found = results.importance(part)
    names = [split.feature_names[feature] for feature in found.features]
    title = "drop in accuracy" if split.classes else f"increase in mean absolute error ({split.target_name})"
    with place:
        draw(importance_figure(names, found.cost, found.deviation, title), "importance", "Importance of the features")
    score = f"accuracy {found.score:.3f}" if split.classes else f"mean absolute error {-found.score:.4g}"
    st.caption(
        f"Baseline: {score} on {count_of(found.rows, f'{part} row')}. Each feature is shuffled ten times; whiskers "
        "show one standard deviation. Correlated features mask each other; values below zero are chance."
    )
    if split.features > FEATURES_MOST:
        st.caption(f"Shown: the {FEATURES_MOST} of {split.features:,} features most informative on their own.")


def fits(results: RunResults) -> bool:
    """Return whether the features can be shuffled one by one; pixels are too many and too alike."""
    return results.split.image_shape is None
