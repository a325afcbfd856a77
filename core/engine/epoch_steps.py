"""The steps of one epoch: what a batch does to weights and metrics, given the epoch's rows and numbers.

A whole epoch (`core.engine.program`) and an epoch in pieces (`core.engine.pieces`) are traced of the same steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from core.engine.runtime_settings import held_weights, runtime_setting_count
from core.engine.steps import Steps, Values
from core.engine.structure import Structure

# At least so many rows are validated at once, even where batches are smaller: the means over all rows are the same.
VALIDATED_AT_ONCE = 1024


def validated_at_once(structure: Structure) -> int:
    """Return how many held-out rows a batch of the validation has."""
    return max(structure.training.batch_size, VALIDATED_AT_ONCE)


class EpochSteps:
    """The steps of an epoch, made while it is traced. A state is as `Steps.pack` returns it.

    Args:
        state_size: the number of tensors in a state.
        rows: `RowTensors.tensors`.
        order: int32 (train_rows,), the order in which training rows are visited.
        rates: float32 (steps,), the learning rate of every step.
        settings: float32 (settings_size,), `runtime_settings`, then `held_unit_masks` where units are held.
        counts: int32 (hidden layers,), where units are counted.
    """

    def __init__(
        self,
        steps: Steps,
        structure: Structure,
        state_size: int,
        rows: Sequence[tf.Tensor],
        order: tf.Tensor,
        rates: tf.Tensor,
        settings: tf.Tensor,
        counts: tf.Tensor | None = None,
    ) -> None:
        self._steps = steps
        self._state_size = state_size
        *self._train_rows, self._x_val, self._y_val = rows
        self._order, self._rates, self._settings, self._counts = order, rates, settings, counts
        self._held: Values = []
        if structure.held:
            count = runtime_setting_count(structure.network)
            self._held = steps.pack(_held(steps, settings[count:]))
            self._settings = settings[:count]

    def train(self, values: Values, start: tf.Tensor, rows: int, step: tf.Tensor) -> Values:
        """Train on a batch of the order; `values` are a state and the values of the metrics."""
        state, metrics = values[: self._state_size], values[self._state_size :]
        batch = tf.slice(self._order, [start], [rows])
        parts = [tf.gather(part, batch) for part in self._train_rows]
        after, metrics = self._steps.train(state, metrics, parts, self._rates[step], self._settings, self._counts)
        # The packed weights come first in a state, and only weights can be held.
        kept = [tf.where(*three) for three in zip(self._held, state, after, strict=False)]
        return [*kept, *after[len(kept) :], *metrics]

    def test(self, state: Values, metrics: Values, start: tf.Tensor, rows: int) -> Values:
        """Validate on a batch of held-out rows; return the new metric values."""
        held_out = _slices((self._x_val, self._y_val), start, rows)
        return self._steps.test(state, metrics, held_out, self._settings, self._counts)


def _held(steps: Steps, masks: tf.Tensor) -> Values:
    """Return for every trainable variable which of its numbers are held: bool of the variable's shape."""
    held = {id(variable): mask for variable, mask in held_weights(steps.model, masks)}
    return [held.get(id(weight), tf.zeros(weight.shape, bool)) for weight in steps.trainable]


def _slices(parts: Any, start: tf.Tensor, count: int) -> tuple[tf.Tensor, ...]:
    """Return rows `start` to `start + count` of every part."""
    return tuple(tf.slice(part, [start] + [0] * (part.shape.rank - 1), [count, *part.shape[1:]]) for part in parts)
