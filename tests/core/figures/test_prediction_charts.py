"""The bars of a prediction, and the row as a mark on the plane."""

import numpy as np

from core.figures import PlaneAxes, SplitPoints, boundary_figure, class_colour, mark_point, probabilities_figure

NAMES = ['a, "b"', "<b>c</b>", "🐧 $x$"]


def test_every_class_has_its_bar_its_colour_and_its_name_literally():
    figure = probabilities_figure(NAMES, np.array([0.25, 0.7, 0.05], np.float32))
    (bar,) = figure.data
    np.testing.assert_allclose(bar.x, [0.25, 0.7, 0.05])
    assert bar.text == ("25.0%", "70.0%", "5.0%")
    assert bar.marker.color == tuple(map(class_colour, range(3)))
    assert figure.layout.yaxis.ticktext == ('a, "b"', "&lt;b&gt;c&lt;/b&gt;", "🐧 &#36;x&#36;")


def test_of_many_classes_the_most_probable_are_shown():
    shares = np.linspace(0, 1, 40) / 20
    figure = probabilities_figure([f"c{place}" for place in range(40)], shares)
    assert figure.layout.yaxis.ticktext == tuple(f"c{place}" for place in range(39, 19, -1))
    assert figure.data[0].marker.color[0] == class_colour(39)


def test_nan_has_no_bar():
    (bar,) = probabilities_figure(["a", "b"], np.array([np.nan, np.nan])).data
    assert (list(bar.x), bar.text) == ([0, 0], ("–", "–"))


def test_the_cross_stands_at_the_point_and_the_ranges_stay():
    points, labels = np.array([[0.0, 0.0], [1.0, 2.0]], np.float32), np.array([0, 1])
    bounds = (-1.0, 2.0, -3.0, 4.0)
    split = SplitPoints(points, labels, points[:0], labels[:0])
    figure = boundary_figure(split, PlaneAxes(("x", "y"), bounds), ["a", "b"])
    cross = mark_point(figure, (0.5, 1.5)).data[-1]
    assert (cross.x, cross.y) == ((0.5,), (1.5,))
    assert (figure.layout.xaxis.range, figure.layout.yaxis.range) == (bounds[:2], bounds[2:])
    assert figure.layout.xaxis.fixedrange is figure.layout.yaxis.fixedrange is True
