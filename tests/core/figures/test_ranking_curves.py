import numpy as np
import pytest

from core.analysis.ranking import Curve
from core.figures import areas_figure, class_colour, precision_recall_figure, roc_figure

CURVE = Curve(np.array([0.0, 0.25, 1.0]), np.array([0.0, 0.75, 1.0]), 0.7512)


@pytest.mark.parametrize("draw", [roc_figure, precision_recall_figure])
def test_every_class_with_a_curve_has_a_line_in_its_colour(draw):
    drawn = draw([CURVE, None, CURVE], ["a", "b", "c"])
    lines = [trace for trace in drawn.data if trace.name]
    assert [trace.name for trace in lines] == ["a", "c"]
    assert [trace.line.color for trace in lines] == [class_colour(0), class_colour(2)]
    np.testing.assert_array_equal([lines[0].x, lines[0].y], [CURVE.x, CURVE.y])
    assert "0.751" in lines[0].hovertemplate


def test_the_eleventh_class_differs_from_the_first_by_its_dashes():
    drawn = roc_figure([CURVE] * 20, [f"class {index}" for index in range(20)])
    lines = [(trace.line.color, trace.line.dash) for trace in drawn.data[1:]]
    assert len(set(lines)) == 20
    bars = areas_figure([CURVE] * 20, [f"class {index}" for index in range(20)], "AUC").data[0].marker
    assert len(set(zip(bars.color, bars.pattern.shape, strict=True))) == 20
    assert [colour for colour, _ in lines] == list(bars.color)


def test_a_precision_recall_curve_has_the_steps_that_average_precision_sums():
    # At a recall of 1 the precision is 0.5: that holds down to the next lower recall.
    assert precision_recall_figure([CURVE], ["a"]).data[0].line.shape == "hv"


def test_areas_are_bars_and_a_class_without_a_curve_says_so():
    bars = areas_figure([CURVE, None], ["a", "b"], "AUC").data[0]
    assert list(bars.x) == [0.7512, 0]
    assert list(bars.text) == ["0.751", "no curve"]


def test_chosen_classes_stand_out():
    drawn = roc_figure([CURVE, CURVE, CURVE], ["a", "b", "c"], [1])
    faint, strong, other = (trace.opacity for trace in drawn.data[1:])
    assert faint == other < strong == 1
    assert {trace.opacity for trace in roc_figure([CURVE] * 3, ["a", "b", "c"]).data[1:]} == {1}


def test_names_are_not_html():
    name = "<b>%{x}</b>"
    for drawn in (roc_figure([CURVE], [name]), areas_figure([CURVE], [name], "AUC")):
        assert "<b>%" not in drawn.to_json().replace("<b>%{customdata}", "")
        assert "%{x}" not in drawn.data[-1].hovertemplate
