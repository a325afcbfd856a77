"""Code that builds, compiles and trains an experiment's network with Keras."""

from __future__ import annotations

from collections.abc import Iterator

from core.experiment import Experiment, LayerSpec, NetworkSpec, TrainingSpec, menus, output_units
from core.experiment.seeds import layer_seed, noise_seed
from core.export.data_code import Parts
from core.export.python_text import Call, Expression, Items, assign, call, items, literal, open_call, statement
from core.trained.network import output_activation

_INITIALIZERS = {
    "glorot_uniform": "GlorotUniform",
    "glorot_normal": "GlorotNormal",
    "he_uniform": "HeUniform",
    "he_normal": "HeNormal",
    "lecun_uniform": "LecunUniform",
    "lecun_normal": "LecunNormal",
    "uniform": "RandomUniform",
    "normal": "RandomNormal",
    "zeros": "Zeros",
    "too_large": "RandomNormal",
}
_OPTIMIZERS = {
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "adamax": "Adamax",
    "nadam": "Nadam",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "adafactor": "Adafactor",
    "lion": "Lion",
    "lamb": "Lamb",
    "muon": "Muon",
}
_KERAS_NAMES = {"accumulator": "initial_accumulator_value"}
_CLIPS = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}
_KERAS_BATCH = 32  # the default of `fit`

_ONE_CYCLE = """class OneCycle(LearningRateSchedule):
    def __call__(self, step):
        def anneal(first, last, share):
            return last + (first - last) * 0.5 * (1 + keras.ops.cos(np.pi * share))

        share = keras.ops.minimum(keras.ops.cast(step, "float32") / steps, 1.0)
        rising = anneal(1 / 25, 1.0, share / rise)
        falling = anneal(1.0, 1 / 250_000, (share - rise) / (1 - rise))
        return rate * keras.ops.where(share < rise, rising, falling)"""
_STOP_AT = """class StopAtTarget(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs["{score}"] >= {target!r}:
            self.model.stop_training = True"""


def network_lines(experiment: Experiment, classes: int, parts: Parts) -> Iterator[str]:
    """Yield the code that builds `model`."""
    network, training = experiment.network, experiment.training
    layers: list[Expression] = [call("keras.Input", f"x{parts.train}.shape[1:]")]
    for place, (layer, dropout) in enumerate(zip(network.layers, network.dropouts, strict=True)):
        layers += _hidden_layers(network, layer, dropout, place, training.seed)
    last = literal(output_activation(classes, str(training.loss)))
    layers.append(_dense(network, output_units(classes), last, len(network.layers), training.seed))
    yield assign("model", call("keras.Sequential", items(layers, open=True)))
    yield "model.summary()"


def training_lines(experiment: Experiment, classes: int, parts: Parts) -> Iterator[str]:
    """Yield the code that compiles and trains `model` and keeps the `history`."""
    training = experiment.training
    train = parts.train
    if training.class_weight == "balanced":
        yield f"weights = len(y{train}) / ({classes} * np.bincount(y{train}))"
    if _is_one_hot(training, classes):
        yield from (f"y{part} = keras.utils.to_categorical(y{part}, {classes})" for part in parts.all)
    yield from _schedule_lines(training, parts)
    compiling = open_call(
        "model.compile",
        optimizer=_optimizer(training),
        loss=_loss(training, classes),
        metrics=_metrics(training, classes),
    )
    yield statement(compiling)
    if training.target:
        score = "val_accuracy" if classes else "val_r2_score"
        yield f"\n\n{_STOP_AT.format(score=score, target=training.target)}\n\n"
    callbacks = _callbacks(training)
    yield f"keras.utils.set_random_seed({training.seed})"
    fitting = open_call(
        "model.fit",
        f"x{train}",
        f"y{train}",
        batch_size=repr(training.batch_size) if training.batch_size != _KERAS_BATCH else None,
        epochs=repr(training.epochs),
        validation_data=f"(x{parts.validation}, y{parts.validation})",
        class_weight="dict(enumerate(weights))" if training.class_weight == "balanced" else None,
        callbacks=items(callbacks) if callbacks else None,
    )
    yield assign("history", fitting)


def _hidden_layers(
    network: NetworkSpec, layer: LayerSpec, dropout: float, place: int, seed: int
) -> Iterator[Expression]:
    activation = "keras.ops.sin" if layer.activation == "sine" else literal(layer.activation)
    if layer.normalization == "none":
        yield _dense(network, layer.units, activation, place, seed)
    else:
        yield _dense(network, layer.units, None, place, seed)
        yield call({"batch": "layers.BatchNormalization", "layer": "layers.LayerNormalization"}[layer.normalization])
        yield call("layers.Activation", activation, activity_regularizer=_penalty(network, "activity"))
    if layer.noise:
        yield call("layers.GaussianNoise", repr(layer.noise), seed=repr(noise_seed(seed, place)))
    if dropout:
        yield call("layers.Dropout", repr(dropout), seed=repr(layer_seed(seed, place)))


