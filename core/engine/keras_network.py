"""Keras objects for an experiment: model, optimizer, loss and metrics, and the targets as they take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.datasets.class_weights import class_weights
from core.engine.keras_internals import Dropout, GaussianNoise, TracedSeed
from core.experiment import LayerSpec, NetworkSpec, TrainingSpec, menus, output_units
from core.experiment.seeds import layer_seed, noise_seed
from core.trained.network import output_activation

ACTIVATIONS: Mapping[str, str | Callable[..., Any]] = {
    **{name: name for name in menus.ACTIVATIONS},
    "sine": keras.ops.sin,
}
INITIALIZERS: Mapping[str, Callable[[int | keras.random.SeedGenerator], keras.initializers.Initializer]] = {
    "glorot_uniform": keras.initializers.GlorotUniform,
    "glorot_normal": keras.initializers.GlorotNormal,
    "he_uniform": keras.initializers.HeUniform,
    "he_normal": keras.initializers.HeNormal,
    "lecun_uniform": keras.initializers.LecunUniform,
    "lecun_normal": keras.initializers.LecunNormal,
    "uniform": lambda seed: keras.initializers.RandomUniform(-0.05, 0.05, seed),
    "normal": lambda seed: keras.initializers.RandomNormal(0.0, 0.05, seed),
    "zeros": lambda seed: keras.initializers.Zeros(),
    "too_large": lambda seed: keras.initializers.RandomNormal(0.0, 10.0, seed),
}
OPTIMIZERS: Mapping[str, type[keras.optimizers.Optimizer]] = {
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "adamax": keras.optimizers.Adamax,
    "nadam": keras.optimizers.Nadam,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "adafactor": keras.optimizers.Adafactor,
    "lion": keras.optimizers.Lion,
    "lamb": keras.optimizers.Lamb,
    "muon": keras.optimizers.Muon,
}
# Keras's names for settings where ours are different.
_LOST = 1e-6  # of a sum of squares in float32: smaller parts are rounding errors
_KERAS_NAMES = {"accumulator": "initial_accumulator_value"}
_CLIPS = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}


def build_network(
    network: NetworkSpec,
    features: int,
    classes: int,
    seed: int,
    loss: str = "crossentropy",
    dense: type[keras.layers.Dense] = keras.layers.Dense,
) -> keras.Model:
    """Build the network: for every hidden layer Dense, normalization, activation, noise and Dropout, and the output.

    Two classes have one sigmoid output unit, more classes one softmax unit each. Regression (0 classes) has one
    linear unit. The hinge loss takes scores, so its output units are linear. Kernels start from seeds derived from
    `seed`, biases at zero.

    Args:
        dense: the class of the dense layers.

    Returns:
        A built, uncompiled model from (rows, features) float32 to (rows, 1) or (rows, classes).
    """
    model = keras.Sequential(name="network")
    model.add(keras.Input((features,), name="inputs"))
    for place, (layer, dropout) in enumerate(zip(network.layers, network.dropouts, strict=True)):
        for part in _hidden_parts(network, layer, dropout, place, seed, dense):
            model.add(part)
    last = output_activation(classes, loss)
    place = len(network.layers)
    model.add(_dense(dense, network, output_units(classes), last, place, seed, name="output"))
    return model


def _hidden_parts(
    network: NetworkSpec,
    layer: LayerSpec,
    dropout: float,
    place: int,
    seed: int,
    dense: type[keras.layers.Dense],
) -> list[keras.layers.Layer]:
    number = place + 1
    activation = ACTIVATIONS[layer.activation]
    if layer.normalization == "none":
        parts = [_dense(dense, network, layer.units, activation, place, seed, name=f"hidden_{number}")]
    else:
        normalize = {"batch": keras.layers.BatchNormalization, "layer": keras.layers.LayerNormalization}
        on_activity = _penalty(network, "activity")
        parts = [
            _dense(dense, network, layer.units, None, place, seed, name=f"hidden_{number}"),
            normalize[layer.normalization](name=f"normalization_{number}"),
            keras.layers.Activation(activation, name=f"activation_{number}", activity_regularizer=on_activity),
        ]
    if layer.noise:
        first = noise_seed(seed, place)
        parts.append(GaussianNoise(layer.noise, seed=first, name=f"noise_{number}"))
    if dropout:
        parts.append(Dropout(dropout, seed=layer_seed(seed, place), name=f"dropout_{number}"))
    return parts


def _dense(
    dense: type[keras.layers.Dense],
    network: NetworkSpec,
    units: int,
    activation: str | Callable[..., Any] | None,
    place: int,
    seed: int,
    name: str,
) -> keras.layers.Dense:
    return dense(
        units,
        activation,
        kernel_initializer=INITIALIZERS[network.initializer](layer_seed(seed, place)),
        kernel_regularizer=_penalty(network, "kernel"),
        bias_regularizer=_penalty(network, "bias"),
        # With a normalization the penalty is on the output of the activation layer, which comes after it.
        activity_regularizer=_penalty(network, "activity") if activation is not None else None,
        kernel_constraint=keras.constraints.MaxNorm(network.max_norm) if network.max_norm else None,
        name=name,
    )


def _penalty(network: NetworkSpec, place: str) -> keras.regularizers.L1L2 | None:
    l1 = network.l1 if place in network.l1_on else 0.0
    l2 = network.l2 if place in network.l2_on else 0.0
    return keras.regularizers.L1L2(l1, l2) if l1 or l2 else None


def first_seeds(model: keras.Model, seed: int) -> np.ndarray:
    """Return the seeds of all kernels, then of dropout and noise layers, for a run's seed: int64 (seeds,)."""
    kernels, drawing = _kernels(model), _drawing_layers(model)
    seeds = [layer_seed(seed, place) for place in range(len(kernels))]
    for layer in drawing:
        place = int(layer.name.rpartition("_")[2]) - 1
        seeds.append((noise_seed if isinstance(layer, GaussianNoise) else layer_seed)(seed, place))
    return np.array(seeds, np.int64)


