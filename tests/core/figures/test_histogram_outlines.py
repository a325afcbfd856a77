import numpy as np

from core.figures import histogram_figure

EDGES = np.array([0.0, 1.0, 2.5])


def figure(counts=((3, 1), (0, 2)), names=("a", "b"), colours=("#102030", "#405060"), edges=EDGES, **more):
    return histogram_figure(edges, np.array(counts), names=names, colours=colours, **{"value_name": "length"} | more)


def test_every_group_is_a_stepped_line_through_its_counts():
    drawn = figure()
    assert [list(trace.y) for trace in drawn.data] == [[0, 3, 1, 0], [0, 0, 2, 0]]
    for trace in drawn.data:
        assert list(trace.x) == [0, 0, 1, 2.5]
        assert trace.line.shape == "hv"
    assert [trace.line.color for trace in drawn.data] == ["#102030", "#405060"]
    assert [trace.name for trace in drawn.data] == ["a", "b"]
    assert list(drawn.data[0].customdata) == ["", "0 to 1", "1 to 2.5", ""]


def test_the_ground_has_the_colour_of_the_line_and_lets_others_through():
    assert figure().data[0].fillcolor == "rgba(16,32,48,0.22)"


def test_axes_say_what_is_counted():
    layout = figure(height_name="share").layout
    assert (layout.xaxis.title.text, layout.yaxis.title.text) == ("length", "share")
    assert "share" in figure(height_name="share").data[0].hovertemplate
    assert figure().layout.yaxis.title.text == "rows"


def test_a_single_group_has_no_legend():
    assert figure().layout.showlegend
    assert not figure(((1, 2),), ("rows",), ("#000000",)).layout.showlegend


def test_nothing_to_count_gives_axes():
    drawn = figure(np.empty((1, 0)), ("rows",), ("#000000",), np.empty(0))
    assert list(drawn.data[0].x or ()) == []
    assert drawn.layout.xaxis.title.text == "length"


def test_names_are_not_html():
    text = figure(names=("<b>x</b>", "a&b"), value_name="<i>").to_json()
    for name in ("<b>x", "<i>", "a&b"):
        assert name not in text.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
