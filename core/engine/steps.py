"""A network's steps as functions of values: one batch of training, one of validation. No variable is written.

Keras's own layers, losses, metrics and optimizers, called by their stateless methods. So what is compiled of them takes
and gives tensors alone: every variable that a compiled function reads and writes would cost 7 µs a call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import keras
import tensorflow as tf
from keras.src.optimizers.base_optimizer import BaseOptimizer

from core.engine.keras_network import OPTIMIZERS, build_network, make_loss, make_metrics, optimizer_settings
from core.engine.packing import Packing
from core.engine.runtime_settings import StepRates, take_live
from core.engine.structure import Structure
from core.experiment import output_units

Values = list[tf.Tensor]

_SUMMED_MOST = 64  # weights of a kernel
# Adafactor, LAMB and Muon look at a whole kernel; to the others a number is a number.
_NUMBER_BY_NUMBER = {"sgd", "rmsprop", "adam", "adamw", "adamax", "nadam", "adagrad", "adadelta", "lion"}


class _StatelessOptimizer(keras.optimizers.Optimizer):
    """What an optimizer inherits from as well to get the `stateless_apply` that Keras has on its other backends.

    On TensorFlow Keras's optimizers work on TensorFlow's own variables, for the sake of distribution strategies.
    """

    stateless_apply = BaseOptimizer.stateless_apply
    assign = BaseOptimizer.assign
    assign_add = BaseOptimizer.assign_add
    assign_sub = BaseOptimizer.assign_sub
    _var_key = BaseOptimizer._var_key
    _apply_weight_decay = BaseOptimizer._apply_weight_decay
    _backend_update_step = BaseOptimizer._backend_update_step


class SummedDense(keras.layers.Dense):
    """A layer whose small kernel is multiplied and summed as elements.

    XLA calls a library for a product of matrices, which takes longer than a small product itself; what is reckoned by
    elements becomes part of one loop.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        if math.prod(self.kernel.shape) > _SUMMED_MOST:
            return super().call(inputs, training)
        products = tf.expand_dims(inputs, 2) * self.kernel  # (rows, inputs, units)
        return self.activation(tf.reduce_sum(products, axis=1) + self.bias)


def dense_for(structure: Structure) -> type[keras.layers.Dense]:
    """Return the kind of layer with which a network's steps are fastest: sums only where they spare every call."""
    hidden = (layer.units for layer in structure.network.layers)
    sizes = [structure.features, *hidden, output_units(structure.classes)]
    small = all(rows * columns <= _SUMMED_MOST for rows, columns in pairwise(sizes))
    return SummedDense if small else keras.layers.Dense