def seeded_values(
    model: keras.Model, initializer: str, seeds: np.ndarray | tf.Tensor, shapes: Mapping[str, Sequence[int]]
) -> dict[str, tf.Tensor]:
    """Return the initial values of the variables that depend on seeds, by the variable's path. Can be traced.

    Args:
        initializer: a name in `INITIALIZERS`.
        seeds: `first_seeds`.
        shapes: of the kernels, by path, where they are other than the model's own.
    """
    kernels = _kernels(model)
    drawing = [layer.seed_generator.state for layer in _drawing_layers(model)]
    own = [TracedSeed(seed) for seed in tf.unstack(tf.convert_to_tensor(seeds), len(kernels) + len(drawing))]
    values = {
        kernel.path: tf.convert_to_tensor(INITIALIZERS[initializer](seed)(shapes.get(kernel.path, kernel.shape)))
        for kernel, seed in zip(kernels, own, strict=False)
    }
    return values | {state.path: seed.next() for state, seed in zip(drawing, own[len(kernels) :], strict=True)}


def _kernels(model: keras.Model) -> list[keras.Variable]:
    return [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Dense)]


def _drawing_layers(model: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in model.layers if isinstance(layer, Dropout | GaussianNoise)]


def weights_by_name(model: keras.Model, values: Sequence[tf.Tensor | np.ndarray]) -> dict[str, np.ndarray]:
    """Return weights by names such as "hidden_1/kernel", as `TrainedNetwork` takes them.

    Args:
        values: of the trainable variables, then of the model's other variables.
    """
    variables = [*model.trainable_variables, *model.non_trainable_variables]
    prefix = f"{model.name}/"
    pairs = zip(variables, values, strict=True)
    # The seeds of dropout and noise are variables too, but their paths do not start with the model's name.
    return {
        variable.path.removeprefix(prefix): np.asarray(value)
        for variable, value in pairs
        if variable.path.startswith(prefix)
    }


def load_weights(model: keras.Model, weights: Mapping[str, np.ndarray]) -> None:
    """Assign weights to a model, by the names of `weights_by_name`."""
    for variable in model.weights:
        name = variable.path.removeprefix(f"{model.name}/")
        if name != variable.path:  # not so for the seeds of dropout and noise
            variable.assign(weights[name])


def compile_network(
    model: keras.Model,
    training: TrainingSpec,
    classes: int,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
) -> None:
    """Compile a model: optimizer, loss and metrics (accuracy; for regression mean absolute error and R²)."""
    model.compile(
        optimizer=make_optimizer(training, learning_rate),
        loss=make_loss(training, classes),
        metrics=make_metrics(training, classes),
    )


