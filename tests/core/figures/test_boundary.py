import numpy as np
import pytest

from core.figures import PlaneAxes, SplitPoints, boundary_figure, class_colour
from core.figures.split_points import POINTS_MOST

BOUNDS = (-2.0, 3.0, -1.0, 4.0)


def figure(train=(), y_train=(), test=(), y_test=(), class_names=("no", "yes"), axis_names=("x1", "x2")):
    def points(rows):
        return np.array(rows, np.float32).reshape(-1, 2)

    split = SplitPoints(points(train), np.array(y_train, int), points(test), np.array(y_test, int))
    return boundary_figure(split, PlaneAxes(axis_names, BOUNDS), class_names)


def test_each_class_has_a_trace_of_training_and_one_of_held_out_points():
    drawn = figure([[0, 1], [2, 3], [1, 1]], [1, 0, 1], [[0, 0], [-1, 2]], [0, 1])
    *points, key = drawn.data
    assert [list(zip(trace.x.tolist(), trace.y.tolist(), strict=True)) for trace in points] == [
        [(2, 3)],
        [(0, 1), (1, 1)],
        [(0, 0)],
        [(-1, 2)],
    ]
    assert [trace.name for trace in points] == ["no", "yes", "no", "yes"]
    assert [trace.marker.color for trace in points] == [class_colour(0), class_colour(1)] * 2
    assert (key.name, key.marker.symbol, key.x) == ("held-out", points[2].marker.symbol, (None,))


def test_held_out_points_have_another_shape_and_no_second_place_in_the_legend():
    drawn = figure([[0, 1]], [0], [[0, 1]], [0], ["only"])
    assert drawn.data[0].marker.symbol != drawn.data[1].marker.symbol
    assert [trace.showlegend for trace in drawn.data[:2]] == [True, False]


def test_a_plane_is_a_square_in_every_figure():
    def shape(bounds):
        nothing = np.empty((0, 2)), np.empty(0, int)
        layout = boundary_figure(SplitPoints(*nothing, *nothing), PlaneAxes(("x", "y"), bounds), ["a"]).layout
        assert (layout.yaxis.scaleanchor, layout.xaxis.constrain, layout.yaxis.constrain) == ("x", "domain", "domain")
        return layout.yaxis.scaleratio * (bounds[3] - bounds[2]) / (bounds[1] - bounds[0])

    assert shape(BOUNDS) == shape((0, 8, 20, 220)) == pytest.approx(1)


def test_the_image_covers_the_bounds_below_the_points_and_shows_nothing_yet():
    layout = figure([[0, 1]], [0]).layout
    (image,) = layout.images
    assert image.source is None
    assert (image.layer, image.sizing, image.xref, image.yref) == ("below", "stretch", "x", "y")
    assert (image.xanchor, image.yanchor) == ("left", "top")
    assert (image.x, image.y) == (-2, 4)
    assert (image.sizex, image.sizey) == (5, 5)
    assert layout.xaxis.range == (-2, 3)
    assert layout.yaxis.range == (-1, 4)


def test_a_zoom_lasts_as_long_as_the_bounds():
    def revision(bounds):
        nothing = np.empty((0, 2)), np.empty(0, int)
        return boundary_figure(SplitPoints(*nothing, *nothing), PlaneAxes(("x", "y"), bounds), ["a"]).layout.uirevision

    assert revision(BOUNDS) == revision(BOUNDS) != revision((0, 1, 0, 1))


@pytest.mark.parametrize("test_rows", [0, 1500])
def test_many_points_are_thinned_evenly(test_rows):
    rng = np.random.default_rng(1)
    train, test = rng.random((6000, 2)), rng.random((test_rows, 2))
    drawn = figure(train, np.arange(6000) % 3, test, np.arange(test_rows) % 3, ["a", "b", "c"])
    drawn = drawn.data[:6]
    counts = np.array([len(trace.x) for trace in drawn])
    assert POINTS_MOST - 2 <= counts.sum() <= POINTS_MOST
    np.testing.assert_allclose(counts[:3], POINTS_MOST * 6000 / (6000 + test_rows) / 3, rtol=0.15)
    x = np.concatenate([trace.x for trace in drawn])
    assert set(x) <= set(np.concatenate([train, test]).astype(np.float32)[:, 0])


def test_few_points_are_all_drawn():
    rows = np.random.default_rng(1).random((POINTS_MOST, 2))
    drawn = figure(rows, np.zeros(POINTS_MOST), class_names=["a"])
    np.testing.assert_array_equal(drawn.data[0].x, rows[:, 0].astype(np.float32))


def test_held_out_points_are_called_what_they_are():
    rows, labels = np.zeros((1, 2)), np.array([0])
    points = SplitPoints(rows, labels, rows, labels)
    drawn = boundary_figure(points, PlaneAxes(("x", "y"), BOUNDS), ["a"], held_out_name="validation")
    assert ["validation" in trace.hovertemplate for trace in drawn.data[:2]] == [False, True]
    assert drawn.data[2].name == "validation"


def test_no_points_give_axes():
    drawn = figure()
    assert drawn.layout.xaxis.title.text == "x1"
    assert all(len(trace.x) == 0 for trace in drawn.data)


def test_names_are_not_html():
    text = figure([[0, 1]], [0], class_names=["<b>x</b>"], axis_names=("<i>", "a&b")).to_json()
    for name in ("<b>x", "<i>", "a&b"):
        assert name not in text.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
