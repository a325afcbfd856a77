"""A step that was made, as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import keras
import numpy as np
import tensorflow as tf

from core.analysis.layer_health import DEAD, are_idle, idle_kind
from core.analysis.one_step import (
    Broken,
    Curve,
    ExplainedStep,
    LayerStep,
    Spread,
    StepLoss,
    TensorStep,
)
from core.engine.keras_internals import optimizer_memory
from core.engine.one_step import Forward, LayerTensors, MadeStep, pass_forward
from core.engine.program import BUILD_LOCK
from core.engine.steps import Steps, Values
from core.experiment import Experiment
from core.trained.network import output_activation

SHOWN_MOST = 32  # rows whose values travel
_BINS = 24
_CURVE_POINTS = 121
_CURVE_END = 4.0  # a curve reaches at least from here to the other side of 0


@dataclass(frozen=True)
class Moment:
    """When a step was explained; the fields are those of `ExplainedStep`."""

    epoch: int
    weights_epoch: int
    generation: int
    edits: int


def explained(
    made: MadeStep, experiment: Experiment, moment: Moment, asked: tuple[int, ...] | None, many: tf.Tensor
) -> ExplainedStep:
    """Return a step that was made as plain arrays.

    Args:
        many: float32 (rows, inputs), inputs of training rows, over which the units' values are counted.
    """
    steps, rows = made.program.steps, made.rows
    shown = min(SHOWN_MOST, len(rows.numbers))
    trained, others = len(steps.trainable), len(steps.trainable) + len(steps.non_trainable)
    with BUILD_LOCK:
        spread = pass_forward(steps.model, made.before[:trained], made.before[trained:others], many, training=False)
        layers = tuple(_layer_steps(made, experiment, spread, shown))
    memory, shared = _memory(steps, experiment, made.before[others:], made.after[others:])
    penalties = {place: sum(float(part) for part in found) for place, found in made.forward.penalties.items()}
    return ExplainedStep(
        experiment=experiment,
        epoch=moment.epoch,
        weights_epoch=moment.weights_epoch,
        generation=moment.generation,
        edits=moment.edits,
        asked=asked,
        rows=rows.numbers,
        shown=shown,
        targets=rows.targets[:shown].numpy(),
        rate=made.rate,
        count=int(made.before[others + _places(steps)[id(steps.optimizer.iterations)]]) + 1,
        optimizer=shared,
        layers=layers,
        loss=StepLoss(
            made.row_errors[:shown].numpy(),
            None if rows.weights is None else rows.weights[:shown].numpy(),
            float(made.error),
            penalties,
        ),
        tensors=dict(_tensor_steps(made, memory)),
        others=tuple(value.numpy() for value in made.before[trained:others]),
        broken=tuple(_broken(made)),
    )


# Layers


def _layer_steps(made: MadeStep, experiment: Experiment, spread: Forward, shown: int) -> Iterator[LayerStep]:
    structure = made.program.structure
    hidden = experiment.network.layers
    last = output_activation(structure.classes, structure.loss)
    names = [*((layer.activation, layer.normalization) for layer in hidden), (last, "none")]
    parts = zip(names, made.forward.layers, made.slopes, spread.layers, strict=True)
    for (activation, normalization), layer, (deltas, activated_slopes, output_slopes), many in parts:
        is_last = layer.name == "output"
        is_elementwise = activation != "softmax"
        counted = _spread(activation, many) if is_elementwise else None
        yield LayerStep(
            name=layer.name,
            activation=activation,
            normalization=normalization,
            inputs=layer.inputs[:shown].numpy(),
            sums=layer.sums[:shown].numpy(),
            normalized=_first(layer.normalized, shown),
            activated=layer.activated[:shown].numpy(),
            outputs=layer.outputs[:shown].numpy(),
            kept=_first(layer.kept, shown),
            noise=_first(layer.noise, shown),
            output_slopes=None if is_last else _first(output_slopes, shown),
            activated_slopes=_first(activated_slopes, shown),
            slopes=_slopes(layer, layer.fed[:shown])[1] if is_elementwise else None,
            deltas=np.zeros((shown, layer.sums.shape[1]), np.float32) if deltas is None else deltas[:shown].numpy(),
            spread=counted,
            curve=None if counted is None else _curve(layer, counted, layer.fed[:shown].numpy()),
        )


def _first(values: tf.Tensor | None, count: int) -> np.ndarray | None:
    return None if values is None else values[:count].numpy()


def _slopes(layer: LayerTensors, fed: tf.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return f and f′ of a layer's activation, which takes each number by itself."""
    with tf.GradientTape() as tape:
        tape.watch(fed)
        values = layer.activation(fed)
    return values.numpy(), tape.gradient(values, fed, unconnected_gradients=tf.UnconnectedGradients.ZERO).numpy()


