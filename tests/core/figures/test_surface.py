import numpy as np
import pytest

from core.figures import PlaneAxes, SplitPoints, TargetScale, surface_figure
from core.figures.split_points import POINTS_MOST

BOUNDS = (-2.0, 3.0, -1.0, 4.0)


def figure(train=(), y_train=(), held_out=(), y_held_out=(), target_name="y", axis_names=("x1", "x2")):
    def points(rows):
        return np.array(rows, np.float32).reshape(-1, 2)

    split = SplitPoints(
        points(train), np.array(y_train, np.float32), points(held_out), np.array(y_held_out, np.float32)
    )
    return surface_figure(split, PlaneAxes(axis_names, BOUNDS), TargetScale(target_name, -1.0, 3.0))


def test_points_have_the_colour_of_their_true_value_on_one_scale():
    training, held_out = figure([[0, 1], [2, 3]], [0.5, 9], [[-1, 2]], [-7]).data
    np.testing.assert_array_equal(np.column_stack([training.x, training.y]), [[0, 1], [2, 3]])
    np.testing.assert_array_equal(training.marker.color, [0.5, 9])
    np.testing.assert_array_equal(held_out.marker.color, [-7])
    for trace in (training, held_out):
        assert (trace.marker.cmin, trace.marker.cmax) == (-1, 3)
    assert training.marker.colorscale == held_out.marker.colorscale


def test_held_out_points_have_another_shape_are_hidden_and_share_the_colour_bar():
    training, held_out = figure([[0, 1]], [0], [[0, 1]], [0]).data
    assert training.marker.symbol != held_out.marker.symbol
    assert training.visible is held_out.visible is True
    assert (training.marker.showscale, held_out.marker.showscale) == (True, False)


def test_points_are_outlined_since_the_ground_may_have_their_colour():
    assert all(trace.marker.line.width > 0 and trace.marker.line.color for trace in figure().data)


def test_the_image_covers_the_bounds_below_the_points_and_shows_nothing_yet():
    (image,) = figure([[0, 1]], [0]).layout.images
    assert (image.source, image.layer) == (None, "below")
    assert (image.x, image.y, image.sizex, image.sizey) == (-2, 4, 5, 5)


@pytest.mark.parametrize("held_out_rows", [0, 1500])
def test_many_points_are_thinned_and_keep_their_values(held_out_rows):
    rng = np.random.default_rng(1)
    train, held_out = rng.random((6000, 2)).astype(np.float32), rng.random((held_out_rows, 2)).astype(np.float32)
    drawn = figure(train, train[:, 0], held_out, held_out[:, 0])
    assert POINTS_MOST - 2 <= sum(len(trace.x) for trace in drawn.data) <= POINTS_MOST
    for trace in drawn.data:
        np.testing.assert_array_equal(trace.marker.color, trace.x)


def test_no_points_give_axes():
    drawn = figure()
    assert drawn.layout.xaxis.title.text == "x1"
    assert drawn.layout.xaxis.range == (-2, 3)
    assert all(len(trace.x) == 0 for trace in drawn.data)


def test_names_are_not_html():
    text = figure([[0, 1]], [0], target_name="<b>x</b>", axis_names=("<i>", "a&b")).to_json()
    for name in ("<b>x", "<i>", "a&b"):
        assert name not in text.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
