"""Permutation importance: how much the score falls when a feature is shuffled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.analysis.regression import shown_rows

REPEATS = 10

Score = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, eq=False)
class Importance:
    """The importance of some features.

    Attributes:
        features: int64 (m,): the columns of the features, most important first.
        cost: float64 (m,): the mean fall of the score over all shuffles.
        deviation: float64 (m,): the standard deviation over the shuffles.
        rows: the number of rows shuffled.
        score: the score of these rows unshuffled.
    """

    features: np.ndarray
    cost: np.ndarray
    deviation: np.ndarray
    rows: int
    score: float


class _Network:
    """An estimator for scikit-learn: predicts from some columns of the rows, with the other columns unchanged."""

    def __init__(self, predict: Callable[[np.ndarray], np.ndarray], raw: np.ndarray, columns: np.ndarray) -> None:
        self._predict = predict
        self._raw = raw
        self._columns = columns

    def fit(self) -> None:
        """Do nothing: it is trained. scikit-learn requires the method."""

    def predict(self, values: np.ndarray) -> np.ndarray:
        raw = self._raw.copy()
        raw[:, self._columns] = values
        return self._predict(raw)


def permutation_importance(
    predict: Callable[[np.ndarray], np.ndarray],
    score: Score,
    raw: np.ndarray,
    target: np.ndarray,
    features: np.ndarray,
    rows_most: int,
    seed: int = 0,
) -> Importance:
    """Return the permutation importance of these features; the same seed gives the same shuffles.

    Args:
        predict: from raw values float32 (rows, features) to what `score` takes.
        score: of predictions and targets; higher is better.
        raw: float32 (rows, features), at least one row, in the data's own units.
        target: (rows,).
        features: int (m,), the columns to shuffle.
        rows_most: of more rows, a fixed random sample of this size is used.

    Every feature is shuffled 10 times, so `predict` gets 10 m + 1 times the rows. Correlated features mask each
    other. See sklearn.inspection.permutation_importance.
    """
    from sklearn.inspection import permutation_importance as by_shuffling

    kept = shown_rows(len(raw), rows_most)
    raw, target = raw[kept], target[kept]
    columns = np.asarray(features, np.int64)
    network = _Network(predict, raw, columns)

    def scoring(estimator: _Network, values: np.ndarray, true: np.ndarray) -> float:
        return score(estimator.predict(values), true)

    found = by_shuffling(
        network, raw[:, columns], target, scoring=scoring, n_repeats=REPEATS, random_state=seed, n_jobs=1
    )
    order = np.argsort(-found.importances_mean, kind="stable")
    return Importance(
        columns[order],
        found.importances_mean[order],
        found.importances_std[order],
        len(raw),
        scoring(network, raw[:, columns], target),
    )
