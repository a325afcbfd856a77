"""Orders of rows and learning rates, made for some epochs at once, are those of every epoch for itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.experiment import TrainingSpec
from core.experiment.schedule import step_rates
from core.training import passes
from core.training.passes import Passes, row_order


@pytest.mark.parametrize("at_once", [1, 3, 16])
def test_any_epoch_can_be_asked_for_in_any_order(monkeypatch, at_once):
    monkeypatch.setattr(passes, "_EPOCHS", at_once)
    of_run = Passes(5, 20)
    training = TrainingSpec(epochs=12, schedule="cosine")
    for epoch in (0, 1, 2, 3, 4, 20, 4, 0, 17, 16):
        order, rates = of_run.order(epoch).numpy(), of_run.rates(training, 7, epoch).numpy()
        np.testing.assert_array_equal(order, row_order(5, epoch, 20))
        np.testing.assert_array_equal(np.sort(order), np.arange(20))
        np.testing.assert_array_equal(rates, step_rates(training, epoch, 7))
        assert (order.dtype, rates.dtype) == (np.int32, np.float32)


def test_another_rate_or_batch_size_is_in_force_at_once():
    of_run = Passes(0, 20)
    slow = TrainingSpec(learning_rate=0.01)
    fast = replace(slow, learning_rate=0.5)
    for training, steps in ((slow, 4), (fast, 4), (fast, 10), (slow, 4)):
        rates = of_run.rates(training, steps, 3).numpy()
        np.testing.assert_array_equal(rates, np.full(steps, training.learning_rate, np.float32))


def test_of_many_rows_few_orders_are_kept(monkeypatch):
    monkeypatch.setattr(passes, "_ROWS_MOST", 50)
    of_run = Passes(0, 20)
    of_run.order(0)
    assert len(of_run._orders) == 2
    monkeypatch.setattr(passes, "_ROWS_MOST", 5)
    of_run = Passes(0, 20)
    np.testing.assert_array_equal(of_run.order(9).numpy(), row_order(0, 9, 20))
    assert len(of_run._orders) == 1
