import base64
import io

import numpy as np
from PIL import Image

from core.figures import HighlightedRows, PlaneAxes, class_colour, highlighted_figure
from core.figures.split_points import POINTS_MOST

BOUNDS = (-1.0, 1.0, -2.0, 2.0)
CELLS = np.kron(np.array([[[0, 1], [1, 0]], [[0, 255], [0, 255]]], np.uint8), np.ones((4, 4), np.uint8))


def figure(points, labels, highlighted, names=("a", "<i>")):
    rows = HighlightedRows(np.array(points, float), np.array(labels), np.array(highlighted, int))
    return highlighted_figure(rows, PlaneAxes(("x", "y"), BOUNDS), names, CELLS)


def test_highlighted_rows_are_the_last_trace_and_the_others_keep_their_class():
    drawn = figure([[0, 1], [0, 2], [0, 3], [0, 4]], [0, 1, 1, 0], [2, 3])
    assert [trace.y.tolist() for trace in drawn.data] == [[1], [2], [3, 4]]
    assert [trace.marker.color for trace in drawn.data[:2]] == [class_colour(0), class_colour(1)]
    assert list(drawn.data[2].marker.color) == [class_colour(1), class_colour(0)]
    assert list(drawn.data[2].customdata) == ["&lt;i&gt;", "a"]


def test_the_boundary_has_the_colours_of_the_classes_paler_where_the_network_is_undecided():
    (image,) = figure([[0, 1]], [0], []).layout.images
    pixels = np.array(Image.open(io.BytesIO(base64.b64decode(image.source.partition(",")[2]))))
    assert "#{:02x}{:02x}{:02x}".format(*pixels[0, 0, :3]) == class_colour(0)
    assert "#{:02x}{:02x}{:02x}".format(*pixels[0, -1, :3]) == class_colour(1)
    assert pixels[0, 0, 3] < pixels[0, -1, 3] < 255
    assert (image.x, image.y, image.sizex, image.sizey) == (-1, 2, 2, 4)


def test_many_points_are_thinned_and_no_rows_are_drawn_too():
    drawn = figure(np.zeros((9000, 2)), np.zeros(9000, int), np.arange(5000), ("a",))
    assert [len(trace.x) for trace in drawn.data] == [POINTS_MOST, POINTS_MOST]
    assert len(figure([[0, 1]], [0], []).data[2].x) == 0


def test_many_highlighted_rows_are_smaller_so_that_they_do_not_hide_each_other():
    few, many = (figure(np.zeros((400, 2)), np.zeros(400, int), np.arange(rows)).data[-1].marker for rows in (5, 400))
    assert many.size < few.size
    assert many.line.width < few.line.width


def test_a_class_whose_rows_are_all_highlighted_is_in_the_legend():
    faint = figure([[0, 1], [0, 2]], [0, 1], [0]).data[0]
    assert faint.name == "a"
    assert np.isnan(faint.x).tolist() == [True]  # Plotly leaves out a trace without any place
