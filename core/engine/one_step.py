"""One step of training, with everything that was computed for it.

The step is `Steps.train`'s: the same layers, loss and optimizer, called without a compiler, layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.engine.fitted_program import FittedProgram
from core.engine.keras_internals import Dropout, GaussianNoise, clipped_gradients, decayed_weights
from core.engine.program import BUILD_LOCK, State
from core.engine.runtime_settings import held_unit_masks, held_weights, runtime_settings, use_settings
from core.engine.steps import Steps, Values
from core.engine.structure import RowTensors
from core.experiment import Experiment, menus
from core.messages.edits import Unit

Held = tuple[Collection[Unit], Collection[Unit]]  # the frozen units, and the silenced ones


@dataclass(frozen=True, eq=False)
class StepRows:
    """The rows of a step.

    Attributes:
        numbers: int64 (rows,), of the training rows.
        inputs, targets: float32 (rows, inputs) and (rows, outputs).
        weights: float32 (rows,), or None where all rows count the same.
    """

    numbers: np.ndarray
    inputs: tf.Tensor
    targets: tf.Tensor
    weights: tf.Tensor | None

    @classmethod
    def of(cls, rows: RowTensors, numbers: np.ndarray) -> StepRows:
        """Return the training rows with these numbers."""
        parts = (rows.x_train, rows.y_train, rows.weights)
        return cls(numbers, *(None if part is None else tf.gather(part, numbers) for part in parts))


@dataclass(frozen=True, eq=False)
class LayerTensors:
    """What a layer of `TrainedNetwork` computed, as `core.analysis.one_step.LayerStep` has it, of all rows."""

    name: str
    inputs: tf.Tensor
    sums: tf.Tensor
    normalized: tf.Tensor | None
    activated: tf.Tensor
    outputs: tf.Tensor
    kept: tf.Tensor | None
    noise: tf.Tensor | None
    activation: Callable[[tf.Tensor], tf.Tensor]

    @property
    def fed(self) -> tf.Tensor:
        """What the activation took."""
        return self.sums if self.normalized is None else self.normalized


@dataclass(frozen=True, eq=False)
class Forward:
    """A pass through the network, from inputs to penalties.

    Attributes:
        layers: input side first.
        penalties: by their place in `menus.PENALTY_PLACES`, one for each layer that has it.
        others: the variables that are not trained, after the pass.
    """

    layers: list[LayerTensors]
    penalties: dict[str, list[tf.Tensor]]
    others: Values

    @property
    def outputs(self) -> tf.Tensor:
        """The output layer's values."""
        return self.layers[-1].outputs


def pass_forward(
    model: keras.Model,
    trainable: Sequence[tf.Tensor],
    others: Sequence[tf.Tensor],
    inputs: tf.Tensor,
    training: bool,
    drawn: Mapping[str, tf.Tensor] | None = None,
) -> Forward:
    """Pass rows through a model layer by layer, as `Model.stateless_call` does.

    Args:
        trainable, others: the values of the model's trainable variables, and of its others.
        drawn: what dropout and noise drew, as `drawn_numbers` returns it, where they are not to draw it themselves.
    """
    variables = [*model.trainable_variables, *model.non_trainable_variables]
    mapping = list(zip(variables, [*trainable, *others], strict=True))
    redrawn = drawn_numbers(model, mapping, len(inputs)) if training and drawn is None else drawn or {}
    outputs: dict[str, tf.Tensor] = {}
    penalties: dict[str, list[tf.Tensor]] = {place: [] for place in menus.PENALTY_PLACES}
    with keras.StatelessScope(state_mapping=mapping, collect_losses=True) as scope, _activations_noted(model) as noted:
        values = inputs
        for layer in model.layers:
            if drawn is not None and layer.name in drawn:
                values = values * drawn[layer.name] if isinstance(layer, Dropout) else values + drawn[layer.name]
            else:
                values = layer(values, training=training)
            outputs[layer.name] = values
            # Keras knows losses by their ids, which come again: a layer that is called may drop those of earlier ones.
            penalties["activity"] += scope.losses
            scope.losses.clear()
        for variable, value in mapping:
            if variable.regularizer is not None:
                penalties[variable.name].append(variable.regularizer(value))
        after = [scope.get_current_value(variable) for variable in model.non_trainable_variables]
    layers = list(_layers(model, inputs, outputs, noted, redrawn))
    return Forward(layers, {place: found for place, found in penalties.items() if found}, after)


