"""Orders of rows and learning rates, made for some epochs at once, are those of every epoch for itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.engine import epoch_inputs
from core.engine.epoch_inputs import EpochInputs, row_orders
from core.experiment import TrainingSpec
from core.experiment.schedule import step_rates


@pytest.mark.parametrize("together", [1, 3, 25])
def test_any_epoch_can_be_asked_for_in_any_order(monkeypatch, together):
    monkeypatch.setattr(epoch_inputs, "_BLOCK_EPOCHS", together)
    of_run = EpochInputs(5, 20)
    training = TrainingSpec(epochs=12, schedule="cosine")
    expected = row_orders(5, range(60), 20)
    for epoch in (0, 1, 2, 3, 4, 20, 4, 0, 17, 16, 58):
        order, rates = of_run.order(epoch).numpy(), of_run.rates(training, 7, epoch).numpy()
        np.testing.assert_array_equal(order, expected[epoch])
        np.testing.assert_array_equal(np.sort(order), np.arange(20))
        np.testing.assert_array_equal(rates, step_rates(training, epoch, 7))
        assert (order.dtype, rates.dtype) == (np.int32, np.float32)


def test_every_epoch_and_every_seed_has_an_order_of_its_own():
    orders = np.concatenate([row_orders(seed, range(60), 20) for seed in (0, 1)])
    assert orders.dtype == np.int32
    assert len(np.unique(orders, axis=0)) == 120


@pytest.mark.parametrize("epochs", [range(7, 8), range(24, 26), range(10, 60), range(50, 75)])
def test_orders_do_not_depend_on_which_are_asked_for(epochs):
    np.testing.assert_array_equal(row_orders(3, epochs, 20), row_orders(3, range(80), 20)[epochs.start : epochs.stop])


def test_another_rate_or_batch_size_is_in_force_at_once():
    of_run = EpochInputs(0, 20)
    slow = TrainingSpec(learning_rate=0.01)
    fast = replace(slow, learning_rate=0.5)
    for training, steps in ((slow, 4), (fast, 4), (fast, 10), (slow, 4)):
        rates = of_run.rates(training, steps, 3).numpy()
        np.testing.assert_array_equal(rates, np.full(steps, training.learning_rate, np.float32))


def test_of_many_rows_few_orders_are_kept(monkeypatch):
    monkeypatch.setattr(epoch_inputs, "_BLOCK_ROWS_MOST", 50)
    of_run = EpochInputs(0, 20)
    of_run.order(0)
    assert len(of_run._orders) == 2
    monkeypatch.setattr(epoch_inputs, "_BLOCK_ROWS_MOST", 5)
    of_run = EpochInputs(0, 20)
    np.testing.assert_array_equal(of_run.order(9).numpy(), row_orders(0, range(10), 20)[9])
    assert len(of_run._orders) == 1
