"""What the data page says and draws of a data set: one view at a time, and only the open one is computed."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.analysis import histograms, overview, pictures, projection
from core.analysis.correlation import correlation
from core.analysis.overview import Rows
from core.analysis.projection import Projection
from core.analysis.regression import shown_rows
from core.datasets import Split, prepare
from core.experiment import DataSpec, menus
from core.figures import (
    FIT_COLOUR,
    HELD_OUT_COLOUR,
    TRAINING_COLOUR,
    balance_figure,
    class_colour,
    correlation_figure,
    histogram_figure,
    pairs_figure,
    parts_figure,
    pictures_figure,
    projection_figure,
    scaling_figure,
    scree_figure,
)
from ui.chart import draw
from ui.rows import split_or_message, title_of

_TABLE_ROWS = 1000
_TABLE_HEIGHT = 318  # eight rows
_TABLE_FEATURES = 100
_CORRELATED_MOST = 30
_POINTS_MOST = 1000
_PAIR_POINTS = 6000  # in all cells together: a browser draws some ten thousand a second
_PAIRS = (4, 5)  # features at first look, and at most
_PICTURES = 30
_PART_COLOURS = {
    "training": TRAINING_COLOUR,
    "validation": HELD_OUT_COLOUR,
    "held-out": HELD_OUT_COLOUR,
    "test": FIT_COLOUR,
}


def show(data: DataSpec) -> None:
    """Draw the data page of a data set: its title, its size, and the view that is chosen."""
    st.title(title_of(data))
    split = split_or_message(data)
    if split is None:
        return
    st.caption(_size(_rows(data), split))
    _views(data, split)


@st.fragment
def _views(data: DataSpec, split: Split) -> None:
    """Let a person choose a view and draw it; another choice draws only this."""
    titles = [title for title, view in VIEWS.items() if view.fits(split)]
    chosen = st.segmented_control(
        "View",
        titles,
        default=titles[0],
        required=True,
        key="data-view",
        label_visibility="collapsed",
        persist_state="session",
    )
    view = VIEWS[chosen or titles[0]]
    st.markdown(view.look_for if split.classes else view.look_for_in_numbers or view.look_for)
    with st.container(key=f"view-{chosen}"):
        view.draw(data, split)


def _size(rows: Rows, split: Split) -> str:
    parts = [f"{rows.total:,} rows", _count(split.features, "feature")]
    parts.append(f"{split.classes} classes" if split.classes else "a number to predict")
    if split.dropped_rows:
        what = "rows with a missing value" if split.image_shape is None else "pictures that cannot be read"
        parts.append(f"{split.dropped_rows} {what} dropped")
    if len(rows) < rows.total:
        parts.append(f"everything here looks at {len(rows):,} rows, chosen at random")
    return " · ".join(parts)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


# The table


def _show_table(data: DataSpec, split: Split) -> None:
    table, balance = st.columns([3, 2], gap="medium")
    with table:
        _show_rows(data)
    with balance:
        _show_target(data)
    _show_statistics(data)


def _show_rows(data: DataSpec) -> None:
    st.dataframe(_table(data), height=_TABLE_HEIGHT, hide_index=True)
    rows = _rows(data)
    notes = []
    if len(rows) > _TABLE_ROWS:
        notes.append(f"{_TABLE_ROWS:,} of {rows.total:,} rows, chosen at random.")
    if len(rows.feature_names) > _TABLE_FEATURES:
        notes.append(f"The first {_TABLE_FEATURES} of {len(rows.feature_names):,} features.")
    if notes:
        st.caption(" ".join(notes))


def _show_target(data: DataSpec) -> None:
    rows = _rows(data)
    if rows.class_names:
        draw(balance_figure(rows.class_names, np.bincount(rows.target, minlength=len(rows.class_names))), "balance")
    else:
        counted = histograms.histogram(rows.target, np.zeros(len(rows), np.int64), 1)
        figure = histogram_figure(counted.edges, counted.counts, ["rows"], [FIT_COLOUR], rows.target_name)
        draw(figure.update_layout(height=_TABLE_HEIGHT), "balance")


def _show_statistics(data: DataSpec) -> None:
    st.dataframe(_statistics(data), hide_index=True)


# Features


def _show_histograms(data: DataSpec, split: Split) -> None:
    rows = _rows(data)
    feature = _feature(data, "histogram")
    name = rows.feature_names[feature]
    drawn = histograms.feature_histogram(rows, feature)
    if rows.class_names:
        colours = [class_colour(index) for index in range(len(rows.class_names))]
        draw(histogram_figure(drawn.edges, drawn.counts, rows.class_names, colours, name), "histogram")
        return
    alone, with_target = st.columns(2, gap="medium")
    with alone:
        draw(histogram_figure(drawn.edges, drawn.counts, ["rows"], [FIT_COLOUR], name), "histogram")
    with with_target:
        shown = shown_rows(len(rows), _POINTS_MOST)
        points = np.column_stack([rows.raw[shown, feature], rows.target[shown]])
        names = (name, rows.target_name)
        draw(projection_figure(points, rows.target[shown], (), rows.target_name, names), "against-target")
    _say_shown(len(shown), rows)


def _feature(data: DataSpec, name: str) -> int:
    """Choose one feature; at first, the one that says most of the target."""
    names = _rows(data).feature_names
    chosen: int = st.selectbox(
        "Feature",
        range(len(names)),
        _telling(data, 1)[0],
        format_func=names.__getitem__,
        key=f"{name}-feature-{data.name}",
        width=360,
        persist_state="session",
    )
    return chosen


def _features(data: DataSpec, name: str, first: Sequence[int], most: int) -> list[int]:
    """Choose some features."""
    names = _rows(data).feature_names
    chosen: list[int] = st.multiselect(
        f"Features, at most {most}",
        range(len(names)),
        first,
        format_func=names.__getitem__,
        max_selections=most,
        key=f"{name}-features-{data.name}",
        persist_state="session",
    )
    return chosen


def _show_correlation(data: DataSpec, split: Split) -> None:
    if split.features > _CORRELATED_MOST:
        st.caption(f"The {_CORRELATED_MOST} of {split.features:,} features that say most of the {_target(split)}.")
    drawn = correlation(_rows(data), _telling(data, _CORRELATED_MOST))
    draw(correlation_figure(drawn.names, drawn.values), "correlation")


def _target(split: Split) -> str:
    return "class" if split.classes else "target"


def _show_pairs(data: DataSpec, split: Split) -> None:
    first, most = _PAIRS
    features = _features(data, "pairs", _telling(data, first), most)
    rows = _rows(data)
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
    figure = pairs_figure(
        values[shown],
        names,
        rows.target[shown],
        rows.class_names,
        rows.target_name,
        diagonal,
    )
    draw(figure, "pairs")
    _say_shown(len(shown), rows)


def _say_shown(shown: int, rows: Rows) -> None:
    if shown < rows.total:
        st.caption(f"Points: {shown:,} of {rows.total:,} rows, chosen at random.")


# Planes


def _show_pca(data: DataSpec, split: Split) -> None:
    found = _pca(data)
    points, scree = st.columns([5, 3], gap="medium")
    with points:
        draw(_projected(data, found, tuple(map(_component, (1, 2), found.shares))), "pca")
    with scree:
        draw(scree_figure(found.shares), "scree")
    _say_scaling(data)
    _say_shown(len(found.rows), _rows(data))


def _component(number: int, share: float) -> str:
    return f"component {number}, {share:.1%} of the variance"


def _show_tsne(data: DataSpec, split: Split) -> None:
    rows = min(len(_rows(data)), projection.TSNE_ROWS)
    place = st.empty()  # where the picture of another view stood, which goes at once
    with st.spinner(f"Laying out {rows:,} rows, which takes some three seconds…", show_time=True):
        found = _tsne(data)
    with place:
        draw(_projected(data, found, ("", "")), "tsne")
    _say_scaling(data)
    _say_shown(len(found.rows), _rows(data))


def _projected(data: DataSpec, found: Projection, axis_titles: tuple[str, ...]) -> go.Figure:
    rows = _rows(data)
    across, up = axis_titles
    return projection_figure(found.points, rows.target[found.rows], rows.class_names, rows.target_name, (across, up))


def _say_scaling(data: DataSpec) -> None:
    st.caption(f"Over the features as the network gets them; scaling: {menus.SCALINGS[str(data.scaling)]}.")


# Pictures


def _show_pictures(data: DataSpec, split: Split) -> None:
    assert split.image_shape is not None
    rows = _rows(data)
    st.markdown("**The mean of every class**")
    means = pictures.mean_pictures(rows).reshape(-1, *split.image_shape)
    draw(pictures_figure(means, rows.class_names, split.photographs), "means")
    # Not pills, which read Markdown in names.
    labels: dict[int | None, str] = {None: "all", **dict(enumerate(rows.class_names))}
    chosen = st.selectbox(
        "Class",
        list(labels),
        format_func=labels.__getitem__,
        width=200,
        key=f"pictures-class-{data.name}",
        persist_state="session",
    )
    numbers = pictures.picture_rows(rows, chosen, _PICTURES)
    captions = [rows.class_names[label] for label in rows.target[numbers]]
    shown = rows.raw[numbers].reshape(-1, *split.image_shape)
    draw(pictures_figure(shown, captions, split.photographs), "pictures")


# Preparation


def _show_preparation(data: DataSpec, split: Split) -> None:
    rows = _rows(data)
    st.markdown("**Split**")
    _show_parts(rows)
    st.markdown(f"**Scaling**: {menus.SCALINGS[str(data.scaling)]}")
    derived = split.input_names != split.feature_names
    chosen = range(split.inputs) if derived else _features(data, "scaling", _telling(data, 2), 4)
    draw(scaling_figure(histograms.scaled_features(rows, split, chosen)), "scaling")


def _show_parts(rows: Rows) -> None:
    if rows.class_names:
        counts = overview.class_counts(rows.target, rows.parts, len(rows.class_names), len(rows.part_names))
        draw(parts_figure(rows.part_names, rows.class_names, counts), "parts")
    else:
        drawn = histograms.target_histogram(rows)
        shares = drawn.counts / np.maximum(drawn.counts.sum(axis=1, keepdims=True), 1)
        colours = [_PART_COLOURS[name] for name in rows.part_names]
        figure = histogram_figure(
            drawn.edges, shares, rows.part_names, colours, rows.target_name, "share of the part"
        ).update_layout(height=300)
        draw(figure, "parts")


@dataclass(frozen=True)
class View:
    """One side that a data set is seen from: how it is drawn, what to look for in it, and which data it fits."""

    draw: Callable[[DataSpec, Split], None]
    look_for: str
    fits: Callable[[Split], bool] = lambda split: True
    look_for_in_numbers: str = ""  # where the target is a number and that changes what to look for


def _has_pictures(split: Split) -> bool:
    return split.image_shape is not None


def _has_two_features(split: Split) -> bool:
    return split.features > 1


VIEWS = {
    "Table": View(_show_table, "One row is one example: read one aloud, then see below how far each feature goes."),
    "Pictures": View(
        _show_pictures, "Could you tell these apart yourself? Where a mean is blurred, people differ.", _has_pictures
    ),
    "Histograms": View(
        _show_histograms,
        "Where the hills of two classes stand apart, this one feature nearly tells them apart.",
        look_for_in_numbers="Does the number rise or fall with this feature, and along a line or a curve?",
    ),
    "Correlation": View(
        _show_correlation, "A strong colour off the diagonal: two columns that say nearly the same.", _has_two_features
    ),
    "Pairs": View(
        _show_pairs,
        "Can a straight line part the colours? Then no hidden layer is needed.",
        look_for_in_numbers="Does the colour change evenly in one direction? Then no hidden layer is needed.",
    ),
    "PCA": View(
        _show_pca,
        "The flattest look at all features at once: classes that part here are easy to learn.",
        _has_two_features,
        look_for_in_numbers="The flattest look at all features at once: colours in order are easy to learn.",
    ),
    "t-SNE": View(
        _show_tsne,
        "Neighbours here are neighbours in the data; the distance between far groups means nothing.",
        _has_two_features,
    ),
    "Preparation": View(
        _show_preparation, "Every part should look like the whole, and every feature be about as wide as the others."
    ),
}


# Made once for everybody. What holds all rows is kept for a few data sets only.


@functools.lru_cache(maxsize=8)
def _rows(data: DataSpec) -> Rows:
    return overview.rows_of(prepare(data))


@functools.lru_cache(maxsize=8)
def _table(data: DataSpec) -> pd.DataFrame:
    """Return up to 1,000 rows with their target and their part."""
    rows = _rows(data)
    shown = shown_rows(len(rows), _TABLE_ROWS)
    names = overview.unique_names([*rows.feature_names[:_TABLE_FEATURES], rows.target_name, "part"])
    columns: list[Any] = list(rows.raw[shown, :_TABLE_FEATURES].T)
    target = rows.target[shown]
    columns.append(np.array(rows.class_names)[target] if rows.class_names else target)
    columns.append(np.array(rows.part_names)[rows.parts[shown]])
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


@functools.lru_cache(maxsize=64)
def _statistics(data: DataSpec) -> pd.DataFrame:
    """Return a row a feature: its name, its type and its statistics."""
    rows = _rows(data)
    numbers = pd.DataFrame(overview.statistics(rows.raw), columns=list(overview.STATISTICS))
    numbers.insert(0, "type", overview.kinds(rows.raw))
    numbers.insert(0, "feature", rows.feature_names)
    return numbers.astype({"count": int})


@functools.lru_cache(maxsize=64)
def _telling(data: DataSpec, most: int) -> tuple[int, ...]:
    return overview.telling_features(_rows(data), most)


@functools.lru_cache(maxsize=64)
def _pca(data: DataSpec) -> Projection:
    return projection.principal_components(_rows(data))


def _tsne(data: DataSpec) -> Projection:
    """Lay out the rows of one data set at a time: whoever asks for the same one meanwhile gets it when it is there."""
    with _LAYING_OUT:
        return _laid_out(data)


_LAYING_OUT = threading.Lock()


@functools.lru_cache(maxsize=64)
def _laid_out(data: DataSpec) -> Projection:
    return projection.tsne(_rows(data))
