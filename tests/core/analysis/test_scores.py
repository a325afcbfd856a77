"""Scores against scikit-learn's, and the interval against its definition."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from core.analysis.scores import class_scores, number_scores, wilson_interval
from tests.core.analysis.predictions import predictions


@given(predictions)
@settings(max_examples=50)
def test_scores_of_classes_are_those_of_scikit_learn(case):
    probabilities, labels = case
    losses = -np.log(probabilities[np.arange(len(labels)), labels].astype(np.float64))
    scores = class_scores(probabilities, labels, losses)
    classes = np.arange(probabilities.shape[1])
    assert scores.rows == len(labels)
    assert scores.accuracy == pytest.approx(metrics.accuracy_score(labels, probabilities.argmax(axis=1)))
    exact = probabilities.astype(np.float64) / probabilities.sum(axis=1, keepdims=True, dtype=np.float64)
    assert scores.loss == pytest.approx(metrics.log_loss(labels, exact, labels=classes), rel=1e-5)
    assert scores.low <= scores.accuracy <= scores.high
    assert scores.commonest == pytest.approx(np.mean(labels == np.bincount(labels).argmax()))


@given(st.integers(1, 5000).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows))))
@settings(max_examples=50)
def test_the_ends_of_the_interval_are_as_far_from_the_share_as_wilson_says(case):
    right, rows = case
    for end in wilson_interval(right, rows):
        # Wilson's definition: the share is 1.96 standard deviations away from each end, as the end would have them.
        assert (right / rows - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / rows, rel=1e-5, abs=1e-12)
    assert 0 <= wilson_interval(right, rows)[0] <= right / rows <= wilson_interval(right, rows)[1] <= 1


def test_the_interval_of_eighty_of_a_hundred():
    assert wilson_interval(80, 100) == pytest.approx((0.7112, 0.8666), abs=1e-4)


@given(st.integers(0, 2**32 - 1), st.integers(2, 200))
@settings(max_examples=50)
def test_scores_of_numbers_are_those_of_scikit_learn(seed, rows):
    rng = np.random.default_rng(seed)
    true = rng.normal(100, 20, rows).astype(np.float32)
    predicted = (true + rng.normal(0, 5, rows)).astype(np.float32)
    scores = number_scores(predicted, true)
    assert scores.rows == rows
    assert scores.r2 == pytest.approx(metrics.r2_score(true.astype(np.float64), predicted.astype(np.float64)), rel=1e-5)
    assert scores.mae == pytest.approx(metrics.mean_absolute_error(true, predicted), rel=1e-5)
    assert scores.rmse == pytest.approx(metrics.root_mean_squared_error(true, predicted), rel=1e-5)


def test_targets_that_are_all_the_same_have_no_r2():
    scores = number_scores(np.array([1.0, 4.0]), np.array([2.0, 2.0]))
    assert math.isnan(scores.r2)
    assert (scores.mae, scores.rmse) == (1.5, math.sqrt(2.5))


def test_no_rows_have_no_accuracy():
    scores = class_scores(np.empty((0, 3), np.float32), np.empty(0, np.int64), np.empty(0))
    assert (scores.rows, scores.low, scores.high) == (0, 0, 1)
    assert math.isnan(scores.accuracy)
