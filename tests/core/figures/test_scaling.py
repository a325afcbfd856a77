import numpy as np

from core.analysis.histograms import Histogram, ScaledFeature
from core.figures import scaling_figure


def feature(name="width", low=0.0, high=100.0, mean=1.5e-8):
    counts = np.array([[2, 1]])
    return ScaledFeature(
        name,
        Histogram(np.array([low, (low + high) / 2, high]), counts),
        Histogram(np.array([-1.0, 0.0, 1.0]), counts),
        (40.0, 12.5),
        (mean, 1.0),
    )


def test_a_feature_has_a_row_with_before_on_the_left():
    drawn = scaling_figure([feature(), feature("height", 0, 1)])
    assert [(trace.xaxis, trace.yaxis) for trace in drawn.data] == [
        ("x", "y"), ("x2", "y2"), ("x", "y3"), ("x2", "y4"),
    ]  # fmt: skip
    assert [list(trace.x) for trace in drawn.data[:2]] == [[0, 0, 50, 100], [-1, -1, 0, 1]]
    assert all(list(trace.y) == [0, 2, 1, 0] for trace in drawn.data)
    assert drawn.layout.xaxis.domain[1] < drawn.layout.xaxis2.domain[0]
    assert drawn.layout.yaxis3.domain[1] < drawn.layout.yaxis.domain[0]


def test_one_side_shares_an_axis_that_holds_every_feature():
    low, high = scaling_figure([feature(), feature("height", -5, 1)]).layout.xaxis.range
    assert low < -5
    assert 100 < high < 110


def test_mean_and_deviation_stand_above():
    before, after = scaling_figure([feature()]).layout.annotations
    assert before.text == "<b>width</b><br>mean 40, std. dev. 12.5"
    assert after.text == "<b>width</b><br>mean 0, std. dev. 1"  # not 1.5e-8, which is rounding
    assert "mean 0.3," in scaling_figure([feature(mean=0.3)]).layout.annotations[1].text


def test_no_features_give_axes():
    drawn = scaling_figure([])
    assert len(drawn.data) == 0
    assert drawn.layout.xaxis.title.text == "before scaling"


def test_names_are_not_html():
    text = scaling_figure([feature("<i>x")]).to_json().replace("\\u003c", "<").replace("\\u003e", ">")
    assert "<i>x" not in text
