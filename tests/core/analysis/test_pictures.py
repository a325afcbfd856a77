import numpy as np

from core.analysis.overview import rows_of
from core.analysis.pictures import mean_pictures, picture_rows
from core.datasets import make_dataset, prepare
from core.experiment import DataSpec
from tests.core.analysis.made import make_rows


def test_pictures_are_those_of_one_class_or_of_any():
    rows = make_rows(np.zeros((5, 4)), [0, 1, 0, 1, 1], ("a", "b", "c"))
    assert picture_rows(rows, 1, 2).tolist() == [1, 3]
    assert picture_rows(rows, None, 3).tolist() == [0, 1, 2]
    assert picture_rows(rows, 2, 3).tolist() == []


def test_the_mean_picture_of_a_class_is_the_mean_of_its_rows():
    whole = make_dataset(DataSpec("digits"))
    means = mean_pictures(rows_of(prepare(DataSpec("digits"))))
    expected = [whole.features[whole.labels == label].astype(np.float64).mean(axis=0) for label in range(10)]
    np.testing.assert_allclose(means, expected)


def test_a_class_without_rows_has_an_empty_picture():
    rows = make_rows([[1, 3], [3, 5]], [0, 0], ("a", "b"))
    assert mean_pictures(rows).tolist() == [[2, 4], [0, 0]]
