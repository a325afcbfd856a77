"""From choices to Keras objects: the model, its optimizer and loss, and encoded labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.experiment import NetworkSpec, TrainingSpec, output_units

# Keras's own optimizers; what a person cannot set keeps Keras's default.
OPTIMIZERS: Mapping[str, Callable[[float], keras.optimizers.Optimizer]] = {
    "sgd": lambda rate: keras.optimizers.SGD(rate),
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
    "rmsprop": lambda rate: keras.optimizers.RMSprop(rate),
    "adam": lambda rate: keras.optimizers.Adam(rate),
    "adamw": lambda rate: keras.optimizers.AdamW(rate),
    "adagrad": lambda rate: keras.optimizers.Adagrad(rate),
    "nadam": lambda rate: keras.optimizers.Nadam(rate),
}


class Dropout(keras.layers.Dropout):
    """Keras's own, drawing the very same numbers, with the generator named.

    Keras leaves the choice of generator to TensorFlow. It chooses Philox, but the compiler then makes the key
    anew for every single number, and an epoch of the recipe `spiral` takes 46 ms instead of 6.
    """

    __module__ = "keras.layers"  # so that a saved network holds, and loads as, Keras's own

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not training:
            return inputs
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        return tf.nn.experimental.stateless_dropout(inputs, self.rate, seed, rng_alg="philox")


def build_network(network: NetworkSpec, features: int, classes: int, seed: int) -> keras.Model:
    """Build the network: Dense hidden layers, each followed by Dropout where asked, and the output.

    Two classes give one sigmoid unit, more give one softmax unit a class. Kernels start by Glorot's
    uniform rule (Keras's default) from seeds derived from `seed`, biases at zero.

    Returns:
        A built, uncompiled model from (rows, features) float32 to (rows, 1) or (rows, classes).
    """
    places = network.l2_on if network.l2 else ()
    penalties = {
        f"{place}_regularizer": keras.regularizers.L2(network.l2) if place in places else None
        for place in ("kernel", "bias", "activity")
    }
    outputs = output_units(classes)
    last = "sigmoid" if outputs == 1 else "softmax"
    sizes = [(layer.units, layer.activation) for layer in network.layers] + [(outputs, last)]
    model = keras.Sequential(name="network")
    model.add(keras.Input((features,), name="inputs"))
    for place, (units, activation) in enumerate(sizes):
        hidden = place < len(network.layers)
        model.add(
            keras.layers.Dense(
                units,
                activation,
                kernel_initializer=keras.initializers.GlorotUniform(layer_seed(seed, place)),
                name=f"hidden_{place + 1}" if hidden else "output",
                **penalties,
            )
        )
        if hidden and network.dropout:
            rate, first = network.dropout, layer_seed(seed, place)
            model.add(Dropout(rate, seed=first, name=f"dropout_{place + 1}"))
    return model


def first_values(model: keras.Model, seed: int) -> list[Any]:
    """Return the values a network built with `seed` starts from, without building it again.

    In the order of `model.trainable_variables`, then of `model.non_trainable_variables`.
    """
    trainable, others = [], []
    for layer in model.layers:
        first = layer_seed(seed, _place(layer, model))
        if isinstance(layer, keras.layers.Dense):
            trainable.append(keras.initializers.GlorotUniform(first)(layer.kernel.shape))
            trainable.append(keras.ops.zeros(layer.bias.shape))
        else:
            others.append(keras.random.SeedGenerator(first).state.value)
    return trainable + others


def _place(layer: keras.layers.Layer, model: keras.Model) -> int:
    """Return which Dense layer this is (0 is the first), or stands before this Dropout."""
    dense = [other for other in model.layers if isinstance(other, keras.layers.Dense)]
    return dense.index(layer) if layer in dense else int(layer.name.removeprefix("dropout_")) - 1


def compile_network(model: keras.Model, training: TrainingSpec, classes: int) -> None:
    """Give a model its optimizer, its cross-entropy (binary or categorical) and accuracy."""
    model.compile(
        optimizer=OPTIMIZERS[training.optimizer](training.learning_rate),
        loss="binary_crossentropy" if classes == 2 else "categorical_crossentropy",
        metrics=["accuracy"],
    )


def layer_seed(seed: int, place: int) -> int:
    """Return the seed of the layer at `place` (0 is the first hidden layer): far apart for near seeds."""
    return int(np.random.SeedSequence([seed, place]).generate_state(1)[0] % (2**31 - 1))


def encode_labels(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return labels int (rows,) as the loss wants them: float32 (rows, 1), or one-hot (rows, classes)."""
    if classes == 2:
        return labels.astype(np.float32)[:, None]
    return np.eye(classes, dtype=np.float32)[labels]


def summary_text(network: NetworkSpec, features: int, classes: int) -> str:
    """Return what Keras's own `model.summary()` prints for the network."""
    lines: list[str] = []
    build_network(network, features, classes, seed=0).summary(print_fn=lines.append, line_length=72)
    return "\n".join(lines)
