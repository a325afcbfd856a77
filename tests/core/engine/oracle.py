"""Keras used as its documentation says, by hand: what our programs are held to."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from core.datasets import Split
from core.experiment import Experiment, TrainingSpec

METRICS = {
    "classes": ("loss", "accuracy", "val_loss", "val_accuracy"),
    "numbers": ("loss", "mae", "r2", "val_loss", "val_mae", "val_r2"),
}
_ADAM = ("beta_1", "beta_2", "epsilon", "weight_decay")
# Keras's class, and which of its settings ours are.
OPTIMIZERS: dict[str, tuple[type[keras.optimizers.Optimizer], Sequence[str]]] = {
    "sgd": (keras.optimizers.SGD, ("momentum", "nesterov", "weight_decay")),
    "rmsprop": (keras.optimizers.RMSprop, ("momentum", "rho", "centered", "epsilon", "weight_decay")),
    "adam": (keras.optimizers.Adam, (*_ADAM, "amsgrad")),
    "adamw": (keras.optimizers.AdamW, (*_ADAM, "amsgrad")),
    "adamax": (keras.optimizers.Adamax, _ADAM),
    "nadam": (keras.optimizers.Nadam, _ADAM),
    "adagrad": (keras.optimizers.Adagrad, ("epsilon", "weight_decay")),
    "adadelta": (keras.optimizers.Adadelta, ("rho", "epsilon", "weight_decay")),
    "adafactor": (keras.optimizers.Adafactor, ("weight_decay",)),
    "lion": (keras.optimizers.Lion, ("beta_1", "beta_2", "weight_decay")),
    "lamb": (keras.optimizers.Lamb, _ADAM),
    "muon": (keras.optimizers.Muon, ("momentum", "nesterov", "weight_decay")),
}
# (two classes, more classes); labels are 0 and 1, and one-hot.
CLASS_LOSSES: dict[str, Callable[[TrainingSpec], tuple[keras.losses.Loss, keras.losses.Loss]]] = {
    "crossentropy": lambda training: (
        keras.losses.BinaryCrossentropy(label_smoothing=training.label_smoothing),
        keras.losses.CategoricalCrossentropy(label_smoothing=training.label_smoothing),
    ),
    "focal": lambda training: (
        keras.losses.BinaryFocalCrossentropy(gamma=training.gamma, label_smoothing=training.label_smoothing),
        keras.losses.CategoricalFocalCrossentropy(gamma=training.gamma, label_smoothing=training.label_smoothing),
    ),
    "hinge": lambda training: (keras.losses.Hinge(), keras.losses.CategoricalHinge()),
    "squared_error": lambda training: (keras.losses.MeanSquaredError(), keras.losses.MeanSquaredError()),
}
NUMBER_LOSSES: dict[str, Callable[[TrainingSpec], keras.losses.Loss]] = {
    "squared_error": lambda training: keras.losses.MeanSquaredError(),
    "absolute_error": lambda training: keras.losses.MeanAbsoluteError(),
    "huber": lambda training: keras.losses.Huber(delta=training.delta),
}


def keras_optimizer(
    training: TrainingSpec, rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    kind, names = OPTIMIZERS[training.optimizer]
    settings: dict[str, Any] = {name: getattr(training, name) for name in names}
    if training.optimizer == "adagrad":
        settings["initial_accumulator_value"] = training.accumulator
    if training.optimizer == "muon":
        settings["adam_weight_decay"] = training.weight_decay
    if training.clip == "value":
        settings["clipvalue"] = training.clip_at
    if training.clip == "norm":
        settings["clipnorm"] = training.clip_at
    if training.clip == "global_norm":
        settings["global_clipnorm"] = training.clip_at
    return kind(rate, **settings)


def keras_model(
    experiment: Experiment,
    split: Split,
    rate: float | keras.optimizers.schedules.LearningRateSchedule | None = None,
) -> keras.Model:
    """Return the network of an experiment without noise, compiled; its weights are of any seed."""
    network, training, classes = experiment.network, experiment.training, split.classes

    def penalty(place: str) -> keras.regularizers.Regularizer | None:
        here = {
            "l1": network.l1 if place in network.l1_on else 0.0,
            "l2": network.l2 if place in network.l2_on else 0.0,
        }
        return keras.regularizers.L1L2(**here) if any(here.values()) else None

    def dense(units: int, activation: Any, on_activity: keras.regularizers.Regularizer | None) -> keras.layers.Dense:
        return keras.layers.Dense(
            units,
            activation=activation,
            kernel_regularizer=penalty("kernel"),
            bias_regularizer=penalty("bias"),
            activity_regularizer=on_activity,
            kernel_constraint=keras.constraints.MaxNorm(network.max_norm) if network.max_norm else None,
        )

    model = keras.Sequential([keras.Input((split.inputs,))])
    for layer in network.layers:
        activation = keras.ops.sin if layer.activation == "sine" else layer.activation
        if layer.normalization == "none":
            model.add(dense(layer.units, activation, penalty("activity")))
        else:
            model.add(dense(layer.units, None, None))
            batch = layer.normalization == "batch"
            model.add(keras.layers.BatchNormalization() if batch else keras.layers.LayerNormalization())
            model.add(keras.layers.Activation(activation, activity_regularizer=penalty("activity")))
        rate_here = network.dropout if layer.dropout is None else layer.dropout
        if layer.noise:
            model.add(keras.layers.GaussianNoise(layer.noise))
        if rate_here:
            model.add(keras.layers.Dropout(rate_here))
    last = "linear" if classes == 0 or training.loss == "hinge" else "sigmoid" if classes == 2 else "softmax"
    model.add(dense(1 if classes in (0, 2) else classes, last, penalty("activity")))

    metrics: list[Any] = ["accuracy"]
    loss: keras.losses.Loss
    if classes == 0:
        loss = NUMBER_LOSSES[training.loss](training)
        metrics = [keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.R2Score(name="r2")]
    else:
        loss = CLASS_LOSSES[training.loss](training)[classes > 2]
        if training.loss == "hinge" and classes == 2:
            metrics = [keras.metrics.MeanMetricWrapper(_accuracy_of_scores, name="accuracy")]
    model.compile(
        optimizer=keras_optimizer(training, training.learning_rate if rate is None else rate),
        loss=loss,
        metrics=metrics,
        run_eagerly=True,  # for so few steps quicker than tracing them, and what is set between epochs counts
    )
    return model


def _accuracy_of_scores(y_true: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
    return keras.metrics.binary_accuracy(y_true, keras.ops.sigmoid(scores), threshold=0.5)


def keras_targets(y: np.ndarray, split: Split) -> np.ndarray:
    """Return targets as the losses above want them."""
    if split.classes == 0:
        return ((y - split.target_offset) * split.target_factor).reshape(-1, 1)
    return y.reshape(-1, 1) if split.classes == 2 else keras.utils.to_categorical(y, split.classes)


def set_state(model: keras.Model, values: Sequence[tf.Tensor | np.ndarray]) -> None:
    """Give a model weights and dropout seeds, which come first in what a program's `values` says."""
    for variable, value in zip([*model.trainable_variables, *model.non_trainable_variables], values, strict=False):
        variable.assign(value)


def keras_fit(
    model: keras.Model,
    experiment: Experiment,
    split: Split,
    orders: Iterable[np.ndarray],
    before_epoch: Callable[[int], None] = lambda epoch: None,
) -> np.ndarray:
    """Fit one epoch an order of rows; returns the history, (epochs, columns of METRICS).

    Args:
        before_epoch: called with the number of every epoch (0 is the first) to set what changes there.
    """
    training = experiment.training
    weights = None
    if training.class_weight == "balanced":
        classes = np.arange(split.classes)
        balanced = compute_class_weight("balanced", classes=classes, y=split.y_train)
        weights = dict(zip(classes.tolist(), balanced.tolist(), strict=True))
    rows = []
    for epoch, order in enumerate(orders):
        before_epoch(epoch)
        history = model.fit(
            split.x_train[order],
            keras_targets(split.y_train[order], split),
            batch_size=training.batch_size,
            epochs=1,
            shuffle=False,
            class_weight=weights,
            validation_data=(split.x_val, keras_targets(split.y_val, split)),
            verbose=0,
        ).history
        rows.append([history[name][0] for name in METRICS[split.task]])
    return np.array(rows)