def make_optimizer(
    training: TrainingSpec, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """Return Keras's optimizer with its settings."""
    return OPTIMIZERS[training.optimizer](learning_rate=learning_rate, **optimizer_settings(training))


def optimizer_settings(training: TrainingSpec) -> dict[str, Any]:
    """Return the keyword arguments of Keras's optimizer without its learning rate, gradient clipping included."""
    names = menus.OPTIMIZERS[training.optimizer].settings
    settings = {_KERAS_NAMES.get(name, name): getattr(training, name) for name in names}
    if training.optimizer == "muon":
        settings["adam_weight_decay"] = settings["weight_decay"]  # Muon trains biases with Adam
    elif not settings["weight_decay"] and training.optimizer != "adamw":  # its decay cannot be None
        del settings["weight_decay"]
    if training.clip != "none":
        settings[_CLIPS[training.clip]] = training.clip_at
    return settings


def make_loss(training: TrainingSpec, classes: int) -> keras.losses.Loss:
    """Return Keras's loss of targets as `encode_targets` returns them; 0 classes mean regression."""
    two = classes == 2
    smoothing = training.label_smoothing
    if training.loss == "crossentropy":
        kind = keras.losses.BinaryCrossentropy if two else keras.losses.CategoricalCrossentropy
        return kind(label_smoothing=smoothing)
    if training.loss == "focal":
        kind = keras.losses.BinaryFocalCrossentropy if two else keras.losses.CategoricalFocalCrossentropy
        return kind(gamma=training.gamma, label_smoothing=smoothing)
    if training.loss == "hinge":
        return keras.losses.Hinge() if two else keras.losses.CategoricalHinge()
    if training.loss == "huber":
        return keras.losses.Huber(training.delta)
    return keras.losses.MeanAbsoluteError() if training.loss == "absolute_error" else keras.losses.MeanSquaredError()


def make_metrics(training: TrainingSpec, classes: int) -> list[keras.metrics.Metric]:
    """Return Keras's metrics, by the names in `menus.HISTORY`."""
    if classes == 0:
        return [keras.metrics.MeanAbsoluteError(name="mae"), _R2Score(name="r2")]
    if classes == 2 and training.loss == "hinge":  # a score above 0 means the second class
        return [keras.metrics.MeanMetricWrapper(_sign_accuracy, name="accuracy")]
    kind = keras.metrics.BinaryAccuracy if classes == 2 else keras.metrics.CategoricalAccuracy
    return [kind(name="accuracy")]


class _R2Score(keras.metrics.R2Score):
    """Keras's R², but 0 for targets whose differences are lost in float32, where Keras's may be far above 1."""

    def result(self) -> tf.Tensor:
        score = super().result()
        total = keras.ops.sum(self.squared_sum - self.sum * (self.sum / self.count))
        known = total > _LOST * keras.ops.sum(self.squared_sum)
        return keras.ops.where(keras.ops.logical_or(known, keras.ops.isnan(score)), score, 0.0)


def _sign_accuracy(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    return keras.ops.mean(keras.ops.cast(keras.ops.equal(y_true > 0.5, y_pred > 0.0), "float32"), axis=-1)


def encode_targets(targets: np.ndarray, split: Split) -> np.ndarray:
    """Return targets (rows,) as the loss takes them, float32.

    Two classes: 0 or 1, (rows, 1). More classes: one-hot, (rows, classes). Regression: scaled, (rows, 1).
    """
    if split.classes == 0:
        return split.scale_target(targets)[:, None]
    if split.classes == 2:
        return targets.astype(np.float32)[:, None]
    return np.eye(split.classes, dtype=np.float32)[targets]


def row_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return the weight of every row so that all classes count the same: float32 (rows,)."""
    weights: np.ndarray = class_weights(labels, classes)[labels].astype(np.float32)
    return weights


def summary_text(network: NetworkSpec, features: int, classes: int, loss: str) -> str:
    """Return what Keras's `model.summary()` prints for the network."""
    lines: list[str] = []
    model = build_network(network, features, classes, seed=0, loss=loss)
    model.summary(print_fn=lines.append, line_length=72)
    return "\n".join(lines)
