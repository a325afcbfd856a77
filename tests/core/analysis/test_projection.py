"""Principal components against the singular values of NumPy; t-SNE by what it is for."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier

from core.analysis.overview import rows_of
from core.analysis.projection import principal_components, tsne
from core.datasets import prepare
from core.experiment import DataSpec
from tests.core.analysis.made import make_rows


@pytest.mark.parametrize("name", ["moons", "wine", "digits"])
def test_components_are_those_of_the_scaled_features(name):
    rows = rows_of(prepare(DataSpec(name)))
    found = principal_components(rows)
    values = rows.scaled.astype(np.float64)
    lengths = np.linalg.svd(values - values.mean(axis=0), compute_uv=False) ** 2
    np.testing.assert_allclose(found.shares, (lengths / lengths.sum())[:10], rtol=1e-6)
    expected = PCA(2, svd_solver="full").fit_transform(values)
    np.testing.assert_allclose(np.abs(found.points), np.abs(expected[found.rows]), atol=1e-6)
    assert len(found.rows) == len(rows)


def test_many_rows_are_thinned_but_all_count():
    rows = make_rows(np.random.default_rng(0).normal(size=(3000, 3)) * [3, 2, 1], np.zeros(3000), ("a",))
    found = principal_components(rows, most=100)
    assert found.points.shape == (100, 2)
    whole = principal_components(rows, most=3000)
    np.testing.assert_allclose(found.points, whole.points[found.rows])
    np.testing.assert_allclose(found.shares, whole.shares)


def test_rows_that_are_all_alike_have_no_variance_to_share():
    found = principal_components(make_rows(np.ones((5, 3)), [0, 0, 1, 1, 1], ("a", "b")))
    np.testing.assert_array_equal(found.shares, 0)
    np.testing.assert_array_equal(found.points, 0)


def test_tsne_keeps_classes_together_and_comes_out_the_same_again():
    rows = rows_of(prepare(DataSpec("digits")))
    found = tsne(rows, most=250)
    assert found.points.shape == (250, 2)
    assert len(found.shares) == 0
    labels = rows.target[found.rows]
    assert KNeighborsClassifier(5).fit(found.points, labels).score(found.points, labels) > 0.9
    np.testing.assert_array_equal(found.points, tsne(rows, most=250).points)


@pytest.mark.parametrize("values", [np.ones((40, 3)), np.full((3, 2), 1e29), np.ones((60, 70))])
def test_rows_that_are_all_alike_lie_on_each_other(values):
    assert not tsne(make_rows(values.astype(np.float32), np.arange(len(values)) % 2)).points.any()


@pytest.mark.parametrize("unit", [1e-45, 1e-30, 1e15, 1e28])
def test_tsne_of_any_unit(unit):
    values = np.column_stack([np.repeat([0, 50], 20), np.arange(40) % 7]).astype(np.float32)
    laid_out = tsne(make_rows(values * np.float32(unit), np.arange(40) // 20)).points
    assert np.isfinite(laid_out).all()
    assert np.ptp(laid_out, axis=0).max() > 1


def test_tsne_takes_few_rows():
    rows = make_rows(np.random.default_rng(0).random((10, 2)), np.zeros(10), ("a",))
    assert np.isfinite(tsne(rows).points).all()