def drawn_numbers(model: keras.Model, mapping: list[Any], rows: int) -> dict[str, tf.Tensor]:
    """Return dropout's factors and what noise adds, float32 (rows, units), by the name of the layer.

    Args:
        mapping: the values of the variables with the seeds.
    """
    drawn: dict[str, tf.Tensor] = {}
    with keras.StatelessScope(state_mapping=mapping):
        units = 0
        for layer in model.layers:
            units = getattr(layer, "units", units)
            if isinstance(layer, Dropout | GaussianNoise):
                start = tf.ones if isinstance(layer, Dropout) else tf.zeros
                drawn[layer.name] = layer.call(start((rows, units)), training=True)
    return drawn


@contextmanager
def _activations_noted(model: keras.Model) -> Iterator[dict[str, tuple[tf.Tensor, tf.Tensor]]]:
    """Note what activations take and give, by the name of their layer."""
    noted: dict[str, tuple[tf.Tensor, tf.Tensor]] = {}
    own = {layer: layer.activation for layer in model.layers if hasattr(layer, "activation")}

    def noting(name: str, activation: Callable[[tf.Tensor], tf.Tensor]) -> Callable[[tf.Tensor], tf.Tensor]:
        def call(values: tf.Tensor) -> tf.Tensor:
            result = activation(values)
            noted[name] = values, result
            return result

        return call

    for layer, activation in own.items():
        layer.activation = noting(layer.name, activation)
    try:
        yield noted
    finally:
        for layer, activation in own.items():
            layer.activation = activation


def _layers(
    model: keras.Model,
    inputs: tf.Tensor,
    outputs: dict[str, tf.Tensor],
    noted: dict[str, tuple[tf.Tensor, tf.Tensor]],
    drawn: Mapping[str, tf.Tensor],
) -> Iterator[LayerTensors]:
    activations = {layer.name: layer.activation for layer in model.layers if hasattr(layer, "activation")}
    for layer in model.layers:
        if not isinstance(layer, keras.layers.Dense):
            continue
        number = layer.name.rpartition("_")[2]
        normalization, noise, dropout = (f"{part}_{number}" for part in ("normalization", "noise", "dropout"))
        last = f"activation_{number}" if normalization in outputs else layer.name
        sums, activated = noted[layer.name][0], noted[last][1]
        after = next((outputs[name] for name in (dropout, noise) if name in outputs), activated)
        yield LayerTensors(
            name=layer.name,
            inputs=inputs,
            sums=sums,
            normalized=outputs.get(normalization),
            activated=activated,
            outputs=after,
            kept=drawn.get(dropout),
            noise=drawn.get(noise),
            activation=activations[last],
        )
        inputs = after


@dataclass(frozen=True, eq=False)
class MadeStep:
    """A step, with all tensors that were computed for it. Values of variables are in the order of `Steps.variables`.

    Attributes:
        program: whose steps they are.
        rows, rate: what it was made with.
        state: after the step.
        before, after: the values of all variables.
        forward: the pass through the network.
        error: the mean error of the rows.
        row_errors: float32 (rows,).
        gradients: of the loss, of every trainable variable.
        error_gradients, penalty_gradients: of its two parts; the latter are None where there are no penalties.
        slopes: of the loss, with respect to (z, activated, outputs) of every layer; None where it does not depend on
            them.
        clipped: the gradients after clipping; None where nothing clips.
        decayed: the weights after weight decay; None without it.
        free: the weights as the optimizer leaves them, before their norm is limited and held ones are put back; None
            without either.
        held: which weights a person holds; None where none are held.
    """

    program: FittedProgram
    rows: StepRows
    rate: float
    state: State
    before: Values
    after: Values
    forward: Forward
    error: tf.Tensor
    row_errors: tf.Tensor
    gradients: Values
    error_gradients: Values
    penalty_gradients: Values | None
    slopes: list[tuple[tf.Tensor | None, ...]]
    clipped: Values | None
    decayed: Values | None
    free: Values | None
    held: Values | None

    @classmethod
    def of(
        cls, program: FittedProgram, state: State, experiment: Experiment, rows: StepRows, rate: float, held: Held
    ) -> MadeStep:
        """Make a step.

        Args:
            experiment: its settings are used; its structure is the program's.
            held: the units that a person holds.
        """
        before = program.values(state)
        with BUILD_LOCK:  # settings are written into the model, and activations are replaced meanwhile
            return _make(program, before, experiment, rows, rate, held)


