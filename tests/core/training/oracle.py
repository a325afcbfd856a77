"""Keras used as its documentation says, by hand: what our programs are held to."""

from collections.abc import Callable, Iterable, Sequence

import keras
import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.experiment import Experiment

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
OPTIMIZERS: dict[str, Callable[..., keras.optimizers.Optimizer]] = {
    "sgd": keras.optimizers.SGD,
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "adagrad": keras.optimizers.Adagrad,
    "nadam": keras.optimizers.Nadam,
}


def keras_model(experiment: Experiment, features: int, classes: int) -> keras.Model:
    network, training = experiment.network, experiment.training

    def dense(units: int, activation: str) -> keras.layers.Dense:
        layer = keras.layers.Dense(units, activation=activation)
        if network.l2:
            for place in network.l2_on:
                setattr(layer, f"{place}_regularizer", keras.regularizers.L2(network.l2))
        return layer

    model = keras.Sequential([keras.Input((features,))])
    for layer in network.layers:
        model.add(dense(layer.units, layer.activation))
        if network.dropout:
            model.add(keras.layers.Dropout(network.dropout))
    model.add(dense(1, "sigmoid") if classes == 2 else dense(classes, "softmax"))
    model.compile(
        optimizer=OPTIMIZERS[training.optimizer](training.learning_rate),
        loss="binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        run_eagerly=True,  # for so few steps quicker than tracing them
    )
    return model


def set_state(model: keras.Model, state: Sequence[tf.Tensor]) -> None:
    """Give a model our weights and dropout seeds, which come first in a program's state."""
    for variable, value in zip([*model.trainable_variables, *model.non_trainable_variables], state, strict=False):
        variable.assign(value)


def keras_fit(
    model: keras.Model, split: Split, orders: Iterable[np.ndarray], batch_size: int, rates: Iterable[float] = ()
) -> np.ndarray:
    """Fit one epoch an order of rows (at its learning rate, where given); returns the history, (epochs, 4)."""
    rates = list(rates)
    rows = []
    for epoch, order in enumerate(orders):
        if rates:
            model.optimizer.learning_rate = rates[epoch]
        history = model.fit(
            split.x_train[order],
            split.y_train[order],
            batch_size=batch_size,
            epochs=1,
            shuffle=False,
            validation_data=(split.x_test, split.y_test),
            verbose=0,
        ).history
        rows.append([history[name][0] for name in METRICS])
    return np.array(rows)
