import numpy as np

from core.figures import correlation_figure
from core.figures.palette import VALUE_COLOURS, translucent

VALUES = np.array([[1, -0.25, np.nan], [-0.25, 1, np.nan], [np.nan, np.nan, np.nan]])


def test_squares_are_coloured_by_their_correlation_on_one_scale():
    squares, _ = correlation_figure(["a", "b", "c"], VALUES).data
    np.testing.assert_array_equal(squares.z, VALUES)
    assert (squares.zmin, squares.zmax) == (-1, 1)
    ends = squares.colorscale[0][1], squares.colorscale[-1][1]
    assert ends == (translucent(VALUE_COLOURS[0], 0.62), translucent(VALUE_COLOURS[-1], 0.62))


def test_numbers_are_in_their_squares_except_nan():
    _, numbers = correlation_figure(["a", "b", "c"], VALUES).data
    assert list(zip(numbers.x, numbers.y, numbers.text, strict=True)) == [
        (0, 0, "1.00"), (1, 0, "-0.25"), (0, 1, "-0.25"), (1, 1, "1.00"),
    ]  # fmt: skip
    assert numbers.textfont.color is None  # so that it is the page's


def test_many_squares_have_no_numbers():
    drawn = correlation_figure([f"f{index}" for index in range(30)], np.eye(30))
    assert len(drawn.data) == 1
    assert len(drawn.layout.xaxis.ticktext) == len(drawn.layout.yaxis.ticktext) == 30


def test_the_first_feature_is_on_top():
    assert correlation_figure(["a", "b"], np.eye(2)).layout.yaxis.range == (1.5, -0.5)


def test_no_features_give_axes():
    assert correlation_figure([], np.empty((0, 0))).layout.xaxis.range == (-0.5, -0.5)


def test_names_are_not_html():
    text = correlation_figure(["<b>x</b>", "b"], np.eye(2)).to_json()
    assert "<b>x" not in text.replace("\\u003c", "<").replace("\\u003e", ">")
