"""Decision boundaries of the runs of a study, which change in place while it trains."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from core.analysis.decision import axis_names, plane_of
from core.analysis.regression import shown_rows, value_range
from core.datasets import prepare
from core.errors import HiddenLayersError
from core.experiment import DataSpec
from core.figures import (
    Feed,
    PlaneAxes,
    SplitPoints,
    TargetScale,
    boundary_feed,
    boundary_figure,
    on_a_page,
    surface_feed,
    surface_figure,
)
from core.figures.study_grid import boundary_feeds
from core.studies.results import MemberResult
from core.studies.surfaces import axes_of
from ui.components.figure_panel import figure_panel

CELLS_MOST = 100  # boundaries in one figure
_POINTS_MOST = 300
_FEW = 12  # boundaries that are sent as they are
_STEP_MANY = 2  # of more, every second cell


def show_boundary(result: MemberResult, key: str, name: str, height: int) -> None:
    """Draw the boundary of one run with its held-out points; nothing where the data have more or fewer features."""
    found = _plane(result.member.experiment.data)
    if found is None:
        return
    figure, feed = found
    figure_panel(
        key,
        name,
        on_a_page(go.Figure(figure), height).update_layout(showlegend=False),
        feeds={"surface": feed},
        arrays={} if result.surface is None else {"surface": result.surface},
    )


def show_grid(
    key: str,
    name: str,
    figure: go.Figure,
    results: Sequence[MemberResult],
    on_clicked: Callable[[], None] | None = None,
) -> None:
    """Draw a figure with a small boundary in every cell; cells without one stay empty."""
    figure_panel(key, name, figure, feeds=_grid_feeds(results), arrays=grid_arrays(results), on_clicked=on_clicked)


def has_boundaries(data: DataSpec) -> bool:
    """Return whether the runs of some data have boundaries that can be drawn."""
    return _plane(data) is not None


def grid_arrays(results: Sequence[MemberResult]) -> dict[str, np.ndarray]:
    """Return the boundaries of a grid by the places of their cells, as strings; coarser where there are many."""
    step = 1 if len(results) <= _FEW else _STEP_MANY
    return {
        str(place): result.surface[..., ::step, ::step]
        for place, result in enumerate(results)
        if result.surface is not None
    }


def _grid_feeds(results: Sequence[MemberResult]) -> Mapping[str, Feed]:
    return boundary_feeds(len(results), len(prepare(results[0].member.experiment.data).class_names))


@functools.lru_cache(maxsize=32)  # Plotly takes tens of milliseconds to build one
def _plane(data: DataSpec) -> tuple[go.Figure, Feed] | None:
    """Return the figure of a data set's held-out points, without a boundary, and the feed of that; or None."""
    try:
        split = prepare(data)
    except (HiddenLayersError, OSError):
        return None
    axes = axes_of(split)
    if axes is None:
        return None
    rows = shown_rows(len(split.y_val), _POINTS_MOST) if data.table is None else np.empty(0, np.int64)
    none = np.empty((0, 2), np.float32), split.y_val[:0]
    points = SplitPoints(*none, split.raw_val[rows], split.y_val[rows])
    plane = PlaneAxes(axis_names(split, axes), plane_of(split, axes).bounds)
    if split.class_names:
        return boundary_figure(points, plane, split.class_names), boundary_feed(len(split.class_names))
    return surface_figure(points, plane, TargetScale(split.target_name, *value_range(split))), surface_feed()
