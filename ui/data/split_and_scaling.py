"""How rows are prepared for training: the split, the class weights and the scaling."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.analysis import histograms, overview
from core.analysis.overview import Rows
from core.datasets import Split
from core.datasets.class_weights import class_weights
from core.experiment import Experiment, menus
from core.figures import FIT_COLOUR, HELD_OUT_COLOUR, TRAINING_COLOUR, histogram_figure, parts_figure, scaling_figure
from ui.components.chart import draw
from ui.components.frame import show_frame
from ui.data.features import choose_features
from ui.data.kept import informative_features, rows_of

_PART_COLOURS = {
    "training": TRAINING_COLOUR,
    "validation": HELD_OUT_COLOUR,
    "held-out": HELD_OUT_COLOUR,
    "test": FIT_COLOUR,
}


def show_preparation(experiment: Experiment, split: Split) -> None:
    """Draw the parts, the class weights if there are any, and features before and after scaling."""
    data = experiment.data
    rows = rows_of(data)
    st.markdown("**Split**")
    _show_parts(rows)
    if experiment.training.class_weight == "balanced":
        st.markdown(f"**Class weights**: {menus.CLASS_WEIGHTS['balanced']}")
        _show_class_weights(split)
    st.markdown(f"**Scaling**: {menus.SCALINGS[str(data.scaling)]}")
    every = list(range(split.inputs))
    chosen = every if split.derived else choose_features(data, "scaling", informative_features(data, 2), 4)
    draw(
        scaling_figure(histograms.scaled_features(rows, split, chosen)), "scaling", "Features before and after scaling"
    )


def _show_class_weights(split: Split) -> None:
    """Show the weight of each class's training rows in the loss."""
    labels = split.y_train
    show_frame(
        {
            "class": split.class_names,
            "training rows": np.bincount(labels, minlength=split.classes),
            "weight per row": class_weights(labels, split.classes),
        },
        width="content",
    )
    st.caption(
        "The loss of each training row is multiplied by its weight. Accuracy and all held-out metrics count every row "
        "equally."
    )


def _show_parts(rows: Rows) -> None:
    if rows.class_names:
        counts = overview.class_counts(rows.target, rows.parts, len(rows.class_names), len(rows.part_names))
        draw(parts_figure(rows.part_names, rows.class_names, counts), "parts", "Parts of the split")
    else:
        drawn = histograms.target_histogram(rows)
        shares = drawn.counts / np.maximum(drawn.counts.sum(axis=1, keepdims=True), 1)
        colours = [_PART_COLOURS[name] for name in rows.part_names]
        figure = histogram_figure(
            drawn.edges,
            shares,
            names=rows.part_names,
            colours=colours,
            value_name=rows.target_name,
            height_name="share of rows",
        ).update_layout(height=300)
        draw(figure, "parts", "Parts of the split")
