"""Settings that a compiled program takes as arguments, so that changing them compiles nothing.

`runtime_settings` are the numbers of an experiment that can change as it trains; `held_unit_masks` say which units do
not learn. While a program is traced, tensors stand where Keras's layers, penalties and optimizers hold these numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import keras
import numpy as np
import tensorflow as tf

from core.engine.keras_internals import Dropout, GaussianNoise, TracedNumber
from core.experiment import Experiment, NetworkSpec, menus
from core.messages.edits import Unit

_FIRST = 3  # momentum, L1, L2


def runtime_setting_count(network: NetworkSpec) -> int:
    """Return how many numbers `runtime_settings` returns for a network."""
    return _FIRST + 2 * len(network.layers)


def runtime_settings(experiment: Experiment) -> np.ndarray:
    """Return momentum, L1, L2, then the dropout rate of every hidden layer, then its noise.

    Float32 (3 + 2 * hidden layers,).
    """
    network = experiment.network
    noise = (layer.noise for layer in network.layers)
    momentum = experiment.training.momentum or 0.0
    return np.array([momentum, network.l1, network.l2, *network.dropouts, *noise], np.float32)


def held_unit_count(sizes: Sequence[int]) -> int:
    """Return how many numbers `held_unit_masks` returns."""
    return 2 * sum(sizes)


def held_unit_masks(sizes: Sequence[int], frozen: Collection[Unit], silenced: Collection[Unit]) -> np.ndarray:
    """Return 1 for every frozen hidden unit and 0 for the others, then the same for silenced ones.

    Args:
        sizes: the widths of the hidden layers, as they are compiled.

    Returns:
        Float32 (2 * sum of the sizes,).
    """
    units = [(place, unit) for place, size in enumerate(sizes) for unit in range(size)]
    return np.array([unit in held for held in (frozen, silenced) for unit in units], np.float32)


def held_weights(model: keras.Model, masks: tf.Tensor) -> list[tuple[keras.Variable, tf.Tensor]]:
    """Return each kernel and hidden bias with a bool mask of its shape: True for the weights that do not change.

    These are the weights into frozen units and those out of silenced ones.

    Args:
        masks: `held_unit_masks`, as a tensor.
    """
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    sizes = [layer.units for layer in layers[:-1]]
    frozen, silenced = (tf.split(part > 0.5, sizes) for part in tf.split(masks, 2))
    held = [(layer.bias, mask) for layer, mask in zip(layers, frozen, strict=False)]
    for place, layer in enumerate(layers):
        mask = tf.zeros(layer.kernel.shape, bool)
        if place < len(frozen):
            mask |= frozen[place][None, :]
        if place:
            mask |= silenced[place - 1][:, None]
        held.append((layer.kernel, mask))
    return held


def use_settings(model: keras.Model, settings: tf.Tensor) -> None:
    """Have a model that is about to be traced compute with `runtime_settings` that are a tensor.

    Penalties and momentum that are 0 stay 0: Keras leaves them out, so above 0 they need another program.
    """
    layers = (settings.shape[0] - _FIRST) // 2
    if getattr(model.optimizer, "momentum", 0.0):
        model.optimizer.momentum = TracedNumber(settings[0])
    for layer in model.layers:
        for place in menus.PENALTY_PLACES:
            penalty = getattr(layer, f"{place}_regularizer", None)
            if penalty is not None:
                penalty.l1 = TracedNumber(settings[1]) if penalty.l1 else 0.0
                penalty.l2 = TracedNumber(settings[2]) if penalty.l2 else 0.0
        if isinstance(layer, Dropout):
            layer.rate = settings[_FIRST + _hidden_layer_of(layer)]
        elif isinstance(layer, GaussianNoise):
            layer.stddev = settings[_FIRST + layers + _hidden_layer_of(layer)]


def _hidden_layer_of(layer: keras.layers.Layer) -> int:
    """Return 0 for "dropout_1", which follows the first hidden layer."""
    return int(layer.name.rpartition("_")[2]) - 1
