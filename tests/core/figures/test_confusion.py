import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from core.figures import confusion_figure
from core.figures.confusion import row_shares

NAMES = ["setosa", "versicolor", "virginica"]


def test_rows_are_true_from_the_top_and_columns_predicted():
    drawn = confusion_figure(NAMES, np.array([[5, 1, 0], [0, 4, 2], [0, 0, 6]]))
    assert drawn.layout.xaxis.title.text == "predicted"
    assert drawn.layout.yaxis.title.text == "true"
    assert drawn.layout.yaxis.range == (2.5, -0.5)
    np.testing.assert_array_equal(drawn.data[0].z, [[5, 1, 0], [0, 4, 2], [0, 0, 6]])
    assert drawn.data[0].customdata[1][2].tolist() == ["versicolor", "virginica"]  # true, predicted


def test_counts_are_shown_first_and_shares_are_there():
    counts, shares = confusion_figure(NAMES, np.array([[3, 1, 0], [0, 0, 0], [1, 1, 2]])).data
    assert (counts.visible, shares.visible) == (True, False)
    np.testing.assert_allclose(shares.z, [[0.75, 0.25, 0], [0, 0, 0], [0.25, 0.25, 0.5]])
    assert "%" in shares.texttemplate
    assert (shares.zmin, shares.zmax) == (0, 1)


def test_shares_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(0, 4, (2, 100))
    expected = confusion_matrix(true, predicted, normalize="true")
    np.testing.assert_allclose(row_shares(confusion_matrix(true, predicted)), expected)


@pytest.mark.parametrize("size", [2, 20])
def test_ticks_are_short_and_labels_are_whole(size):
    names = [f"a very long name of class {index}" for index in range(size)]
    drawn = confusion_figure(names)
    assert len(drawn.layout.xaxis.ticktext) == len(drawn.layout.yaxis.ticktext) == size
    assert max(map(len, drawn.layout.xaxis.ticktext)) <= 12
    assert drawn.data[0].customdata[0][size - 1].tolist() == [names[0], names[-1]]


def test_no_counts_give_axes():
    drawn = confusion_figure(NAMES)
    assert drawn.layout.xaxis.ticktext == tuple(NAMES)
    assert all(len(trace.z) == 0 for trace in drawn.data)


def test_names_are_not_html():
    drawn = confusion_figure(["<b>x</b>", "R&D"])
    assert drawn.layout.xaxis.ticktext == ("&lt;b&gt;x&lt;/b&gt;", "R&amp;D")
    assert drawn.data[0].customdata[0][1].tolist() == ["&lt;b&gt;x&lt;/b&gt;", "R&amp;D"]
