"""A name that is cut in a figure can be read in full there, on hover or in its titles."""

import numpy as np
import plotly.graph_objects as go
import pytest

from core.analysis.histograms import Histogram, ScaledFeature, histogram
from core.analysis.ranking import Curve
from core.figures import (
    HighlightedRows,
    PlaneAxes,
    PointTarget,
    SplitPoints,
    TargetScale,
    balance_figure,
    boundary_figure,
    confusion_figure,
    correlation_figure,
    highlighted_figure,
    histogram_figure,
    importance_figure,
    pairs_figure,
    parts_figure,
    pictures_figure,
    predictions_figure,
    projection_figure,
    residuals_figure,
    roc_figure,
    scaling_figure,
    surface_figure,
)
from core.figures.fitted_line import line_figure

CLASSES = tuple(
    f"{word} of the far north east where the trees end and nobody has been for years" for word in ("a", "b")
)
COLUMNS = tuple(
    f"mean {word} of all measurements that were taken in the morning of the same day" for word in ("h", "w")
)
TARGET = "price per square metre in the year before the last one, in thousands of crowns"
ROWS, LABELS = np.array([[0.0, 1.0], [1.0, 2.0]], np.float32), np.array([0, 1])
VALUES = np.array([0.5, 1.5], np.float32)
AXES = PlaneAxes(COLUMNS, (-1.0, 3.0, -1.0, 3.0))
CELLS = np.zeros((2, 4, 4), np.uint8)
BINS = Histogram(np.array([0.0, 1.0, 2.0]), np.array([[1, 1]]))
CURVE = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 0.5)
POINTS, NUMBERS = SplitPoints(ROWS, LABELS, ROWS, LABELS), SplitPoints(ROWS, VALUES, ROWS, VALUES)
ALONE = SplitPoints(ROWS[:, :1], VALUES, ROWS[:, :1], VALUES)
BOTH = PointTarget(LABELS, "kind", CLASSES)

FIGURES = [
    (boundary_figure(POINTS, AXES, CLASSES), (*CLASSES, *COLUMNS)),
    (surface_figure(NUMBERS, AXES, TargetScale(TARGET, 0.0, 2.0)), (TARGET, *COLUMNS)),
    (line_figure(ALONE, VALUES, feature_name=COLUMNS[0], target_name=TARGET), (COLUMNS[0], TARGET)),
    (highlighted_figure(HighlightedRows(ROWS, LABELS, LABELS[:1]), AXES, CLASSES, CELLS), (*CLASSES, *COLUMNS)),
    (pairs_figure(ROWS, COLUMNS, BOTH, [histogram(values, LABELS, 2) for values in ROWS.T]), (*CLASSES, *COLUMNS)),
    (projection_figure(ROWS, BOTH, ("", "")), CLASSES),
    (projection_figure(ROWS, PointTarget(VALUES, TARGET), ("", "")), (TARGET,)),
    (predictions_figure(VALUES, VALUES, TARGET), (TARGET,)),
    (residuals_figure(VALUES, VALUES, TARGET), (TARGET,)),
    (confusion_figure(CLASSES, np.eye(2, dtype=int)), CLASSES),
    (balance_figure(CLASSES, np.array([1, 2])), CLASSES),
    (parts_figure(["training"], CLASSES, np.array([[1, 2]])), CLASSES),
    (roc_figure([CURVE, CURVE], CLASSES), CLASSES),
    (importance_figure(COLUMNS, VALUES, VALUES, "cost"), COLUMNS),
    (correlation_figure(COLUMNS, np.eye(2)), COLUMNS),
    (scaling_figure([ScaledFeature(COLUMNS[0], BINS, BINS, (1.0, 1.0), (0.0, 1.0))]), COLUMNS[:1]),
    (
        histogram_figure(BINS.edges, BINS.counts, names=[CLASSES[0]], colours=["#123456"], value_name=COLUMNS[0]),
        (CLASSES[0], COLUMNS[0]),
    ),
    (pictures_figure(np.zeros((2, 4, 4)), CLASSES), CLASSES),
]  # fmt: skip


@pytest.mark.parametrize(("drawn", "names"), FIGURES, ids=[str(place) for place in range(len(FIGURES))])
def test_a_long_name_can_be_read_in_full(drawn: go.Figure, names: tuple[str, ...]):
    text = drawn.to_json().replace("\\u003cbr\\u003e", " ").replace("<br>", " ")
    for name in names:
        assert name in text, name
    skipped = [trace for trace in drawn.data if trace.hoverinfo == "skip" and trace.hovertext is not None]
    assert not skipped


def test_a_caption_is_shown_on_hover_only_where_it_is_cut():
    drawn = pictures_figure(np.zeros((2, 4, 4)), ["short", CLASSES[0]])
    assert drawn.layout.hovermode == "closest"
    assert list(drawn.data[0].hoverinfo) == ["skip", "text"]
    assert pictures_figure(np.zeros((1, 4, 4)), ["short"]).layout.hovermode is False
