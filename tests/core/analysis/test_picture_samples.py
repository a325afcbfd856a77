import numpy as np

from core.analysis.overview import rows_of
from core.analysis.picture_samples import mean_pictures, picture_rows, small_pictures
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


def test_a_small_picture_has_the_mean_of_every_square():
    pictures = np.arange(16.0).reshape(1, 4, 4)
    assert small_pictures(pictures, 0, 15, 4).tolist() == np.rint(17 * pictures).tolist()
    # Squares of 2 x 2: the means 2.5, 4.5, 10.5 and 12.5 of 15.
    assert small_pictures(pictures, 0, 15, 2).tolist() == [[[42, 76], [178, 212]]]


def test_a_small_picture_in_colour_keeps_its_channels():
    pictures = np.zeros((2, 4, 6, 3))
    pictures[..., 1] = 1
    small = small_pictures(pictures, 0, 1, 3)
    assert small.shape == (2, 2, 3, 3)
    assert np.unique(small.reshape(-1, 3), axis=0).tolist() == [[0, 255, 0]]


def test_a_picture_that_does_not_divide_is_continued_at_its_edges():
    small = small_pictures(np.array([[[0.0, 0.0, 1.0]]]), 0, 1, 2)
    assert small.tolist() == [[[0, 255]]]


def test_flat_pictures_are_made_small():
    assert small_pictures(np.full((1, 2, 2), 3.0), 3, 3, 2).tolist() == [[[0, 0], [0, 0]]]