def _spread(activation: str, layer: LayerTensors) -> Spread:
    fed, activated = layer.fed.numpy(), layer.activated.numpy()
    is_finite = np.isfinite(fed)
    low = np.where(is_finite, fed, np.inf).min(axis=0)
    high = np.where(is_finite, fed, -np.inf).max(axis=0)
    is_known = low <= high
    low, high = np.where(is_known, low, 0.0), np.where(is_known, high, 0.0)
    width = np.maximum(high - low, 1e-6)
    units = fed.shape[1]
    places = np.clip(np.where(is_finite, (fed - low) / width, 0.0) * _BINS, 0, _BINS - 1).astype(np.int64)
    flat = (places + np.arange(units) * _BINS)[is_finite]
    idle, kind = are_idle(activation, activated), idle_kind(activation)
    none = np.zeros(units, bool)
    return Spread(
        low=low.astype(np.float32),
        high=high.astype(np.float32),
        counts=np.bincount(flat, minlength=units * _BINS).reshape(units, _BINS),
        rows=len(fed),
        dead=idle if kind == DEAD else none,
        saturated=idle if kind not in (None, DEAD) else none,
    )


def _curve(layer: LayerTensors, spread: Spread, fed: np.ndarray) -> Curve:
    ends = [values for values in (spread.low, spread.high, fed[np.isfinite(fed)]) if values.size]
    low = min(-_CURVE_END, *(float(values.min()) for values in ends))
    high = max(_CURVE_END, *(float(values.max()) for values in ends))
    at = np.linspace(low, high, _CURVE_POINTS, dtype=np.float32)
    return Curve(at, *_slopes(layer, tf.constant(at)))


# Weights and the optimizer's memory


def _memory(
    steps: Steps, experiment: Experiment, before: Values, after: Values
) -> tuple[dict[str, list[tuple[np.ndarray, np.ndarray] | None]], dict[str, tuple[float, float]]]:
    """Return what the optimizer remembers of every trainable variable, by its label, and what it remembers once."""
    own, shared = optimizer_memory(steps.optimizer, experiment.training.optimizer)
    places = _places(steps)

    def at(variables: Sequence[keras.Variable | None], values: Values) -> list[np.ndarray | None]:
        found = [None if one is None or id(one) not in places else values[places[id(one)]] for one in variables]
        if len(found) == len(steps.trainable):  # one for each weight: nothing is packed
            return [None if one is None else one.numpy() for one in found]
        return [one.numpy() for one in steps.packing.unpack(found)]

    memory = {
        label: [
            None if was is None or now is None else (was, now)
            for was, now in zip(at(variables, before), at(variables, after), strict=True)
        ]
        for label, variables in own.items()
    }
    once = {
        label: (float(before[places[id(variable)]]), float(after[places[id(variable)]]))
        for label, variable in shared.items()
    }
    return memory, once


def _places(steps: Steps) -> dict[int, int]:
    """Return the place of each of the optimizer's variables, by its id."""
    return {id(variable): place for place, variable in enumerate(steps.optimizer_variables)}


def _tensor_steps(
    made: MadeStep, memory: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray] | None]]
) -> Iterator[tuple[str, TensorStep]]:
    steps = made.program.steps
    prefix = f"{steps.model.name}/"

    def at(values: Values | None, place: int) -> np.ndarray | None:
        return None if values is None else values[place].numpy()

    for place, variable in enumerate(steps.trainable):
        name, before = variable.path.removeprefix(prefix), made.before[place].numpy()
        decayed = at(made.decayed, place)
        remembered = {label: found for label, values in memory.items() if (found := values[place]) is not None}
        yield (
            name,
            TensorStep(
                name=name,
                before=before,
                after=made.after[place].numpy(),
                error_gradient=made.error_gradients[place].numpy(),
                penalty_gradient=at(made.penalty_gradients, place),
                gradient=made.gradients[place].numpy(),
                clipped=at(made.clipped, place),
                decay=None if decayed is None else decayed - before,
                free=at(made.free, place),
                held=at(made.held, place),
                memory=remembered,
                idle=variable.path in steps.idle_biases,
            ),
        )


# Where it breaks


def _broken(made: MadeStep) -> Iterator[Broken]:
    """Yield where NaN or infinity appears first in each stage."""
    steps = made.program.steps
    names = [variable.path.split("/")[1] for variable in steps.trainable]
    layers = made.forward.layers
    deltas = [(layer.name, slopes[0]) for layer, slopes in zip(layers, made.slopes, strict=True)]
    values = chain.from_iterable(((layer.name, layer.sums), (layer.name, layer.outputs)) for layer in layers)
    stages = {
        "weights": list(zip(names, made.before, strict=False)),
        "forward": list(values),
        "loss": [("", made.error)],
        "backward": deltas[::-1],
        "update": list(zip(names, made.after, strict=False)),
    }
    for stage, found in stages.items():
        name = next((name for name, tensor in found if tensor is not None and not _is_finite(tensor)), None)
        if name is not None:
            yield Broken(stage, name)


def _is_finite(tensor: tf.Tensor) -> bool:
    return bool(tf.reduce_all(tf.math.is_finite(tensor)))
