import numpy as np
import pytest

from core.figures import fit_figure, predictions_figure, residuals_figure
from core.figures.predicted_against_true import predicted_layout, residuals_layout

TRUE_VALUES = np.array([30.0, 10.0, 50.0], np.float32)


def test_predictions_and_residuals_stand_over_the_true_values():
    predicted, residuals, *_ = fit_figure(TRUE_VALUES, "y").data
    for trace in (predicted, residuals):
        assert list(trace.x) == [30, 10, 50]
        assert trace.mode == "markers"
    assert (predicted.visible, residuals.visible) == (True, False)


def test_a_perfect_prediction_lies_on_the_line():
    _, _, diagonal, zero = fit_figure(TRUE_VALUES, "y").data
    assert list(zip(diagonal.x, diagonal.y, strict=True)) == [(10, 10), (50, 50)]
    assert list(zip(zero.x, zero.y, strict=True)) == [(10, 0), (50, 0)]
    assert (diagonal.visible, zero.visible) == (True, False)


def test_axes_stand_still_while_values_are_near():
    layout = fit_figure(TRUE_VALUES, "y").layout
    assert layout.xaxis.range == (8, 52)
    assert layout.yaxis.title.text == "predicted"
    assert layout.yaxis.autorangeoptions.include == (10, 50)
    residuals = residuals_layout(TRUE_VALUES)
    assert residuals["yaxis.title.text"] == "predicted − true"
    assert residuals["yaxis.autorangeoptions.include"] == [-10, 10]  # a quarter of the range


@pytest.mark.parametrize(
    ("layout", "clip"), [(predicted_layout(TRUE_VALUES), (-30, 90)), (residuals_layout(TRUE_VALUES), (-50, 50))]
)
def test_values_far_off_do_not_squeeze_the_others(layout, clip):
    assert (layout["yaxis.autorangeoptions.clipmin"], layout["yaxis.autorangeoptions.clipmax"]) == clip


def test_either_option_undoes_the_other():
    assert set(predicted_layout(TRUE_VALUES)) == set(residuals_layout(TRUE_VALUES))


@pytest.mark.parametrize("values", [[], [7.0], [7.0, 7.0]])
def test_few_and_equal_values_give_axes(values):
    low, high = fit_figure(np.array(values, np.float32), "y").layout.xaxis.range
    assert low < high


def test_there_is_a_place_for_a_score():
    (annotation,) = fit_figure(TRUE_VALUES, "y").layout.annotations
    assert annotation.text == ""


def test_names_are_not_html():
    assert fit_figure(TRUE_VALUES, "<b>x</b>").layout.xaxis.title.text == "true &lt;b&gt;x&lt;/b&gt;"


def test_predictions_and_residuals_have_figures_of_their_own():
    true, predicted = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    predictions, residuals = predictions_figure(true, predicted, "y"), residuals_figure(true, predicted, "y")
    assert [trace.visible for trace in predictions.data] == [True, False, True, False]
    np.testing.assert_array_equal(predictions.data[0].y, predicted)
    assert [trace.visible for trace in residuals.data] == [False, True, False, True]
    np.testing.assert_array_equal(residuals.data[1].y, [0.5, 0, -1])
    np.testing.assert_array_equal(residuals.data[1].x, predicted)
    assert residuals.layout.yaxis.title.text == "predicted − true"
    assert residuals.layout.xaxis.title.text == "predicted y"
