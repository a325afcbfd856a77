import numpy as np
import pytest

from core.analysis.histograms import histogram
from core.figures import PointTarget, class_colour, pairs_figure
from core.figures.palette import VALUE_COLOURS

VALUES = np.array([[1.0, 10, 100], [2, 20, 200], [3, 30, 300], [4, 40, 400]])
LABELS = np.array([0, 1, 1, 0])


def figure(columns=3, class_names=("no", "yes"), target=LABELS, values=VALUES, names=("a", "b", "c")):
    values = values[:, :columns]
    groups = target if class_names else np.zeros(len(values), int)
    diagonal = [histogram(column, groups, len(class_names) or 1) for column in values.T]
    return pairs_figure(values, names[:columns], PointTarget(target, "y", class_names), diagonal)


def cells(drawn):
    return [trace for trace in drawn.data if trace.mode == "markers"]


def alone(drawn):
    return [trace for trace in drawn.data if trace.mode == "lines"]


def test_every_pair_has_one_cell_with_the_points_of_each_class():
    drawn = cells(figure())
    assert [(trace.xaxis, trace.yaxis) for trace in drawn[::2]] == [("x", "y2"), ("x", "y3"), ("x2", "y3")]
    for no, yes, (across, up) in zip(drawn[::2], drawn[1::2], [(0, 1), (0, 2), (1, 2)], strict=True):
        for trace, label in ((no, 0), (yes, 1)):
            np.testing.assert_array_equal(trace.x, VALUES[label == LABELS, across].astype(np.float32))
            np.testing.assert_array_equal(trace.y, VALUES[label == LABELS, up].astype(np.float32))
            assert trace.marker.color == class_colour(label)
    assert [trace.showlegend for trace in drawn] == [True, True, False, False, False, False]


def test_the_diagonal_shows_each_feature_alone():
    drawn = alone(figure())
    assert [(trace.xaxis, trace.yaxis) for trace in drawn[::2]] == [("x", "y4"), ("x2", "y5"), ("x3", "y6")]
    assert [trace.line.color for trace in drawn] == [class_colour(0), class_colour(1)] * 3
    assert sum(drawn[0].y) == sum(drawn[1].y) == 2
    layout = figure().layout
    for row, diagonal in (("yaxis", "yaxis4"), ("yaxis2", "yaxis5"), ("yaxis3", "yaxis6")):
        assert layout[row].domain == layout[diagonal].domain


def test_cells_do_not_overlap():
    layout = figure().layout
    ends = [end for axis in ("xaxis", "xaxis2", "xaxis3") for end in layout[axis].domain]
    assert ends == sorted(ends)
    ends = [end for axis in ("yaxis3", "yaxis2", "yaxis") for end in layout[axis].domain]
    assert ends == sorted(ends)


def test_numbers_colour_the_points_on_one_scale_with_one_bar():
    target = np.array([0.5, -1, 2, 3])
    drawn = cells(figure(class_names=(), target=target))
    assert len(drawn) == 3
    for trace in drawn:
        np.testing.assert_array_equal(trace.marker.color, target.astype(np.float32))
        assert (trace.marker.cmin, trace.marker.cmax) == (-1, 3)
        assert [colour for _, colour in trace.marker.colorscale] == list(VALUE_COLOURS)
    assert [bool(trace.marker.showscale) for trace in drawn] == [True, False, False]


def test_one_feature_alone_has_the_legend():
    drawn = figure(columns=1)
    assert cells(drawn) == []
    assert [trace.showlegend for trace in alone(drawn)] == [True, True]


@pytest.mark.parametrize("class_names", [("no", "yes"), ()])
def test_no_features_and_no_rows_are_drawn(class_names):
    assert len(figure(columns=0, class_names=class_names).data) == 0
    drawn = figure(values=np.empty((0, 3)), target=np.empty(0, int), class_names=class_names)
    assert all(len(trace.x) == 0 for trace in cells(drawn))
    assert drawn.layout.xaxis.title.text == "a"


def test_names_are_not_html():
    text = figure(class_names=("<b>x</b>", "yes"), names=("<i>", "a&b", "c")).to_json()
    for name in ("<b>x", "<i>", "a&b"):
        assert name not in text.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
