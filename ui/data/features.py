"""Single features and pairs of features: histograms, correlations and scatter plots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.analysis import histograms
from core.analysis.correlation import correlation
from core.analysis.overview import Rows
from core.analysis.regression import shown_rows
from core.datasets import Split
from core.experiment import DataSpec, Experiment
from core.figures import (
    FIT_COLOUR,
    PointTarget,
    class_colour,
    correlation_figure,
    histogram_figure,
    pairs_figure,
    projection_figure,
)
from ui.components.chart import draw
from ui.data.kept import informative_features, rows_of

_CORRELATED_MOST = 30
_POINTS_MOST = 1000
_PAIR_POINTS = 6000  # in all cells together, so that a browser draws them in under a second
_PAIRS = (4, 5)  # features: at first, and at most


def show_histograms(experiment: Experiment, split: Split) -> None:
    """Draw one feature: its histogram by class, or its histogram beside a plot against the target."""
    data = experiment.data
    rows = rows_of(data)
    feature = _choose_feature(data, "histogram")
    name = rows.feature_names[feature]
    drawn = histograms.feature_histogram(rows, feature)
    if rows.class_names:
        colours = [class_colour(index) for index in range(len(rows.class_names))]
        figure = histogram_figure(drawn.edges, drawn.counts, names=rows.class_names, colours=colours, value_name=name)
        draw(figure, "histogram", "Histogram", fills=True)
        return
    alone, with_target = st.columns(2, gap="medium")
    with alone:
        figure = histogram_figure(drawn.edges, drawn.counts, names=["rows"], colours=[FIT_COLOUR], value_name=name)
        draw(figure, "histogram", "Histogram", fills=True)
    with with_target:
        shown = shown_rows(len(rows), _POINTS_MOST)
        points = np.column_stack([rows.raw[shown, feature], rows.target[shown]])
        target = PointTarget(rows.target[shown], rows.target_name)
        draw(
            projection_figure(points, target, (name, rows.target_name)),
            "against-target",
            "Feature against target",
            fills=True,
        )
    show_point_count(len(shown), rows)


def show_correlation(experiment: Experiment, split: Split) -> None:
    """Draw the correlation of every two columns."""
    if split.features > _CORRELATED_MOST:
        st.caption(f"Shown: the {_CORRELATED_MOST} of {split.features:,} features most informative on their own.")
    data = experiment.data
    drawn = correlation(rows_of(data), informative_features(data, _CORRELATED_MOST))
    draw(correlation_figure(drawn.names, drawn.values), "correlation", "Correlation")


def show_pairs(experiment: Experiment, split: Split) -> None:
    """Draw a scatter plot of every two of some features."""
    data = experiment.data
    first, most = _PAIRS
    features = choose_features(data, "pairs", informative_features(data, first), most)
    rows = rows_of(data)
    values = rows.raw[:, features]
    names = [rows.feature_names[feature] for feature in features]
    groups, group_count = rows.target, len(rows.class_names)
    if not rows.class_names:
        values = np.column_stack([values, rows.target])
        names.append(rows.target_name)
        groups, group_count = np.zeros(len(rows), np.int64), 1
    cells = len(names) * (len(names) - 1) // 2
    shown = shown_rows(len(rows), min(_POINTS_MOST, _PAIR_POINTS // max(cells, 1)))
    diagonal = [histograms.histogram(column, groups, group_count) for column in values.T]
    target = PointTarget(rows.target[shown], rows.target_name, rows.class_names)
    draw(pairs_figure(values[shown], names, target, diagonal), "pairs", "Pairs of features")
    show_point_count(len(shown), rows)


def choose_features(data: DataSpec, name: str, first: Sequence[int], most: int) -> list[int]:
    """Choose some features."""
    names = rows_of(data).feature_names
    chosen: list[int] = st.multiselect(
        f"Features (at most {most})",
        range(len(names)),
        first,
        format_func=names.__getitem__,
        max_selections=most,
        key=f"{name}-features-{data.name}",
        persist_state="session",
    )
    return chosen


def show_point_count(shown: int, rows: Rows) -> None:
    """Say how many rows are drawn as points, where not all are."""
    if shown < rows.total:
        st.caption(f"Points: {shown:,} of {rows.total:,} rows, chosen at random.")


def _choose_feature(data: DataSpec, name: str) -> int:
    """Choose one feature; at first, the most informative one."""
    names = rows_of(data).feature_names
    chosen: int = st.selectbox(
        "Feature",
        range(len(names)),
        informative_features(data, 1)[0],
        format_func=names.__getitem__,
        key=f"{name}-feature-{data.name}",
        width=360,
        persist_state="session",
    )
    return chosen
