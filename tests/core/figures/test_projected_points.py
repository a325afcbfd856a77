import numpy as np

from core.figures import PointTarget, class_colour, projection_figure, scree_figure
from core.figures.palette import VALUE_COLOURS

POINTS = np.array([[0, 1], [2, 3], [4, 5]], np.float64)


def test_points_have_the_colour_of_their_class():
    drawn = projection_figure(POINTS, PointTarget(np.array([1, 0, 1]), "class", ["no", "yes"]), ("one", "two"))
    no, yes = drawn.data
    assert (list(no.x), list(no.y)) == ([2], [3])
    assert (list(yes.x), list(yes.y)) == ([0, 4], [1, 5])
    assert [trace.marker.color for trace in drawn.data] == [class_colour(0), class_colour(1)]
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == ("one", "two")


def test_points_are_coloured_by_a_number():
    (trace,) = projection_figure(POINTS, PointTarget(np.array([0.5, 2, 1]), "height"), ("one", "two")).data
    assert list(trace.x) == [0, 2, 4]
    assert list(trace.marker.color) == [0.5, 2, 1]
    assert (trace.marker.cmin, trace.marker.cmax) == (0.5, 2)
    assert [colour for _, colour in trace.marker.colorscale] == list(VALUE_COLOURS)
    assert trace.marker.colorbar.title.text == "height"


def test_axes_without_a_title_show_no_numbers():
    target = PointTarget(np.zeros(3, int), "class", ["a"])
    layout = projection_figure(POINTS, target, ("", "")).layout
    assert not layout.xaxis.showticklabels
    assert not layout.yaxis.showticklabels
    assert not layout.yaxis.showgrid
    assert projection_figure(POINTS, target, ("x", "y")).layout.xaxis.showticklabels


def test_shares_are_bars_and_their_sum_a_line():
    each, together = scree_figure(np.array([0.5, 0.25, 0.125])).data
    assert list(each.x) == list(together.x) == [1, 2, 3]
    assert list(each.y) == [0.5, 0.25, 0.125]
    assert list(together.y) == [0.5, 0.75, 0.875]


def test_no_points_and_no_shares_give_axes():
    nothing = np.empty((0, 2))
    assert len(projection_figure(nothing, PointTarget(np.empty(0), "y"), ("a", "b")).data[0].x) == 0
    assert len(projection_figure(nothing, PointTarget(np.empty(0, int), "y", ["a"]), ("a", "b")).data[0].x) == 0
    assert len(scree_figure(np.empty(0)).data[0].x) == 0


def test_names_are_not_html():
    for class_names in (["<b>x</b>"], []):
        drawn = projection_figure(POINTS, PointTarget(np.zeros(3, int), "<i>y", class_names), ("<u>", "two"))
        text = drawn.to_json().replace("\\u003c", "<").replace("\\u003e", ">")
        for name in ("<b>x", "<i>y", "<u>"):
            assert name not in text
