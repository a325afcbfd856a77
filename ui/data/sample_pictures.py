"""Some pictures of a data set, and the mean picture of each class."""

from __future__ import annotations

import streamlit as st

from core.analysis import picture_samples
from core.datasets import Split
from core.experiment import Experiment
from ui.components.picture_columns import picture_grid
from ui.data.kept import rows_of

_PICTURES = 30


def show_pictures(experiment: Experiment, split: Split) -> None:
    """Draw the mean picture of each class, and some pictures of all classes or of one."""
    assert split.image_shape is not None
    rows = rows_of(experiment.data)
    st.markdown("**Mean of each class**")
    means = picture_samples.mean_pictures(rows).reshape(-1, *split.image_shape)
    picture_grid(means, rows.class_names, split.photographs, "means", "The mean picture of every class")
    # Not pills, which would read Markdown in names.
    labels: dict[int | None, str] = {None: "all", **dict(enumerate(rows.class_names))}
    chosen = st.selectbox(
        "Class",
        list(labels),
        format_func=labels.__getitem__,
        width=200,
        key=f"pictures-class-{experiment.data.name}",
        persist_state="session",
    )
    numbers = picture_samples.picture_rows(rows, chosen, _PICTURES)
    captions = [rows.class_names[label] for label in rows.target[numbers]]
    shown = rows.raw[numbers].reshape(-1, *split.image_shape)
    picture_grid(shown, captions, split.photographs, "pictures", "Pictures of the data")
