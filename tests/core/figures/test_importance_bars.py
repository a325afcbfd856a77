import numpy as np

from core.figures import importance_figure


def test_bars_stand_in_the_order_given_with_their_deviation():
    drawn = importance_figure(["a", "<b>b</b>"], np.array([0.3, 0.1]), np.array([0.02, 0.01]), "loss of accuracy")
    (bars,) = drawn.data
    assert list(bars.x) == [0.3, 0.1]
    assert list(bars.error_x.array) == [0.02, 0.01]
    assert list(bars.y) == [0, 1]
    assert drawn.layout.yaxis.range == (1.5, -0.5)  # the first at the top
    assert drawn.layout.yaxis.ticktext == ("a", "&lt;b&gt;b&lt;/b&gt;")
    assert drawn.layout.xaxis.title.text == "loss of accuracy"
    assert [list(pair) for pair in bars.customdata] == [["a", "0.02"], ["&lt;b&gt;b&lt;/b&gt;", "0.01"]]


def test_no_features_give_axes():
    assert len(importance_figure([], np.empty(0), np.empty(0), "loss of accuracy").data[0].x) == 0
