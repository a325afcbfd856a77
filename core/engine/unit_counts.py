"""How many units the layers of a padded network have, as an argument of its program.

While a program is traced, the count of every hidden layer stands where its activation and its dropout look for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import keras
import tensorflow as tf

from core.engine.keras_internals import Dropout
from core.engine.padding import is_shifted
from core.experiment import NetworkSpec

Activation: TypeAlias = Callable[[tf.Tensor], tf.Tensor]


class CountedActivation:
    """An activation whose value is 0 for all units but the first `count`.

    Attributes:
        count: int32, to be set before it is traced.
    """

    def __init__(self, activation: Activation) -> None:
        self._activation = activation
        self.count: tf.Tensor | None = None

    def __call__(self, values: tf.Tensor) -> tf.Tensor:
        """Return float32 values of the same shape, (rows, units)."""
        return tf.where(tf.range(values.shape[-1]) < self.count, self._activation(values), 0.0)


def count_activations(model: keras.Model, network: NetworkSpec) -> None:
    """Replace the activations of a model's hidden layers that are not 0 at 0 by counted ones."""
    for number, layer in enumerate(network.layers, start=1):
        if is_shifted(layer):
            name = "hidden" if layer.normalization == "none" else "activation"
            part = model.get_layer(f"{name}_{number}")
            part.activation = CountedActivation(part.activation)


def use_unit_counts(model: keras.Model, counts: tf.Tensor) -> None:
    """Have a model that is about to be traced compute with the first units of each hidden layer alone.

    Args:
        counts: int32 (hidden layers,).
    """
    for layer in model.layers:
        if isinstance(layer, Dropout):
            layer.count = counts[_hidden_layer_of(layer)]
        elif isinstance(getattr(layer, "activation", None), CountedActivation):
            layer.activation.count = counts[_hidden_layer_of(layer)]


def _hidden_layer_of(layer: keras.layers.Layer) -> int:
    """Return 0 for "hidden_1"."""
    return int(layer.name.rpartition("_")[2]) - 1