def _dense(network: NetworkSpec, units: int, activation: str | None, place: int, seed: int) -> Call:
    named = () if activation in (None, '"linear"') else (activation,)
    return call(
        "layers.Dense",
        repr(units),
        *named,
        kernel_initializer=_initializer(network.initializer, layer_seed(seed, place)),
        kernel_regularizer=_penalty(network, "kernel"),
        bias_regularizer=_penalty(network, "bias"),
        # With a normalization, the activity penalty belongs to the activation layer.
        activity_regularizer=_penalty(network, "activity") if activation is not None else None,
        kernel_constraint=call("MaxNorm", repr(network.max_norm)) if network.max_norm else None,
    )


def _initializer(name: str, seed: int) -> Call:
    if name == "zeros":
        return call("Zeros")
    deviation = "10.0" if name == "too_large" else None
    return call(_INITIALIZERS[name], stddev=deviation, seed=repr(seed))


def _penalty(network: NetworkSpec, place: str) -> Call | None:
    l1 = network.l1 if place in network.l1_on else 0.0
    l2 = network.l2 if place in network.l2_on else 0.0
    if l1 and l2:
        return call("L1L2", repr(l1), repr(l2))
    if l1 or l2:
        return call("L1" if l1 else "L2", repr(l1 or l2))
    return None


def _is_one_hot(training: TrainingSpec, classes: int) -> bool:
    """Return whether the loss needs one-hot classes; plain cross-entropy takes class numbers."""
    return classes > 2 and (training.loss != "crossentropy" or bool(training.label_smoothing))


def _optimizer(training: TrainingSpec) -> Call:
    settings: dict[str, Expression] = {}
    for name, setting in menus.OPTIMIZERS[training.optimizer].settings.items():
        value = getattr(training, name)
        if value != setting.default:  # which is Keras's own
            settings[_KERAS_NAMES.get(name, name)] = repr(value)
    if training.optimizer == "muon" and "weight_decay" in settings:
        settings["adam_weight_decay"] = settings["weight_decay"]  # for the biases, which Muon updates by Adam
    if training.clip != "none":
        settings[_CLIPS[training.clip]] = repr(training.clip_at)
    rate = repr(training.learning_rate) if training.schedule == "constant" else "schedule"
    return call(f"keras.optimizers.{_OPTIMIZERS[training.optimizer]}", learning_rate=rate, **settings)


def _schedule_lines(training: TrainingSpec, parts: Parts) -> Iterator[str]:
    """Yield the code that defines `schedule`, the learning rate by step."""
    if training.schedule == "constant":
        return
    yield f"steps_an_epoch = -(-len(x{parts.train}) // {training.batch_size})"
    rate, epochs = repr(training.learning_rate), training.epochs
    if training.schedule == "one_cycle":
        yield f"steps = {epochs} * steps_an_epoch"
        yield f"rate, rise = {rate}, {training.rise!r}"
        yield f"\n\n{_ONE_CYCLE}\n\n"
        yield "schedule = OneCycle()"
        return
    if training.schedule in ("step", "exponential"):
        every = f"{training.every} * steps_an_epoch"
        stairs = "True" if training.schedule == "step" else None
        decay = call("ExponentialDecay", rate, decay_steps=every, decay_rate=repr(training.factor), staircase=stairs)
        yield assign("schedule", decay)
    elif training.schedule == "cosine":
        final = repr(training.final) if training.final else None
        yield assign("schedule", call("CosineDecay", rate, decay_steps=f"{epochs} * steps_an_epoch", alpha=final))
    else:
        rise = f"{training.warm_up} * steps_an_epoch"
        yield assign("schedule", call("PolynomialDecay", "0.0", decay_steps=rise, end_learning_rate=rate))


def _loss(training: TrainingSpec, classes: int) -> Expression:
    two = classes == 2
    smoothing = repr(training.label_smoothing) if training.label_smoothing else None
    if training.loss == "crossentropy":
        if smoothing is None:
            return '"binary_crossentropy"' if two else '"sparse_categorical_crossentropy"'
        kind = "BinaryCrossentropy" if two else "CategoricalCrossentropy"
        return call(f"keras.losses.{kind}", label_smoothing=smoothing)
    if training.loss == "focal":
        kind = "BinaryFocalCrossentropy" if two else "CategoricalFocalCrossentropy"
        gamma = repr(training.gamma) if training.gamma != menus.ALL_LOSSES["focal"].settings["gamma"].default else None
        return call(f"keras.losses.{kind}", gamma=gamma, label_smoothing=smoothing)
    if training.loss == "hinge":
        return '"hinge"' if two else '"categorical_hinge"'
    if training.loss == "huber":
        return call("keras.losses.Huber", repr(training.delta))
    return {"absolute_error": '"mean_absolute_error"', "squared_error": '"mean_squared_error"'}[str(training.loss)]


def _metrics(training: TrainingSpec, classes: int) -> Items:
    if classes == 0:
        return items(['"mae"', '"r2_score"'])
    if classes == 2 and training.loss == "hinge":  # a score above 0 means the second class
        return items([call("keras.metrics.BinaryAccuracy", name='"accuracy"', threshold="0.0")])
    return items(['"accuracy"'])


def _callbacks(training: TrainingSpec) -> list[Expression]:
    found: list[Expression] = []
    if training.patience:
        restore = "True" if training.restore_best else None
        stopping = call("keras.callbacks.EarlyStopping", patience=repr(training.patience), restore_best_weights=restore)
        found.append(stopping)
    if training.target:
        found.append(call("StopAtTarget"))
    return found
