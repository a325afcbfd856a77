"""Which features a network goes by: what it loses when one of them is shuffled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.analysis.regression import shown_rows

REPEATS = 10

Score = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, eq=False)
class Importance:
    """What shuffling each of some features costs.

    Attributes:
        features: int64 (m,): the numbers of the features, the most important first.
        cost: float64 (m,): by how much the score falls, the mean of all shuffles.
        deviation: float64 (m,): the standard deviation over the shuffles.
        rows: how many rows were shuffled.
        score: of these rows as they are.
    """

    features: np.ndarray
    cost: np.ndarray
    deviation: np.ndarray
    rows: int
    score: float


class _Network:
    """What scikit-learn takes for an estimator: a function of some columns of the rows, the others as they are."""

    def __init__(self, predict: Callable[[np.ndarray], np.ndarray], raw: np.ndarray, columns: np.ndarray) -> None:
        self._predict = predict
        self._raw = raw
        self._columns = columns

    def fit(self) -> None:
        """Do nothing: it is trained. scikit-learn looks whether there is such a method."""

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
    """Return what shuffling each of these features costs; the same seed gives the same shuffles.

    Args:
        predict: what is scored, of raw values float32 (rows, features).
        score: of predictions and targets; more is better.
        raw: float32 (rows, features), at least one row, in the data's own units.
        target: (rows,).
        features: int (m,), the numbers of the columns that are shuffled.
        rows_most: of more rows, so many are looked at, always the same ones.

    Every feature is shuffled 10 times, so `predict` gets 10 m + 1 times the rows. Two features that say the same
    hide each other. See sklearn.inspection.permutation_importance.
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
