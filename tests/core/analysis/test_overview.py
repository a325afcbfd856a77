"""The rows of a split in one piece, and what is said of them, against pandas and scikit-learn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import f_classif

from core.analysis.overview import (
    STATISTICS,
    association,
    class_counts,
    informative_features,
    kinds,
    rows_of,
    statistics,
    unique_names,
)
from core.datasets import make_dataset, prepare
from core.experiment import DataSpec, menus
from tests.core.analysis.made import make_rows


@pytest.mark.parametrize(
    ("spec", "part_names", "sizes"),
    [
        (DataSpec("iris"), ("training", "held-out"), [120, 30]),
        (DataSpec("iris", validation=0.25), ("training", "validation", "test"), [90, 30, 30]),
        (DataSpec("iris", split="all"), ("training",), [150]),
    ],
)
def test_every_row_is_there_once_with_its_part(spec, part_names, sizes):
    split = prepare(spec)
    rows = rows_of(split)
    assert rows.part_names == part_names
    assert np.bincount(rows.parts).tolist() == sizes
    assert len(rows) == rows.total == 150
    whole = make_dataset(spec)
    assert sorted(map(tuple, rows.raw)) == sorted(map(tuple, whole.features))
    assert np.bincount(rows.target).tolist() == [50, 50, 50]
    np.testing.assert_array_equal(rows.scaled, split.to_inputs(rows.raw))
    np.testing.assert_array_equal(rows.raw[rows.parts == 0], split.raw_train)
    np.testing.assert_array_equal(rows.target[rows.parts == 0], split.y_train)


def test_of_too_many_values_an_even_choice_of_rows_is_looked_at():
    split = prepare(DataSpec("blobs", points=5000, classes=4))
    rows = rows_of(split, cells_most=2000)
    assert (len(rows), rows.total) == (1000, 5000)
    np.testing.assert_allclose(np.bincount(rows.target), 250, rtol=0.2)
    np.testing.assert_allclose(np.mean(rows.parts == 0), 0.8, atol=0.05)
    np.testing.assert_array_equal(rows.raw, rows_of(split, cells_most=2000).raw)
    assert set(map(tuple, rows.raw)) <= set(map(tuple, np.concatenate([split.raw_train, split.raw_test])))


def test_the_task_follows_the_target():
    assert rows_of(prepare(DataSpec("iris"))).task == menus.CLASSES
    assert rows_of(prepare(DataSpec("diabetes"))).task == menus.NUMBERS


@pytest.mark.parametrize("name", ["wine", "diabetes"])
def test_statistics_are_those_of_pandas(name):
    raw = rows_of(prepare(DataSpec(name))).raw
    described = pd.DataFrame(raw.astype(np.float64)).describe().T
    assert len(STATISTICS) == described.shape[1]
    np.testing.assert_allclose(statistics(raw), described.to_numpy(), rtol=1e-12)


def test_a_single_row_has_no_deviation():
    numbers = statistics(np.array([[3.0, -1.0]]))
    assert np.isnan(numbers[:, 2]).all()
    np.testing.assert_array_equal(numbers[:, [0, 1, 3, 5, 7]], [[1, 3, 3, 3, 3], [1, -1, -1, -1, -1]])


def test_a_column_is_of_one_kind():
    values = np.array([[1, 0, 1, 0.5], [1, 1, 2, 1], [1, 0, 3, 2], [1, 1, 9, 3]], np.float32)
    assert kinds(values) == ("constant", "two values", "whole numbers", "numbers")


def test_association_with_a_number_is_the_size_of_the_correlation():
    rows = rows_of(prepare(DataSpec("diabetes")))
    found = [abs(np.corrcoef(column, rows.target)[0, 1]) for column in rows.raw.T.astype(np.float64)]
    np.testing.assert_allclose(association(rows), found, rtol=1e-6)


@pytest.mark.parametrize("name", ["iris", "wine", "cancer"])
def test_association_with_classes_is_what_the_f_test_says(name):
    rows = rows_of(prepare(DataSpec(name)))
    within, between = len(rows) - len(rows.class_names), len(rows.class_names) - 1
    f, _ = f_classif(rows.raw.astype(np.float64), rows.target)
    np.testing.assert_allclose(association(rows) ** 2, f * between / (f * between + within), rtol=1e-6)


def test_association_with_two_classes_is_the_size_of_the_correlation():
    rows = rows_of(prepare(DataSpec("cancer")))
    found = [abs(np.corrcoef(column, rows.target)[0, 1]) for column in rows.raw.T.astype(np.float64)]
    np.testing.assert_allclose(association(rows), found, rtol=1e-6)


def test_a_constant_feature_says_nothing_and_a_perfect_one_everything():
    rows = make_rows([[1, 5, 0], [1, 5, 1], [1, 7, 0], [1, 7, 1]], [0, 0, 1, 1], ("a", "b"))
    np.testing.assert_allclose(association(rows), [0, 1, 0], atol=1e-12)
    numbers = make_rows(rows.raw, [3, 3, 3, 3])  # a constant target
    np.testing.assert_array_equal(association(numbers), [0, 0, 0])


def test_telling_features_come_in_their_own_order():
    rows = make_rows([[0, 1, 5, 2], [1, 1, 5, 2], [0, 1, 7, 3], [1, 1, 7, 2]], [0, 0, 1, 1], ("a", "b"))
    assert informative_features(rows, 1) == (2,)
    assert informative_features(rows, 2) == (2, 3)
    assert informative_features(rows, 9) == (0, 1, 2, 3)
    again = replace(rows, raw=rows.raw[:, ::-1])
    assert informative_features(again, 2) == (0, 1)


def test_classes_are_counted_by_part():
    counts = class_counts(np.array([0, 2, 2, 1, 0]), np.array([0, 0, 0, 1, 1]), 4, 3)
    assert counts.tolist() == [[1, 0, 2, 0], [1, 1, 0, 0], [0, 0, 0, 0]]


def test_counts_of_a_split_are_those_of_its_labels():
    split = prepare(DataSpec("penguins"))
    rows = rows_of(split)
    counts = class_counts(rows.target, rows.parts, split.classes, 2)
    assert counts.tolist() == [np.bincount(split.y_train).tolist(), np.bincount(split.y_test).tolist()]


def test_names_become_unique():
    assert unique_names(["a", "a (2)", "a", "a"]) == ["a", "a (2)", "a (3)", "a (4)"]
