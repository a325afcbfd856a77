import numpy as np
import pytest

from core.figures import SplitPoints, line_figure
from core.figures.split_points import POINTS_MOST

LINE = np.linspace(-1, 5, 7)


def figure(train=(), y_train=(), held_out=(), y_held_out=(), target_name="y", feature_name="x"):
    def column(values):
        return np.array(values, np.float32).reshape(-1, 1)

    points = SplitPoints(
        column(train), np.array(y_train, np.float32), column(held_out), np.array(y_held_out, np.float32)
    )
    return line_figure(points, LINE, feature_name=feature_name, target_name=target_name)


def test_points_stand_at_feature_and_target_and_the_curve_over_all_of_the_axis():
    drawn = figure([0, 4], [2, -2], [1], [6])
    training, held_out, curve = drawn.data
    assert (list(training.x), list(training.y)) == ([0, 4], [2, -2])
    assert (list(held_out.x), list(held_out.y)) == ([1], [6])
    assert training.visible is held_out.visible is True
    assert list(curve.x) == [-1, 0, 1, 2, 3, 4, 5]
    assert curve.y == (None,)  # nothing to see, but a place in the legend
    assert drawn.layout.xaxis.range == (-1, 5)


def test_points_and_curve_differ_by_more_than_colour():
    training, held_out, curve = figure().data
    assert training.marker.symbol != held_out.marker.symbol
    assert (training.mode, held_out.mode, curve.mode) == ("markers", "markers", "lines")


def test_the_axis_shows_every_target_and_clips_a_curve_that_is_far_off():
    options = figure([0, 4], [2, -2], [1], [6]).layout.yaxis.autorangeoptions
    assert options.include == (-2, 6)
    assert (options.clipmin, options.clipmax) == (-10, 14)  # at most the targets' range more on either side


@pytest.mark.parametrize("held_out_rows", [0, 3000])
def test_many_points_are_thinned(held_out_rows):
    train, held_out = np.linspace(0, 1, 6000), np.linspace(0, 1, held_out_rows)
    points = figure(train, 2 * train, held_out, 2 * held_out).data[:2]
    assert POINTS_MOST - 2 <= sum(len(trace.x) for trace in points) <= POINTS_MOST
    for trace in points:
        np.testing.assert_allclose(trace.y, 2 * trace.x, rtol=1e-6)


def test_no_points_give_axes():
    assert figure().layout.yaxis.title.text == "y"


def test_names_are_not_html():
    text = figure([0], [0], target_name="<b>x</b>", feature_name="<i>").to_json()
    for name in ("<b>x", "<i>"):
        assert name not in text.replace("\\u003c", "<").replace("\\u003e", ">")
