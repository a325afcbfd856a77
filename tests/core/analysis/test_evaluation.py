"""Predictions against labels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from core.analysis.evaluation import cell_rows, confusion_matrix, predicted_classes, worst_numbers, worst_predictions
from tests.core.analysis.predictions import predictions


def test_rows_are_true_and_columns_predicted():
    labels, predicted = np.array([0, 0, 0, 1, 2]), np.array([0, 1, 1, 1, 0])
    counts = confusion_matrix(labels, predicted, 4)
    assert counts.dtype == np.int32
    assert counts.tolist() == [[1, 2, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


@given(st.integers(2, 8).flatmap(lambda classes: st.tuples(st.just(classes), pairs(classes))))
@settings(max_examples=30)
def test_the_matrix_agrees_with_what_sklearn_says_of_the_same_rows(case):
    classes, rows = case
    labels, predicted = np.array(rows).T
    counts = confusion_matrix(labels, predicted, classes)
    assert counts.shape == (classes, classes)
    assert np.trace(counts) / counts.sum() == pytest.approx(metrics.accuracy_score(labels, predicted))
    everything = np.arange(classes)
    precision, recall, _, support = metrics.precision_recall_fscore_support(
        labels, predicted, labels=everything, zero_division=0
    )
    np.testing.assert_array_equal(counts.sum(axis=1), support)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(np.nan_to_num(counts.diagonal() / counts.sum(axis=1)), recall)
        np.testing.assert_allclose(np.nan_to_num(counts.diagonal() / counts.sum(axis=0)), precision)


def pairs(classes: int) -> st.SearchStrategy:
    label = st.integers(0, classes - 1)
    return st.lists(st.tuples(label, label), min_size=1, max_size=60)


def test_the_most_probable_class_is_predicted_and_the_lower_of_two_equals():
    predicted = predicted_classes(np.array([[0.1, 0.7, 0.2], [0.4, 0.2, 0.4], [0.0, 0.5, 0.5]]))
    assert predicted.dtype == np.int32
    assert predicted.tolist() == [1, 0, 1]


def test_the_worst_are_those_whose_true_class_is_the_least_probable():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.1, 0.9], [np.nan, np.nan]])
    worst = worst_predictions(probabilities, np.array([0, 0, 1, 1, 0]), 4)
    assert worst.dtype == np.int32
    assert worst.tolist() == [4, 1, 2, 0]
    assert worst_predictions(probabilities[:2], np.array([0, 1]), 20).tolist() == [1, 0]


def test_the_rows_of_a_cell_come_the_surest_first():
    probabilities = np.array([[0.6, 0.4], [0.2, 0.8], [0.9, 0.1], [0.7, 0.3], [np.nan, np.nan]])
    labels = np.array([1, 1, 1, 0, 1])
    assert cell_rows(probabilities, labels, 1, 0).tolist() == [2, 0, 4]
    assert cell_rows(probabilities, labels, 1, 1).tolist() == [1]
    assert cell_rows(probabilities, labels, 0, 1).tolist() == []


@given(predictions)
@settings(max_examples=30)
def test_a_cell_has_as_many_rows_as_the_matrix_counts(case):
    probabilities, labels = case
    classes = range(probabilities.shape[1])
    counts = [[len(cell_rows(probabilities, labels, true, said)) for said in classes] for true in classes]
    assert confusion_matrix(labels, predicted_classes(probabilities), len(classes)).tolist() == counts


def test_the_worst_numbers_are_those_farthest_off():
    worst = worst_numbers(np.array([1.0, 5.0, np.nan, 2.0]), np.array([1.0, 2.0, 0.0, -1.0]), 3)
    assert worst.dtype == np.int32
    assert worst.tolist() == [2, 1, 3]
