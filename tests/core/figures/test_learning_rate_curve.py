import numpy as np
import pytest

from core.figures import TRAINING_COLOUR, schedule_figure


def test_the_rate_is_drawn_over_the_epochs_from_0():
    epochs, rates = np.linspace(0, 50, 11), np.linspace(0.1, 0, 11)
    drawn = schedule_figure(epochs, rates)
    (curve,) = drawn.data
    np.testing.assert_array_equal(curve.x, epochs)
    np.testing.assert_array_equal(curve.y, rates)
    assert curve.line.color == TRAINING_COLOUR
    assert drawn.layout.xaxis.range == (0, 50)
    assert drawn.layout.yaxis.rangemode == "tozero"
    assert _words(drawn) == ["learning rate", "epoch"]


def test_the_curve_is_small_and_cannot_be_moved():
    layout = schedule_figure(np.arange(3.0), np.ones(3)).layout
    assert layout.height <= 200
    assert layout.xaxis.fixedrange
    assert layout.yaxis.fixedrange
    assert layout.showlegend is False


def test_its_layout_needs_no_measuring():
    """It is drawn in a closed sidebar too, where Plotly measures nothing but minus infinity."""
    layout = schedule_figure(np.arange(3.0), np.ones(3)).layout
    for axis in (layout.xaxis, layout.yaxis):
        assert axis.automargin is False
        assert axis.title.text is None


@pytest.mark.parametrize("length", [0, 1])
def test_little_to_draw_gives_axes(length):
    drawn = schedule_figure(np.zeros(length), np.zeros(length))
    assert drawn.layout.xaxis.range == (0, 1)
    assert _words(drawn) == ["learning rate", "epoch"]


def _words(drawn):
    return [annotation.text for annotation in drawn.layout.annotations]
