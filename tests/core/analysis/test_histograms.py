"""Histograms against NumPy's, and a scaled feature against scikit-learn's scalers."""

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from core.analysis.histograms import bin_edges, feature_histogram, histogram, scaled_features, target_histogram
from core.analysis.overview import rows_of
from core.datasets import prepare
from core.experiment import DataSpec
from tests.core.analysis.made import make_rows


def test_whole_numbers_have_a_bin_each():
    assert bin_edges(np.array([3, 5, 4, 3])).tolist() == [2.5, 3.5, 4.5, 5.5]
    assert bin_edges(np.array([7.0, 7.0])).tolist() == [6.5, 7.5]


@pytest.mark.parametrize("values", [[1e16] * 5, [-1e25] * 5, [1e17, 1e17 + 16, 1e17 + 32]])
def test_whole_numbers_beyond_halves_are_counted(values):
    counted = histogram(np.array(values), np.zeros(len(values), np.int64), 1)
    assert counted.counts.sum() == len(values)
    assert counted.edges[0] < counted.edges[-1]


def test_numbers_have_bins_by_rices_rule_from_least_to_most():
    values = np.random.default_rng(0).random(1000)
    edges = bin_edges(values)
    assert len(edges) == 21
    assert (edges[0], edges[-1]) == (values.min(), values.max())
    np.testing.assert_allclose(np.diff(edges), np.diff(edges)[0])


@pytest.mark.parametrize(("rows", "bins"), [(11, 10), (100_000, 40)])
def test_bins_are_neither_few_nor_many(rows, bins):
    assert len(bin_edges(np.linspace(0.1, 0.9, rows))) == bins + 1


@pytest.mark.parametrize(
    "values", [[], [0.25], [0.25, 0.25], [1e30, 1e30, 2e30], [0, 1e-30, 0.5e-30], [-3e38, 3e38], [1e9, 1e9 + 200]]
)
def test_every_value_has_its_bin(values):
    values = np.array(values, np.float32)
    drawn = histogram(values, np.zeros(len(values), int), 1)
    assert drawn.counts.sum() == len(values)
    assert (np.diff(drawn.edges) > 0).all()


def test_groups_share_their_bins():
    values, groups = np.random.default_rng(0).random((2, 500))
    groups = (groups * 3).astype(int)
    drawn = histogram(values, groups, 4)
    assert drawn.counts.shape == (4, len(drawn.edges) - 1)
    for group in range(4):
        np.testing.assert_array_equal(drawn.counts[group], np.histogram(values[groups == group], drawn.edges)[0])
    assert drawn.counts.sum() == 500
    assert drawn.counts[3].sum() == 0


def test_a_feature_is_counted_by_class_where_there_are_classes():
    rows = make_rows([[1], [1], [2], [3]], [0, 1, 1, 1], ("a", "b"))
    assert feature_histogram(rows, 0).counts.tolist() == [[1, 0, 0], [1, 1, 1]]
    assert feature_histogram(make_rows(rows.raw, [0.5, 1, 2, 3]), 0).counts.tolist() == [[2, 1, 1]]


def test_a_target_is_counted_by_part():
    rows = make_rows([[0], [0], [0]], [1, 2, 2], parts=np.array([0, 0, 1]))
    assert target_histogram(rows).counts.tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize(("scaling", "scaler"), [("standard", StandardScaler()), ("minmax", MinMaxScaler())])
def test_scaling_is_that_of_the_training_rows(scaling, scaler):
    split = prepare(DataSpec("wine", scaling=scaling))
    scaled = scaler.fit_transform(split.raw_train.astype(np.float64))
    found = scaled_features(rows_of(split), split, [12, 0])
    assert [feature.name for feature in found] == [split.feature_names[12], split.feature_names[0]]
    for feature, column in zip(found, (12, 0), strict=True):
        raw = split.raw_train[:, column].astype(np.float64)
        assert feature.before_numbers == pytest.approx((raw.mean(), raw.std()))
        assert feature.after_numbers == pytest.approx((scaled[:, column].mean(), scaled[:, column].std()), abs=1e-5)
        assert feature.before.counts.sum() == len(raw)
        np.testing.assert_array_equal(feature.before.counts, feature.after.counts)
        ends = feature.after.edges[[0, -1]]
        np.testing.assert_allclose(ends, [scaled[:, column].min(), scaled[:, column].max()], atol=1e-4)


def test_without_scaling_before_is_after():
    split = prepare(DataSpec("moons"))
    (feature,) = scaled_features(rows_of(split), split, [1])
    assert feature.before_numbers == feature.after_numbers
    np.testing.assert_array_equal(feature.before.edges, feature.after.edges)
