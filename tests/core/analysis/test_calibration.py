"""Calibration against scikit-learn's and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.calibration import calibration_curve

from core.analysis.calibration import calibration
from tests.core.analysis.predictions import predictions


@given(predictions)
@settings(max_examples=50)
def test_bins_are_those_of_scikit_learn(case):
    probabilities, labels = case
    found = calibration(probabilities, labels)
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    accuracy, said = calibration_curve(right, np.minimum(confidence, 1), n_bins=10)
    filled = found.counts > 0
    np.testing.assert_allclose(found.accuracy[filled], accuracy)
    np.testing.assert_allclose(found.confidence[filled], said)
    assert np.isnan(found.accuracy[~filled]).all()
    assert found.counts.sum() == len(labels)
    assert found.mean_accuracy == pytest.approx(right.mean())
    assert found.mean_confidence == pytest.approx(confidence.mean())


def test_the_error_by_hand():
    # Two rows say 0.6 and one of them is right, two say 0.9 and both are.
    probabilities = np.array([[0.6, 0.4], [0.4, 0.6], [0.9, 0.1], [0.9, 0.1]])
    found = calibration(probabilities, np.array([0, 0, 0, 0]))
    assert found.counts.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 2, 0]
    assert found.error == pytest.approx((2 * 0.1 + 2 * 0.1) / 4)
    assert (found.mean_confidence, found.mean_accuracy) == pytest.approx((0.75, 0.75))


def test_what_is_no_number_says_nothing():
    found = calibration(np.array([[np.nan, np.nan], [0.0, 1.0]]), np.array([1, 1]))
    assert found.counts.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert found.error == 0  # the first is wrong, and says 0
