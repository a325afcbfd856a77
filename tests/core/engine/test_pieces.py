"""An epoch in pieces is the same epoch, wherever it is cut."""

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from core.datasets import prepare
from core.engine.pieces import LONG_SECONDS, EpochNumbers, expected_seconds
from core.engine.program import State
from core.engine.runtime_settings import runtime_settings
from core.engine.structure import Structure
from core.experiment import read_query
from core.experiment.schedule import step_rates
from tests.core.engine.cases import Case, assert_same

# A smaller batch at the end of both parts; several full batches of held-out rows and none; one batch in all; weights.
CASES = {
    "dropout, noise and batch normalization": (
        "data=moons&points=2600&test=0.9&batch=48&layers=tanh-4-batch,relu-3-noise0.1&dropout=0.2&l2=0.01"
    ),
    "a number, every row in one batch": "data=plane&points=70&noise=0.3&batch=4096&layers=tanh-3&optimizer=sgd",
    "balanced classes, no smaller batch": (
        "data=blobs&points=80&classes=3&noise=0.3&test=0.2&batch=8&layers=tanh-70&class_weight=balanced"
    ),
}


def in_pieces(case: Case, state: State, orders: list[np.ndarray], sizes: Callable[[], int], compiled: bool = True):
    """Run epochs in pieces of so many steps, as `Case.run` does as wholes."""
    program, history = case.program, []
    settings = tf.constant(runtime_settings(case.experiment))
    for number, order in enumerate(orders):
        rates = tf.constant(step_rates(case.experiment.training, number, program.structure.steps))
        numbers = EpochNumbers(case.rows.tensors, tf.constant(order), rates, settings)
        part = program.begin(state)
        while part.results is None:
            done = part.done
            part = program.go_on(part, numbers, sizes(), compiled)
            assert part.done > done
        state = program.state_after(part)
        history.append(part.results.numpy())
    return state, np.array(history)


@pytest.mark.parametrize("query", CASES.values(), ids=CASES)
def test_pieces_give_what_the_whole_epoch_gives_bit_for_bit(query):
    case = Case.of(query)
    first, orders = case.first(), case.orders(3)
    whole = case.run(first, orders)
    draw = np.random.default_rng(0)
    assert_same(in_pieces(case, first, orders, lambda: int(draw.integers(1, 9))), whole)
    assert_same(in_pieces(case, first, orders[:1], lambda: 1), case.run(first, orders[:1]))
    for compiled in (False, True):
        assert_same(
            in_pieces(case, first, orders[:2], lambda: 1000, compiled), case.run(first, orders[:2], compiled=compiled)
        )


@pytest.mark.parametrize(
    ("query", "compiled", "is_long"),
    [
        ("", True, False),  # takes 0.2 ms
        ("", False, False),
        ("data=digits", True, False),
        ("data=moons&points=2000&batch=1", True, False),  # a few milliseconds for 1600 steps …
        ("data=moons&points=2000&batch=1", False, True),  # … which take a second as a plain graph
        ("data=moons&points=9000&batch=8&layers=relu-512,relu-512,relu-512,relu-512", True, True),  # half a minute
    ],
)
def test_which_epochs_are_trained_in_pieces(query, compiled, is_long):
    experiment = read_query(query)
    structure = Structure.of(experiment, prepare(experiment.data))
    assert (expected_seconds(structure, compiled) > LONG_SECONDS) == is_long
