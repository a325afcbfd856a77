import numpy as np
import pytest

from core.figures import balance_figure, class_colour, parts_figure


def test_bars_have_the_rows_and_the_colour_of_their_class():
    (bars,) = balance_figure(["no", "yes", "maybe"], np.array([3, 1, 0])).data
    assert list(bars.x) == [3, 1, 0]
    assert list(bars.y) == [0, 1, 2]
    assert list(bars.marker.color) == [class_colour(0), class_colour(1), class_colour(2)]
    assert list(bars.text) == ["3 · 75%", "1 · 25%", "0 · 0%"]


def test_text_in_a_bar_contrasts_with_the_bar():
    (bars,) = balance_figure(["no", "yes", "maybe", "never"], np.ones(4, int)).data
    assert list(bars.insidetextfont.color) == ["#10151d", "#10151d", "#10151d", "#ffffff"]  # the last is crimson
    parts = parts_figure(["training"], ["no", "yes", "maybe", "never"], np.ones((1, 4), int)).data
    assert [trace.insidetextfont.color for trace in parts] == list(bars.insidetextfont.color)


def test_classes_stand_from_the_top():
    layout = balance_figure(["no", "yes"], np.array([3, 1])).layout
    assert list(layout.yaxis.ticktext) == ["no", "yes"]
    assert layout.yaxis.autorange == "reversed"


def test_parts_stack_the_shares_of_their_classes():
    drawn = parts_figure(["training", "test"], ["no", "yes"], np.array([[3, 1], [0, 2]]))
    assert drawn.layout.barmode == "stack"
    assert [list(trace.x) for trace in drawn.data] == [[0.75, 0], [0.25, 1]]
    assert [list(trace.customdata) for trace in drawn.data] == [[3, 0], [1, 2]]
    assert [trace.marker.color for trace in drawn.data] == [class_colour(0), class_colour(1)]
    assert [trace.name for trace in drawn.data] == ["no", "yes"]
    assert list(drawn.layout.yaxis.ticktext) == ["training · 4", "test · 2"]


@pytest.mark.parametrize(("classes", "lines"), [(3, 1), (8, 2), (24, 4), (100, 4)])
def test_names_have_lines_of_their_own_above_the_bars(classes, lines):
    drawn = parts_figure(
        ["training", "test"], [f"class {label}" for label in range(classes)], np.ones((2, classes), int)
    )
    assert drawn.layout.legend.maxheight == 24 * lines
    few = parts_figure(["training", "test"], ["no", "yes"], np.ones((2, 2), int))
    assert drawn.layout.height - few.layout.height == 24 * (lines - 1)


def test_no_classes_and_no_rows_give_axes():
    assert list(balance_figure([], np.empty(0, int)).data[0].x) == []
    drawn = parts_figure(["training"], ["no"], np.array([[0]]))
    assert list(drawn.data[0].x) == [0]
    assert len(parts_figure([], ["no"], np.empty((0, 1), int)).data) == 1


def test_names_are_not_html():
    for drawn in (
        balance_figure(["<b>x</b>"], np.array([1])),
        parts_figure(["<i>p"], ["<b>x</b>"], np.array([[1]])),
    ):
        text = drawn.to_json().replace("\\u003c", "<").replace("\\u003e", ">")
        assert "<b>x" not in text
        assert "<i>p" not in text
