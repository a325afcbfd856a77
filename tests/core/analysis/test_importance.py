"""Permutation importance, against scikit-learn's own of a trained model and by hand."""

import numpy as np
from sklearn.inspection import permutation_importance as sklearns
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

from core.analysis.importance import permutation_importance


def accuracy(predicted, true):
    return float(np.mean(predicted == true))


def test_it_is_that_of_scikit_learn_the_most_important_first():
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(300, 4)).astype(np.float32)
    labels = (raw[:, 2] + 0.5 * raw[:, 0] > 0).astype(np.int64)
    model = LogisticRegression().fit(raw, labels)
    found = permutation_importance(model.predict, accuracy, raw, labels, np.arange(4), 300)
    expected = sklearns(model, raw, labels, n_repeats=10, random_state=0)
    np.testing.assert_allclose(found.cost, expected.importances_mean[found.features])
    np.testing.assert_allclose(found.deviation, expected.importances_std[found.features])
    assert found.features[:2].tolist() == [2, 0]
    assert (found.rows, found.score) == (300, accuracy_score(labels, model.predict(raw)))


def test_features_that_are_left_out_stay_as_they_are():
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(100, 3)).astype(np.float32)
    target = raw[:, 0] * 10 + raw[:, 2]

    def minus_error(predicted, true):
        return -float(np.abs(predicted - true).mean())

    found = permutation_importance(lambda raw: raw[:, 0] * 10 + raw[:, 2], minus_error, raw, target, [1, 2], 100)
    assert found.features.tolist() == [2, 1]
    assert found.score == 0
    assert found.cost[0] > 0.5
    assert (found.cost[1], found.deviation[1]) == (0, 0)


def test_rows_are_bounded_and_nothing_is_changed():
    raw = np.arange(2000, dtype=np.float32)[:, None]
    before = raw.copy()
    asked = []
    found = permutation_importance(lambda raw: asked.append(len(raw)) or raw[:, 0], accuracy, raw, raw[:, 0], [0], 50)
    assert found.rows == 50
    assert set(asked) == {50}
    np.testing.assert_array_equal(raw, before)
