"""Decision boundaries and confusion matrices of several runs, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.decision import Plane
from core.analysis.regression import shown_rows
from core.figures import (
    PlaneAxes,
    SplitPoints,
    TargetScale,
    boundary_figure,
    confusion_figure,
    on_a_page,
    surface_figure,
)
from core.figures.confusion_difference import confusion_difference_figure
from core.figures.painting import png_source, softened
from core.runs.small_pictures import boundary_picture, common_plane, has_two_numbers
from core.runs.store import RunStore
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from ui.components.chart import draw
from ui.components.markdown import literal
from ui.runs.compared import ComparedRun, matrices_of, network_of

_IN_A_ROW = 4
_HEIGHT = 300
_CELLS = 70
_POINTS_MOST = 300  # in each of up to twenty figures

_Known = tuple[TrainedNetwork, Preparation]


def show_boundaries(store: RunStore, runs: Sequence[ComparedRun]) -> None:
    """Draw the boundaries of all runs with two features; those with the same two features have the same axes."""
    known = {run.key: found for run in runs if (found := network_of(store, run)) and has_two_numbers(found[1])}
    drawn = [run for run in runs if run.key in known]
    _say_left_out(runs, drawn, "They have more or fewer than two features, or their weights are not kept")
    for run, place in _places(drawn):
        network, preparation = known[run.key]
        same = [other for _, other in known.values() if other.feature_names == preparation.feature_names]
        with place:
            st.markdown(f"**{literal(run.title)}**")
            _draw_boundary(run, network, preparation, common_plane(same))


def _draw_boundary(run: ComparedRun, network: TrainedNetwork, preparation: Preparation, plane: Plane) -> None:
    across, up = preparation.feature_names
    axes = PlaneAxes((across, up), plane.bounds)
    points = _points(run)
    if preparation.class_names:
        figure = boundary_figure(points, axes, preparation.class_names)
    else:
        scale = TargetScale(preparation.target_name, preparation.target_low, preparation.target_high)
        figure = surface_figure(points, axes, scale)
    pixels = np.kron(boundary_picture(network, preparation, plane, _CELLS), np.ones((4, 4, 1), np.uint8))
    figure.layout.images[0].source = png_source(softened(pixels))
    draw(
        on_a_page(figure, _HEIGHT).update_layout(showlegend=False),
        f"compare-boundary-{run.key}",
        f"Plane of {run.title}",
    )


def _points(run: ComparedRun) -> SplitPoints:
    """Return some of the held-out rows, which the figures of a run are about; none of an uploaded file's."""
    nothing = np.empty((0, 2), np.float32), np.empty(0, np.int64)
    split = run.split if run.experiment.data.table is None else None
    if split is None:
        return SplitPoints(*nothing, *nothing)
    rows = shown_rows(len(split.y_val), _POINTS_MOST)
    return SplitPoints(*nothing, split.raw_val[rows], split.y_val[rows])


def show_matrices(store: RunStore, runs: Sequence[ComparedRun], baseline: ComparedRun | None) -> None:
    """Draw the confusion matrices on held-out rows; with a baseline, how those on the same rows differ from it."""
    matrices = matrices_of(store, runs)
    drawn = [run for run in runs if run.key in matrices]
    _say_left_out(runs, drawn, "They have no classes, or their weights or rows are not here")
    counts = None if baseline is None else matrices.get(baseline.key)
    subtracts = counts is not None and st.toggle("Difference to the baseline", value=True, key="compare-difference")
    for run, place in _places(drawn):
        matrix, split = matrices[run.key], run.split
        if split is None:
            continue
        is_same = baseline is not None and run.experiment.data == baseline.experiment.data
        with place:
            st.markdown(f"**{literal(run.title)}**")
            if subtracts and counts is not None and is_same and run is not baseline:
                figure = confusion_difference_figure(split.class_names, matrix - counts)
            else:
                figure = confusion_figure(split.class_names, matrix)
            draw(on_a_page(figure, _HEIGHT), f"compare-matrix-{run.key}", f"Confusion matrix of {run.title}")
            if subtracts and not is_same:
                st.caption("Other rows than the baseline's.")


def _places(runs: Sequence[ComparedRun]) -> Iterator[tuple[ComparedRun, DeltaGenerator]]:
    """Yield every run with its place in rows of four."""
    for first in range(0, len(runs), _IN_A_ROW):
        columns = st.columns(min(_IN_A_ROW, max(2, len(runs))))
        yield from zip(runs[first : first + _IN_A_ROW], columns, strict=False)


def _say_left_out(runs: Sequence[ComparedRun], drawn: Sequence[ComparedRun], reason: str) -> None:
    left_out = [run.title for run in runs if run not in drawn]
    if left_out:
        st.caption(f"Not here: {literal('; '.join(left_out))}. {reason}.")