class Steps:
    """The steps of a structure's network. To be made and traced by one thread at a time (`program.BUILD_LOCK`).

    Args:
        dense: the kind of its layers.
        metrics: returns what stands in place of Keras's metrics.
        packs: whether small weights become one vector, where the optimizer allows it.

    Attributes:
        model: built; what its variables hold is never read.
        trainable, others, memory: the model's variables and the optimizer's.
        tallies: the variables in which figures are added up.
    """

    def __init__(
        self,
        structure: Structure,
        dense: type[keras.layers.Dense],
        metrics: Callable[[list[keras.metrics.Metric]], list[keras.metrics.Metric]] = list,
        packs: bool = True,
    ) -> None:
        training, classes = structure.training, structure.classes
        self._rates = StepRates()
        self.model = build_network(structure.network, structure.features, classes, 0, structure.loss, dense)
        kind = OPTIMIZERS[training.optimizer]
        optimizer = type(kind.__name__, (kind, _StatelessOptimizer), {})
        self._optimizer = optimizer(learning_rate=self._rates, **optimizer_settings(training))
        self.model.optimizer = self._optimizer  # where `take_live` looks for it
        if packs and _number_by_number(structure):
            # The optimizer's dozen operations are made once for a vector of all small weights, and not once for each.
            self._packing = Packing(self.model.trainable_variables)
            self._optimizer.build([keras.Variable(tf.zeros(spec.shape)) for spec in self._packing.signature])
        else:
            self._packing = Packing(self.model.trainable_variables, large=0)
            self._optimizer.build(self.model.trainable_variables)
        self._loss = make_loss(training, classes)
        self._metrics = [keras.metrics.Mean(name="loss"), *metrics(make_metrics(training, classes))]
        targets = tf.zeros((2, self.model.output_shape[-1]))
        for metric in self._metrics[1:]:
            metric.update_state(targets, targets)  # makes the variables of those that wait for the first rows
        self.trainable = list(self.model.trainable_variables)
        self._idle = _idle_biases(self.model)
        self.others = list(self.model.non_trainable_variables)
        self.memory = list(self._optimizer.variables)
        self.tallies = [variable for metric in self._metrics for variable in metric.variables]

    @property
    def variables(self) -> list[keras.Variable]:
        """All variables: the trainable ones, the model's others, the optimizer's."""
        return [*self.trainable, *self.others, *self.memory]

    def pack(self, values: Sequence[tf.Tensor]) -> Values:
        """Return the values of `variables`, or of the first of them, as a step takes and gives them."""
        count = len(self.trainable)
        return [*self._packing.pack(values[:count]), *values[count:]]

    def unpack(self, state: Sequence[tf.Tensor]) -> Values:
        """Return the values of `variables` in what a step takes and gives."""
        count = len(self._packing)
        return [*self._packing.unpack(state[:count]), *state[count:]]

    def train(
        self,
        state: Sequence[tf.Tensor],
        tallies: Sequence[tf.Tensor],
        rows: Sequence[tf.Tensor],
        rate: tf.Tensor,
        live: tf.Tensor,
    ) -> tuple[Values, Values]:
        """Return state and tallies behind a step, as `Model.train_step` leaves them.

        Args:
            state: what `pack` returns.
            rows: inputs, encoded targets and, where they are weighted, the weights of the rows.
            rate: the learning rate of the step.
            live: `runtime_settings`.
        """
        packed, others, memory = self._parts(state)
        self._rates.now = rate
        take_live(self.model, live)
        inputs, targets, *weights = rows
        with tf.GradientTape() as tape:
            tape.watch(packed)
            trainable = zip(self.trainable, self._packing.unpack(packed), strict=True)
            outputs, others, penalties = self.model.stateless_call(
                [tf.stop_gradient(value) if variable.path in self._idle else value for variable, value in trainable],
                others,
                inputs,
                training=True,
                return_losses=True,
            )
            loss = tf.add_n([self._loss(targets, outputs, *weights), *penalties])
        gradients = tape.gradient(loss, packed, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        packed, memory = self._optimizer.stateless_apply(memory, gradients, packed)
        return [*packed, *others, *memory], self._tally(tallies, loss, targets, outputs)

    def test(
        self, state: Sequence[tf.Tensor], tallies: Sequence[tf.Tensor], rows: Sequence[tf.Tensor], live: tf.Tensor
    ) -> Values:
        """Return the tallies behind a batch of held-out rows, inputs and encoded targets, as `Model.test_step`."""
        packed, others, _ = self._parts(state)
        trainable = self._packing.unpack(packed)
        take_live(self.model, live)
        inputs, targets = rows
        outputs, _, penalties = self.model.stateless_call(trainable, others, inputs, training=False, return_losses=True)
        loss = tf.add_n([self._loss(targets, outputs), *penalties])
        return self._tally(tallies, loss, targets, outputs)

    def figures(self, tallies: Sequence[tf.Tensor]) -> tf.Tensor:
        """Return the figures that tallies come to, the loss first: float32 (figures,)."""
        figures = []
        for metric in self._metrics:
            own, tallies = tallies[: len(metric.variables)], tallies[len(metric.variables) :]
            figures.append(metric.stateless_result(own))
        return tf.stack(figures)

    def _tally(self, tallies: Sequence[tf.Tensor], loss: tf.Tensor, targets: tf.Tensor, outputs: tf.Tensor) -> Values:
        after: Values = []
        for metric in self._metrics:
            own, tallies = tallies[: len(metric.variables)], tallies[len(metric.variables) :]
            if metric is self._metrics[0]:
                after += metric.stateless_update_state(own, loss, sample_weight=tf.shape(targets)[0])
            else:
                after += metric.stateless_update_state(own, targets, outputs)
        return after

    def _parts(self, state: Sequence[tf.Tensor]) -> tuple[Values, Values, Values]:
        """Return a state's packed weights, the model's other values, and the optimizer's memory."""
        weights, others = len(self._packing), len(self._packing) + len(self.others)
        return list(state[:weights]), list(state[weights:others]), list(state[others:])


def _idle_biases(model: keras.Model) -> set[str]:
    """Return the paths of the biases that a batch normalization takes away again (Ioffe and Szegedy 2015, 3.2).

    Their gradient is 0 but for rounding, from which Adam would make steps of full size.
    """
    return {
        layer.bias.path
        for layer, behind in pairwise(model.layers)
        if isinstance(behind, keras.layers.BatchNormalization)
    }


def _number_by_number(structure: Structure) -> bool:
    """Return whether a weight's step depends on no other weight of its kernel."""
    training = structure.training
    by_kernel = structure.network.max_norm or training.clip == "norm"
    return training.optimizer in _NUMBER_BY_NUMBER and not by_kernel


def for_batches(
    run: Callable[[Values, tf.Tensor, int, tf.Tensor], Values], values: Sequence[tf.Tensor], rows: int, size: int
) -> Values:
    """Trace `run(values, start, count, step)` for every full batch in one loop, and for the smaller last one."""
    full, rest = divmod(rows, size)
    after = list(values)
    if full:

        def body(step: tf.Tensor, *values: tf.Tensor) -> tuple[tf.Tensor, ...]:
            return step + 1, *run(list(values), step * size, size, step)

        _, *after = tf.while_loop(lambda step, *_: step < full, body, (tf.constant(0), *after), maximum_iterations=full)
    if rest:
        after = run(after, tf.constant(full * size), rest, tf.constant(full))
    return after
