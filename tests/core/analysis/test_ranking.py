"""ROC and precision-recall curves against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from core.analysis.ranking import precision_recall_curves, roc_curves, thinned
from tests.core.analysis.predictions import make_predictions, predictions


@given(predictions)
@settings(max_examples=30)
def test_curves_of_every_class_are_those_of_scikit_learn(case):
    probabilities, labels = case
    roc, precision_recall = roc_curves(probabilities, labels), precision_recall_curves(probabilities, labels)
    assert len(roc) == len(precision_recall) == probabilities.shape[1]
    for index, (rates, precisions) in enumerate(zip(roc, precision_recall, strict=True)):
        members, scores = labels == index, probabilities[:, index]
        if members.all() or not members.any():
            assert rates is None
            assert precisions is None
            continue
        assert rates.area == pytest.approx(metrics.roc_auc_score(members, scores))
        assert precisions.area == pytest.approx(metrics.average_precision_score(members, scores))
        x, y, _ = metrics.roc_curve(members, scores)
        np.testing.assert_array_equal([rates.x, rates.y], [x, y])
        y, x, _ = metrics.precision_recall_curve(members, scores)
        np.testing.assert_array_equal([precisions.x, precisions.y], [x, y])


@pytest.mark.parametrize("skill", [0, 1, 4])
def test_many_rows_are_thinned_and_keep_their_area(skill):
    probabilities, labels = make_predictions(1, 30_000, 4, skill)
    probabilities = probabilities + np.random.default_rng(0).uniform(0, 1e-3, probabilities.shape).astype(np.float32)
    for curve in roc_curves(probabilities, labels, most=100):
        if curve is not None:
            assert len(curve.x) <= 100
            assert metrics.auc(curve.x, curve.y) == pytest.approx(curve.area, abs=0.01)
            assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    for curve in precision_recall_curves(probabilities, labels, most=200):
        if curve is not None:
            assert len(curve.x) <= 200
            assert -np.sum(np.diff(curve.x) * curve.y[:-1]) == pytest.approx(curve.area, abs=0.02)


@given(st.integers(0, 2**32 - 1), st.integers(2, 3000), st.integers(2, 100))
@settings(max_examples=50)
def test_a_rising_curve_keeps_its_area_within_the_bound_however_it_bends(seed, points, most):
    rng = np.random.default_rng(seed)
    x, y = np.sort(rng.beta(*rng.uniform(0.05, 3, 2), (2, points)), axis=1)
    x[0] = y[0] = 0
    x[-1] = y[-1] = 1
    kept = thinned(x, y, most)
    assert len(kept) <= most
    assert (kept[0], kept[-1]) == (0, points - 1)
    assert np.all(np.diff(kept) > 0)
    if most < points:
        # A jump that is wider than a piece is a straight line in both.
        assert abs(metrics.auc(x[kept], y[kept]) - metrics.auc(x, y)) <= 2 / (most - 1)


def test_probabilities_that_are_no_numbers_rank_lowest():
    probabilities = np.array([[0.2, 0.8], [np.nan, np.nan], [0.9, 0.1]])
    (first, second) = roc_curves(probabilities, np.array([1, 0, 0]))
    assert (first.area, second.area) == (0.5, 1.0)
