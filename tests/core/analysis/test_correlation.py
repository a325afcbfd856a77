"""Correlation against pandas'."""

import warnings

import numpy as np
import pandas as pd

from core.analysis.correlation import correlation
from core.analysis.overview import rows_of
from core.datasets import prepare
from core.experiment import DataSpec
from tests.core.analysis.made import make_rows


def test_features_of_classes_go_with_each_other():
    rows = rows_of(prepare(DataSpec("wine")))
    found = correlation(rows, [0, 4, 12])
    assert found.names == tuple(rows.feature_names[column] for column in (0, 4, 12))
    expected = pd.DataFrame(rows.raw[:, [0, 4, 12]].astype(np.float64)).corr()
    np.testing.assert_allclose(found.values, expected, atol=1e-9)


def test_a_numeric_target_stands_behind_the_features():
    rows = rows_of(prepare(DataSpec("diabetes")))
    found = correlation(rows, range(10))
    assert found.names == (*rows.feature_names, rows.target_name)
    expected = pd.DataFrame(np.column_stack([rows.raw, rows.target]).astype(np.float64)).corr()
    np.testing.assert_allclose(found.values, expected, atol=1e-9)


def test_a_constant_column_has_no_correlation_and_no_warning():
    raw = np.array([[0.1, 1], [0.1, 2], [0.1, 4]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = correlation(make_rows(raw, [0, 1, 1], ("a", "b")), [0, 1]).values
    np.testing.assert_array_equal(np.isnan(values), [[True, True], [True, False]])
    assert values[1, 1] == 1
