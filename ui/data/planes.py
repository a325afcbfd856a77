"""All features at once, laid out on a plane: PCA and t-SNE."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.analysis import projection
from core.analysis.projection import Projection
from core.datasets import Split
from core.experiment import DataSpec, Experiment, menus
from core.figures import PointTarget, projection_figure, scree_figure
from ui.components.chart import draw
from ui.data.features import say_shown
from ui.data.kept import pca_of, rows_of, tsne_of


def show_pca(experiment: Experiment, split: Split) -> None:
    """Draw the first two principal components, and how much of the variance each has."""
    data = experiment.data
    found = pca_of(data)
    points, scree = st.columns([5, 3], gap="medium")
    with points:
        draw(_projected(data, found, tuple(map(_component, (1, 2), found.shares))), "pca")
    with scree:
        draw(scree_figure(found.shares), "scree")
    _say_scaling(data)
    say_shown(len(found.rows), rows_of(data))


def show_tsne(experiment: Experiment, split: Split) -> None:
    """Draw the rows as t-SNE lays them out."""
    data = experiment.data
    rows = min(len(rows_of(data)), projection.TSNE_ROWS)
    place = st.empty()  # where the picture of another view stood, which goes at once
    with st.spinner(f"Laying out {rows:,} rows, which takes some three seconds…", show_time=True):
        found = tsne_of(data)
    with place:
        draw(_projected(data, found, ("", "")), "tsne")
    _say_scaling(data)
    say_shown(len(found.rows), rows_of(data))


def _component(number: int, share: float) -> str:
    return f"component {number}, {share:.1%} of the variance"


def _projected(data: DataSpec, found: Projection, axis_titles: tuple[str, ...]) -> go.Figure:
    rows = rows_of(data)
    across, up = axis_titles
    target = PointTarget(rows.target[found.rows], rows.target_name, rows.class_names)
    return projection_figure(found.points, target, (across, up))


def _say_scaling(data: DataSpec) -> None:
    st.caption(f"Over the features as the network gets them; scaling: {menus.SCALINGS[str(data.scaling)]}.")
