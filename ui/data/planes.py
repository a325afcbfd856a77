"""All features at once, projected to a plane: PCA and t-SNE."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.analysis import projection
from core.analysis.projection import Projection
from core.datasets import Split
from core.experiment import DataSpec, Experiment, menus
from core.figures import PointTarget, projection_figure, scree_figure
from ui.components.chart import draw
from ui.data.features import show_point_count
from ui.data.kept import pca_of, rows_of, tsne_of


def show_pca(experiment: Experiment, split: Split) -> None:
    """Draw the first two principal components, and the share of variance of each."""
    data = experiment.data
    found = pca_of(data)
    points, scree = st.columns([5, 3], gap="medium")
    with points:
        draw(_projected(data, found, tuple(map(_component, (1, 2), found.shares))), "pca", "PCA", fills=True)
    with scree:
        draw(scree_figure(found.shares), "scree", "Variance of the components", fills=True)
    _show_scaling(data)
    show_point_count(len(found.rows), rows_of(data))


def show_tsne(experiment: Experiment, split: Split) -> None:
    """Draw the rows where t-SNE places them."""
    data = experiment.data
    rows = min(len(rows_of(data)), projection.TSNE_ROWS)
    place = st.empty()  # replaces the previous view's figure at once
    with st.spinner(f"Placing {rows:,} rows takes about three seconds…", show_time=True):
        found = tsne_of(data)
    with place:
        draw(_projected(data, found, ("", "")), "tsne", "t-SNE", fills=True)
    _show_scaling(data)
    show_point_count(len(found.rows), rows_of(data))


def _component(number: int, share: float) -> str:
    return f"component {number}, {share:.1%} of the variance"


def _projected(data: DataSpec, found: Projection, axis_titles: tuple[str, ...]) -> go.Figure:
    rows = rows_of(data)
    across, up = axis_titles
    target = PointTarget(rows.target[found.rows], rows.target_name, rows.class_names)
    return projection_figure(found.points, target, (across, up))


def _show_scaling(data: DataSpec) -> None:
    st.caption(
        f"Computed from the features as the network receives them; scaling: {menus.SCALINGS[str(data.scaling)]}."
    )
