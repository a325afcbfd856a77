"""The order of the rows and the learning rates of the epochs that come next.

They are made for some epochs at once: one by one they would take a third of a small network's epoch.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from core.experiment import TrainingSpec
from core.experiment.schedule import step_rates

_EPOCHS = 16
_ROWS_MOST = 2**20  # row numbers at once


def row_order(seed: int, epoch: int, rows: int) -> np.ndarray:
    """Return the order in which an epoch (0 is the first) visits the training rows: int32 (rows,)."""
    return np.random.default_rng([seed, epoch]).permutation(rows).astype(np.int32)


class Passes:
    """A run's ways through its training rows.

    Args:
        seed: of the run.
        rows: how many training rows there are.
    """

    def __init__(self, seed: int, rows: int) -> None:
        self._seed = seed
        self._rows = rows
        self._at_once = max(1, min(_EPOCHS, _ROWS_MOST // rows))
        self._orders: dict[int, tf.Tensor] = {}  # by epoch
        self._rates: dict[int, tf.Tensor] = {}
        self._rates_of: tuple[TrainingSpec, int] | None = None

    def order(self, epoch: int) -> tf.Tensor:
        """Return the order of an epoch, int32 (rows,)."""
        if epoch not in self._orders:
            epochs = range(epoch, epoch + self._at_once)
            orders = np.stack([row_order(self._seed, one, self._rows) for one in epochs])
            self._orders = dict(zip(epochs, tf.unstack(tf.constant(orders)), strict=True))
        return self._orders[epoch]

    def rates(self, training: TrainingSpec, steps: int, epoch: int) -> tf.Tensor:
        """Return the learning rate of every step of an epoch, float32 (steps,)."""
        if epoch not in self._rates or self._rates_of != (training, steps):
            self._rates_of = training, steps
            epochs = range(epoch, epoch + self._at_once)
            rates = np.stack([step_rates(training, one, steps) for one in epochs])
            self._rates = dict(zip(epochs, tf.unstack(tf.constant(rates)), strict=True))
        return self._rates[epoch]
