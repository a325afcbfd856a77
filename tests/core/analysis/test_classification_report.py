"""The report against scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import precision_recall_fscore_support

from core.analysis.classification_report import report
from core.analysis.evaluation import confusion_matrix, predicted_classes
from tests.core.analysis.predictions import predictions


@given(predictions)
@settings(max_examples=50)
def test_the_report_is_that_of_scikit_learn(case):
    probabilities, labels = case
    predicted = predicted_classes(probabilities)
    found = report(confusion_matrix(labels, predicted, probabilities.shape[1]))
    present = np.unique(labels)
    columns = precision_recall_fscore_support(labels, predicted, labels=present, zero_division=0)
    for mine, expected in zip((found.precision, found.recall, found.f1, found.support), columns, strict=True):
        np.testing.assert_allclose(mine[present], expected)
    for mine, average in ((found.macro, "macro"), (found.weighted, "weighted")):
        expected = precision_recall_fscore_support(labels, predicted, labels=present, average=average, zero_division=0)
        assert mine == pytest.approx(expected[:3])


def test_a_class_without_rows_has_no_figures_and_no_part_in_the_averages():
    found = report(np.array([[3, 1, 1], [0, 5, 0], [0, 0, 0]]))
    np.testing.assert_allclose(found.precision, [1, 5 / 6, np.nan])
    np.testing.assert_allclose(found.recall, [3 / 5, 1, np.nan])
    np.testing.assert_allclose(found.f1, [0.75, 10 / 11, np.nan])
    assert found.support.tolist() == [5, 5, 0]
    assert found.macro == pytest.approx(((1 + 5 / 6) / 2, 0.8, (0.75 + 10 / 11) / 2))
    assert found.weighted == pytest.approx(found.macro)  # as many rows of the one as of the other


def test_no_rows_at_all_have_no_figures():
    found = report(np.zeros((2, 2), np.int32))
    assert np.isnan([*found.macro, *found.weighted]).all()
