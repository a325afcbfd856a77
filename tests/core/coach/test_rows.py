"""What the rows of a data set say, against scikit-learn's nearest neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import r2_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import StandardScaler

from core.coach.rows import row_facts
from core.datasets import Split, prepare
from core.experiment import read_query


def scaled(split: Split) -> tuple[np.ndarray, np.ndarray]:
    scaler = StandardScaler().fit(split.x_train)
    return scaler.transform(split.x_train), scaler.transform(split.x_val)


@pytest.mark.parametrize("query", ["data=moons&noise=0.3", "data=wine&scaling=none", "data=blobs&noise=0.3"])
def test_the_nearest_rows_predict_classes_as_scikit_learns_do(query: str) -> None:
    split = prepare(read_query(query).data)
    training, held_out = scaled(split)
    model = KNeighborsClassifier(5, algorithm="brute").fit(training, split.y_train)
    facts = row_facts(split)
    assert facts.nearest == pytest.approx(model.score(held_out, split.y_val), abs=0.011)  # ties may go otherwise
    assert facts.guess == pytest.approx(np.bincount(split.y_val).max() / len(split.y_val))
    assert facts.held_out == tuple(np.bincount(split.y_val))


def test_the_nearest_rows_predict_numbers_as_scikit_learns_do() -> None:
    split = prepare(read_query("data=diabetes").data)
    training, held_out = scaled(split)
    model = KNeighborsRegressor(5).fit(training, split.y_train)
    assert row_facts(split).nearest == pytest.approx(r2_score(split.y_val, model.predict(held_out)), abs=1e-4)
    assert row_facts(split).recalls == ()


def test_a_row_is_not_its_own_neighbour() -> None:
    split = prepare(read_query("data=moons&points=200&random_labels=1&split=all").data)
    assert row_facts(split).nearest < 0.7  # with itself among five neighbours it would be right far more often


def test_scales() -> None:
    facts = row_facts(prepare(read_query("data=wine&scaling=none").data))
    assert facts.largest == 1680
    assert facts.ratio > 100
    assert row_facts(prepare(read_query("data=wine").data)).ratio == pytest.approx(1, abs=0.01)
