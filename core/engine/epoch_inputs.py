"""What differs from epoch to epoch: the order of the training rows, and the learning rates.

Both are computed for several epochs at once: one epoch at a time, they would take a large share of the time in which
a small network trains one.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from core.experiment import TrainingSpec
from core.experiment.schedule import step_rates

_BLOCK_EPOCHS = 25  # creating a random number generator takes longer than shuffling a small data set
_BLOCK_ROWS_MOST = 2**20  # row numbers in one block


def row_orders(seed: int, epochs: range, rows: int) -> np.ndarray:
    """Return the orders in which epochs (0 is the first) visit the training rows: int32 (epochs, rows).

    Each block of epochs has its own generator, so an order does not depend on which epochs are asked for.
    """
    size = _block_epochs(rows)
    first = epochs.start // size
    blocks = [_block(seed, number, size, rows) for number in range(first, -(-epochs.stop // size))]
    return np.concatenate(blocks)[epochs.start - first * size :][: len(epochs)]


def _block(seed: int, number: int, epochs: int, rows: int) -> np.ndarray:
    in_order = np.tile(np.arange(rows), (epochs, 1))
    return np.random.default_rng([seed, number]).permuted(in_order, axis=1).astype(np.int32)


def _block_epochs(rows: int) -> int:
    """Return how many epochs a block has."""
    return max(1, min(_BLOCK_EPOCHS, _BLOCK_ROWS_MOST // rows))


class EpochInputs:
    """Row orders and learning rates of a run's epochs, kept for the present block of epochs.

    Args:
        seed: of the run.
        rows: the number of training rows.
    """

    def __init__(self, seed: int, rows: int) -> None:
        self._seed = seed
        self._rows = rows
        self._orders: dict[int, tf.Tensor] = {}  # by epoch
        self._rates: dict[int, tf.Tensor] = {}
        self._rates_of: tuple[TrainingSpec, int] | None = None

    def order(self, epoch: int) -> tf.Tensor:
        """Return the order of the rows in an epoch, int32 (rows,)."""
        if epoch not in self._orders:
            epochs = self._block_of(epoch)
            orders = tf.constant(row_orders(self._seed, epochs, self._rows))
            self._orders = dict(zip(epochs, tf.unstack(orders), strict=True))
        return self._orders[epoch]

    def rates(self, training: TrainingSpec, steps: int, epoch: int) -> tf.Tensor:
        """Return the learning rate of every step of an epoch, float32 (steps,)."""
        if epoch not in self._rates or self._rates_of != (training, steps):
            self._rates_of = training, steps
            epochs = self._block_of(epoch)
            rates = tf.constant(step_rates(training, epochs, steps))
            self._rates = dict(zip(epochs, tf.unstack(rates), strict=True))
        return self._rates[epoch]

    def _block_of(self, epoch: int) -> range:
        """Return the epochs of the block that an epoch is in."""
        size = _block_epochs(self._rows)
        first = epoch - epoch % size
        return range(first, first + size)
