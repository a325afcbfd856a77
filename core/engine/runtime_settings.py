"""Numbers that come to a compiled program as arguments, so that changing them compiles nothing.

As a program is traced they stand in the places where Keras's layers, penalties and optimizers hold plain numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.engine.keras_network import Dropout, GaussianNoise
from core.experiment import Experiment, NetworkSpec, menus
from core.messages.edits import Unit

_FIRST = 3  # momentum, L1, L2


def runtime_setting_count(network: NetworkSpec) -> int:
    """Return how many numbers of a network's training can change as it trains."""
    return _FIRST + 2 * len(network.layers)


def runtime_settings(experiment: Experiment) -> np.ndarray:
    """Return those numbers: momentum, L1, L2, then the dropout rate of every layer, then its noise.

    Float32 (3 + 2 * hidden layers,).
    """
    network = experiment.network
    noise = (layer.noise for layer in network.layers)
    momentum = experiment.training.momentum or 0.0
    return np.array([momentum, network.l1, network.l2, *network.dropouts, *noise], np.float32)


def held_unit_count(network: NetworkSpec) -> int:
    """Return how many numbers say which units of a network are held."""
    return 2 * sum(layer.units for layer in network.layers)


def held_unit_masks(network: NetworkSpec, frozen: Collection[Unit], silenced: Collection[Unit]) -> np.ndarray:
    """Return 1 for every hidden unit that is frozen and 0 for the others, then the same of silenced ones.

    Float32 (2 * hidden units,).
    """
    units = [(place, unit) for place, layer in enumerate(network.layers) for unit in range(layer.units)]
    return np.array([unit in held for held in (frozen, silenced) for unit in units], np.float32)


def held_weights(model: keras.Model, holds: tf.Tensor) -> list[tuple[keras.Variable, tf.Tensor]]:
    """Return the variables of which some numbers do not change in training, and which: bool of the variable's shape.

    What comes into frozen units, and what goes out of silenced ones.

    Args:
        holds: `held_unit_masks` that come as a tensor.
    """
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    sizes = [layer.units for layer in layers[:-1]]
    frozen, silenced = (tf.split(part > 0.5, sizes) for part in tf.split(holds, 2))
    held = [(layer.bias, mask) for layer, mask in zip(layers, frozen, strict=False)]
    for place, layer in enumerate(layers):
        mask = tf.zeros(layer.kernel.shape, bool)
        if place < len(frozen):
            mask |= frozen[place][None, :]
        if place:
            mask |= silenced[place - 1][:, None]
        held.append((layer.kernel, mask))
    return held


def take_live(model: keras.Model, live: tf.Tensor) -> None:
    """Put `runtime_settings` that come as a tensor into the places where Keras reads them as it is traced.

    Penalties and momentum that are 0 stay so: Keras leaves them out, and another structure puts them in.
    """
    layers = (live.shape[0] - _FIRST) // 2
    if getattr(model.optimizer, "momentum", 0.0):
        model.optimizer.momentum = LiveNumber(live[0])
    for layer in model.layers:
        for place in menus.PENALTY_PLACES:
            penalty = getattr(layer, f"{place}_regularizer", None)
            if penalty is not None:
                penalty.l1 = LiveNumber(live[1]) if penalty.l1 else 0.0
                penalty.l2 = LiveNumber(live[2]) if penalty.l2 else 0.0
        if isinstance(layer, Dropout):
            layer.rate = live[_FIRST + _place(layer)]
        elif isinstance(layer, GaussianNoise):
            layer.stddev = live[_FIRST + layers + _place(layer)]


def _place(layer: keras.layers.Layer) -> int:
    return int(layer.name.rpartition("_")[2]) - 1


class LiveNumber:
    """A number that comes as an argument: a tensor to TensorFlow, and not zero to the `if`s of Keras."""

    dtype = "float32"

    def __init__(self, tensor: tf.Tensor) -> None:
        self._tensor = tensor

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> tf.Tensor:
        return self._tensor

    def __bool__(self) -> bool:
        return True

    def __gt__(self, other: float) -> bool:
        return True

    def __mul__(self, other: Any) -> tf.Tensor:
        return self._tensor * other

    def __sub__(self, other: Any) -> tf.Tensor:
        return self._tensor - other


class StepRates(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate that the step being traced reads from the program's arguments."""

    now: tf.Tensor | float = 0.0

    def __call__(self, step: tf.Tensor) -> tf.Tensor | float:
        return self.now
