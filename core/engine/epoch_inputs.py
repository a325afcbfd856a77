"""The order of the rows and the learning rates of the epochs that come next.

They are made for some epochs at once: one by one they would take a third of a small network's epoch.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from core.experiment import TrainingSpec
from core.experiment.schedule import step_rates

_TOGETHER = 25  # epochs; to make a generator takes longer than to draw an order of 800 rows
_ROWS_MOST = 2**20  # row numbers at once


def row_orders(seed: int, epochs: range, rows: int) -> np.ndarray:
    """Return the orders in which epochs (0 is the first) visit the training rows: int32 (epochs, rows).

    One generator draws the orders of some epochs, whichever of them are asked for.
    """
    together = _together(rows)
    first = epochs.start // together
    blocks = [_block(seed, number, together, rows) for number in range(first, -(-epochs.stop // together))]
    return np.concatenate(blocks)[epochs.start - first * together :][: len(epochs)]


def _block(seed: int, number: int, epochs: int, rows: int) -> np.ndarray:
    in_order = np.tile(np.arange(rows), (epochs, 1))
    return np.random.default_rng([seed, number]).permuted(in_order, axis=1).astype(np.int32)


def _together(rows: int) -> int:
    """Return of how many epochs the orders are drawn by one generator."""
    return max(1, min(_TOGETHER, _ROWS_MOST // rows))


class EpochInputs:
    """A run's ways through its training rows.

    Args:
        seed: of the run.
        rows: how many training rows there are.
    """

    def __init__(self, seed: int, rows: int) -> None:
        self._seed = seed
        self._rows = rows
        self._orders: dict[int, tf.Tensor] = {}  # by epoch
        self._rates: dict[int, tf.Tensor] = {}
        self._rates_of: tuple[TrainingSpec, int] | None = None

    def order(self, epoch: int) -> tf.Tensor:
        """Return the order of an epoch, int32 (rows,)."""
        if epoch not in self._orders:
            epochs = self._beside(epoch)
            orders = tf.constant(row_orders(self._seed, epochs, self._rows))
            self._orders = dict(zip(epochs, tf.unstack(orders), strict=True))
        return self._orders[epoch]

    def rates(self, training: TrainingSpec, steps: int, epoch: int) -> tf.Tensor:
        """Return the learning rate of every step of an epoch, float32 (steps,)."""
        if epoch not in self._rates or self._rates_of != (training, steps):
            self._rates_of = training, steps
            epochs = self._beside(epoch)
            rates = tf.constant(step_rates(training, epochs, steps))
            self._rates = dict(zip(epochs, tf.unstack(rates), strict=True))
        return self._rates[epoch]

    def _beside(self, epoch: int) -> range:
        """Return the epochs whose orders are drawn with that of an epoch."""
        together = _together(self._rows)
        first = epoch - epoch % together
        return range(first, first + together)