def _make(
    program: FittedProgram, before: Values, experiment: Experiment, rows: StepRows, rate: float, held: Held
) -> MadeStep:
    steps = program.steps
    trained, others = len(steps.trainable), len(steps.trainable) + len(steps.non_trainable)
    use_settings(steps.model, tf.constant(runtime_settings(experiment)))
    weights, slots = list(steps.packing.pack(before[:trained])), before[others:]
    row_weights = [] if rows.weights is None else [rows.weights]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(weights)
        trainable = steps.packing.unpack(weights)
        used = [
            tf.stop_gradient(value) if variable.path in steps.idle_biases else value
            for variable, value in zip(steps.trainable, trainable, strict=True)
        ]
        forward = pass_forward(steps.model, used, before[trained:others], rows.inputs, training=True)
        error = steps.loss(rows.targets, forward.outputs, *row_weights)
        penalties = [penalty for found in forward.penalties.values() for penalty in found]
        loss = tf.add_n([error, *penalties])
        penalty = tf.add_n(penalties) if penalties else None
    places = [(layer.sums, layer.activated, layer.outputs) for layer in forward.layers]
    packed_gradients, slopes = tape.gradient(loss, (weights, places))
    zeros = tf.UnconnectedGradients.ZERO
    packed_gradients = [
        tf.zeros_like(weight) if gradient is None else gradient
        for weight, gradient in zip(weights, packed_gradients, strict=True)
    ]
    error_gradients = tape.gradient(error, trainable, unconnected_gradients=zeros)
    penalty_gradients = None if penalty is None else tape.gradient(penalty, trainable, unconnected_gradients=zeros)
    del tape
    optimized = _Optimized.of(steps, experiment, weights, slots, packed_gradients, rate)
    masks = _held(steps, experiment, held)
    after = optimized.weights
    if masks is not None:
        after = [tf.where(*three) for three in zip(masks, trainable, after, strict=True)]
    values = [*after, *forward.others, *optimized.slots]
    return MadeStep(
        program=program,
        rows=rows,
        rate=rate,
        state=program.packed(values),
        before=before,
        after=values,
        forward=forward,
        error=error,
        row_errors=steps.loss.call(rows.targets, forward.outputs),
        gradients=steps.packing.unpack(packed_gradients),
        error_gradients=error_gradients,
        penalty_gradients=penalty_gradients,
        slopes=slopes,
        clipped=optimized.clipped,
        decayed=optimized.decayed,
        free=optimized.weights if optimized.free is None and masks is not None else optimized.free,
        held=masks,
    )


@dataclass(frozen=True, eq=False)
class _Optimized:
    """What the optimizer made of gradients: unpacked, as in `MadeStep`."""

    weights: Values
    slots: Values
    clipped: Values | None
    decayed: Values | None
    free: Values | None

    @classmethod
    def of(
        cls, steps: Steps, experiment: Experiment, weights: Values, slots: Values, gradients: Values, rate: float
    ) -> _Optimized:
        optimizer, packing = steps.optimizer, steps.packing
        steps.learning_rate.now = tf.constant(rate)
        after, slots_after = optimizer.stateless_apply(slots, gradients, weights)
        has_clip, has_decay = experiment.training.clip != "none", bool(experiment.training.weight_decay)
        return cls(
            weights=packing.unpack(after),
            slots=slots_after,
            clipped=packing.unpack(clipped_gradients(optimizer, gradients)) if has_clip else None,
            decayed=packing.unpack(decayed_weights(optimizer, weights)) if has_decay else None,
            free=_without_limit(steps, slots, gradients, weights) if experiment.network.max_norm else None,
        )


def _without_limit(steps: Steps, slots: Values, gradients: Values, weights: Values) -> Values:
    """Return the weights as the optimizer leaves them where nothing limits their norm."""
    limits = [variable.constraint for variable in steps.trainable]
    try:
        for variable in steps.trainable:
            variable.constraint = None
        return steps.packing.unpack(steps.optimizer.stateless_apply(slots, gradients, weights)[0])
    finally:
        for variable, limit in zip(steps.trainable, limits, strict=True):
            variable.constraint = limit


def _held(steps: Steps, experiment: Experiment, held: Held) -> Values | None:
    """Return for every trainable variable which of its numbers a person holds; None where none are held."""
    if not any(held):
        return None
    units = [layer.units for layer in experiment.network.layers]
    masks = held_weights(steps.model, tf.constant(held_unit_masks(units, *held)))
    by_weight = {id(variable): mask for variable, mask in masks}
    return [by_weight.get(id(weight), tf.zeros(weight.shape, bool)) for weight in steps.trainable]
