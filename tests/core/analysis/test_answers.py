"""What a network says of a part's rows."""

import numpy as np
import pytest

from core.analysis.answers import answers_of
from core.analysis.overview import parts_of
from core.datasets import prepare
from core.experiment import DataSpec


def in_order(inputs):
    """A network of three classes, which says how far a row's first input is along."""
    shares = np.abs(inputs[:, :3]) + 0.1
    return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def along(inputs, labels):
    """A loss of every row, which says how large its first input and its label are."""
    return inputs[:, 0].astype(np.float64) + labels


@pytest.mark.parametrize("part", ["training", "held-out"])
def test_rows_stand_beside_what_is_said_of_them(part):
    split = prepare(DataSpec("iris"))
    answers = answers_of(split, in_order, along, part, 1000)
    _, inputs, target = parts_of(split)[part]
    assert answers.rows.tolist() == list(range(len(target)))
    np.testing.assert_array_equal(answers.target, target)
    np.testing.assert_array_equal(answers.predictions, in_order(inputs))
    np.testing.assert_array_equal(answers.losses, along(inputs, target))


def test_of_many_rows_always_the_same_are_asked():
    split = prepare(DataSpec("iris"))
    asked = []

    def ask(inputs):
        asked.append(len(inputs))
        return in_order(inputs)

    first, second = (answers_of(split, ask, along, "training", 20) for _ in range(2))
    assert asked == [20, 20]
    assert (len(first), first.total) == (20, 120)
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.target, split.y_train[first.rows])
    np.testing.assert_array_equal(first.predictions, in_order(split.x_train[first.rows]))
    np.testing.assert_array_equal(first.losses, along(split.x_train[first.rows], first.target))


def test_numbers_are_said_in_the_targets_own_units():
    split = prepare(DataSpec("diabetes"))
    answers = answers_of(split, lambda x: np.zeros((len(x), 1), np.float32), along, "held-out", 1000)
    np.testing.assert_allclose(answers.predictions, np.full(len(split.y_test), split.y_train.mean()), rtol=1e-4)
    assert answers.losses.shape == (0,)


def test_parts_are_those_of_the_split():
    assert list(parts_of(prepare(DataSpec("iris", validation=0.2)))) == ["training", "validation", "test"]
