"""Training and validation steps of a network as functions of values: they read and write no variables.

They are made of Keras's layers, losses, metrics and optimizers, called by their stateless methods. A function compiled
of them takes and returns tensors only, which makes calling it cheap: every variable that a compiled function reads or
writes costs time at each call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import keras
import tensorflow as tf

from core.engine.keras_internals import SUMMED_KERNEL_MOST, SummedDense, TracedLearningRate, stateless_optimizer
from core.engine.keras_network import OPTIMIZERS, build_network, make_loss, make_metrics, optimizer_settings
from core.engine.packing import Packing
from core.engine.runtime_settings import use_settings
from core.engine.structure import Structure
from core.engine.unit_counts import count_activations, use_unit_counts
from core.experiment import output_units

Values = list[tf.Tensor]

# Adafactor, LAMB and Muon look at a whole kernel. These step each weight by itself.
_ELEMENTWISE_OPTIMIZERS = {"sgd", "rmsprop", "adam", "adamw", "adamax", "nadam", "adagrad", "adadelta", "lion"}
_COUNTS = ("count", "num_samples")  # Keras's names of the variables in which its metrics count rows


def dense_for(structure: Structure) -> type[keras.layers.Dense]:
    """Return the class of dense layers with which a network trains fastest.

    One larger kernel already calls the library for matrix products, and then the small ones may as well.
    """
    hidden = (layer.units for layer in structure.network.layers)
    sizes = [structure.features, *hidden, output_units(structure.classes)]
    small = all(rows * columns <= SUMMED_KERNEL_MOST for rows, columns in pairwise(sizes))
    return SummedDense if small else keras.layers.Dense


class Steps:
    """The steps of a structure's network. Make and trace them on one thread at a time (`program.BUILD_LOCK`).

    A step's state is the values of `variables`, with small weights packed into one vector where the optimizer
    allows it (`pack`).

    Args:
        dense: the class of the dense layers.
        metrics: replaces Keras's metrics by others.
        packs: whether small weights may be packed.

    Attributes:
        model: built; the values of its variables are never read.
        optimizer, loss: Keras's.
        learning_rate: of the optimizer.
        packing: of the trainable variables.
        idle_biases: the paths of the biases that are not trained.
        trainable, non_trainable: the variables of the model.
        optimizer_variables: the iteration count and the slots of the optimizer.
        metric_variables: the variables in which Keras's metrics add up.
    """

    def __init__(
        self,
        structure: Structure,
        dense: type[keras.layers.Dense],
        metrics: Callable[[list[keras.metrics.Metric]], list[keras.metrics.Metric]] = list,
        packs: bool = True,
    ) -> None:
        training, classes = structure.training, structure.classes
        self.learning_rate = TracedLearningRate()
        self.model = build_network(structure.network, structure.features, classes, 0, structure.loss, dense)
        if structure.counted:
            count_activations(self.model, structure.network)
        self.optimizer = stateless_optimizer(
            OPTIMIZERS[training.optimizer], self.learning_rate, **optimizer_settings(training)
        )
        self.model.optimizer = self.optimizer  # where `use_settings` looks for it
        if packs and _is_elementwise(structure):
            # Then the optimizer's dozen operations are made once for all small weights, not once for each tensor.
            self.packing = Packing(self.model.trainable_variables)
            self.optimizer.build([keras.Variable(tf.zeros(spec.shape)) for spec in self.packing.signature])
        else:
            self.packing = Packing(self.model.trainable_variables, large=0)
            self.optimizer.build(self.model.trainable_variables)
        self.loss = make_loss(training, classes)
        self._metrics = [keras.metrics.Mean(name="loss"), *metrics(make_metrics(training, classes))]
        targets = tf.zeros((2, self.model.output_shape[-1]))
        for metric in self._metrics[1:]:
            metric.update_state(targets, targets)  # some metrics make their variables only now
        self.trainable = list(self.model.trainable_variables)
        self.idle_biases = _idle_biases(self.model)
        self.non_trainable = list(self.model.non_trainable_variables)
        self.optimizer_variables = list(self.optimizer.variables)
        self.metric_variables = [variable for metric in self._metrics for variable in metric.variables]

    @property
    def variables(self) -> list[keras.Variable]:
        """All variables: the trainable ones, the model's others, the optimizer's."""
        return [*self.trainable, *self.non_trainable, *self.optimizer_variables]

    def pack(self, values: Sequence[tf.Tensor]) -> Values:
        """Return the values of `variables`, or of the first of them, as a step's state."""
        count = len(self.trainable)
        return [*self.packing.pack(values[:count]), *values[count:]]

    def unpack(self, state: Sequence[tf.Tensor]) -> Values:
        """Return the values of `variables` in a step's state."""
        count = len(self.packing)
        return [*self.packing.unpack(state[:count]), *state[count:]]

    def train(
        self,
        state: Sequence[tf.Tensor],
        metrics: Sequence[tf.Tensor],
        rows: Sequence[tf.Tensor],
        rate: tf.Tensor,
        settings: tf.Tensor,
        counts: tf.Tensor | None = None,
    ) -> tuple[Values, Values]:
        """Make one training step, as `Model.train_step` does; return the new state and metric values.

        Args:
            state: as `pack` returns it.
            metrics: the values of `metric_variables`.
            rows: inputs, encoded targets and, where rows are weighted, their weights.
            rate: the learning rate.
            settings: `runtime_settings`.
            counts: int32 (hidden layers,), the numbers of units where the structure is `counted`.
        """
        weights, non_trainable, slots = self._parts(state)
        self.learning_rate.now = rate
        self._use(settings, counts)
        inputs, targets, *row_weights = rows
        with tf.GradientTape() as tape:
            tape.watch(weights)
            trainable = zip(self.trainable, self.packing.unpack(weights), strict=True)
            outputs, non_trainable, penalties = self.model.stateless_call(
                [
                    tf.stop_gradient(value) if variable.path in self.idle_biases else value
                    for variable, value in trainable
                ],
                non_trainable,
                inputs,
                training=True,
                return_losses=True,
            )
            loss = tf.add_n([self.loss(targets, outputs, *row_weights), *penalties])
        gradients = tape.gradient(loss, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        weights, slots = self.optimizer.stateless_apply(slots, gradients, weights)
        return [*weights, *non_trainable, *slots], self._update_metrics(metrics, loss, targets, outputs)

    def test(
        self,
        state: Sequence[tf.Tensor],
        metrics: Sequence[tf.Tensor],
        rows: Sequence[tf.Tensor],
        settings: tf.Tensor,
        counts: tf.Tensor | None = None,
    ) -> Values:
        """Validate on a batch of held-out rows, as `Model.test_step` does; return the new metric values."""
        weights, non_trainable, _ = self._parts(state)
        trainable = self.packing.unpack(weights)
        self._use(settings, counts)
        inputs, targets = rows
        outputs, _, penalties = self.model.stateless_call(
            trainable, non_trainable, inputs, training=False, return_losses=True
        )
        loss = tf.add_n([self.loss(targets, outputs), *penalties])
        return self._update_metrics(metrics, loss, targets, outputs)

    def outputs(self, state: Sequence[tf.Tensor], inputs: tf.Tensor, counts: tf.Tensor | None = None) -> tf.Tensor:
        """Return the output layer's values for scaled inputs (rows, features): float32 (rows, units)."""
        weights, non_trainable, _ = self._parts(state)
        if counts is not None:
            use_unit_counts(self.model, counts)
        values, _ = self.model.stateless_call(self.packing.unpack(weights), non_trainable, inputs, training=False)
        return values

    def metric_zeros(self) -> Values:
        """Return the values of the metrics before the first batch."""
        return [tf.zeros(variable.shape, variable.dtype) for variable in self.metric_variables]

    def metric_results(self, metrics: Sequence[tf.Tensor], rows: int = 0) -> tf.Tensor:
        """Return the results of the metrics, the loss first: float32 (metrics,).

        Args:
            rows: how many rows they were updated with, where that is to be a constant of the trace: XLA multiplies by
                the reciprocal of a constant, which may round differently. 0 where it is not.
        """
        if rows:
            metrics = [
                tf.fill(variable.shape, tf.cast(rows, variable.dtype)) if variable.name in _COUNTS else value
                for variable, value in zip(self.metric_variables, metrics, strict=True)
            ]
        results = []
        for metric in self._metrics:
            own, metrics = metrics[: len(metric.variables)], metrics[len(metric.variables) :]
            results.append(metric.stateless_result(own))
        return tf.stack(results)

    def _use(self, settings: tf.Tensor, counts: tf.Tensor | None) -> None:
        use_settings(self.model, settings)
        if counts is not None:
            use_unit_counts(self.model, counts)

    def _update_metrics(
        self, metrics: Sequence[tf.Tensor], loss: tf.Tensor, targets: tf.Tensor, outputs: tf.Tensor
    ) -> Values:
        after: Values = []
        for metric in self._metrics:
            own, metrics = metrics[: len(metric.variables)], metrics[len(metric.variables) :]
            if metric is self._metrics[0]:
                after += metric.stateless_update_state(own, loss, sample_weight=tf.shape(targets)[0])
            else:
                after += metric.stateless_update_state(own, targets, outputs)
        return after

    def _parts(self, state: Sequence[tf.Tensor]) -> tuple[Values, Values, Values]:
        """Return a state's packed weights, the model's other values, and the optimizer's."""
        weights, others = len(self.packing), len(self.packing) + len(self.non_trainable)
        return list(state[:weights]), list(state[weights:others]), list(state[others:])


def _idle_biases(model: keras.Model) -> set[str]:
    """Return the paths of the biases that a batch normalization subtracts again (Ioffe and Szegedy 2015, 3.2).

    Their gradient is 0 except for rounding errors, which Adam would turn into steps of full size.
    """
    return {
        layer.bias.path
        for layer, following in pairwise(model.layers)
        if isinstance(following, keras.layers.BatchNormalization)
    }


def _is_elementwise(structure: Structure) -> bool:
    """Return whether each weight is stepped independently of the others."""
    training = structure.training
    by_kernel = structure.network.max_norm or training.clip == "norm"
    return training.optimizer in _ELEMENTWISE_OPTIMIZERS and not by_kernel


def for_batches(
    run: Callable[[Values, tf.Tensor, int, tf.Tensor], Values], values: Sequence[tf.Tensor], rows: int, size: int
) -> Values:
    """Trace `values = run(values, start, count, step)` for all full batches, as one loop, and for a smaller last one.

    Args:
        rows: the number of rows.
        size: of a full batch.
    """
    full, rest = divmod(rows, size)
    after = list(values)
    if full:

        def body(step: tf.Tensor, *values: tf.Tensor) -> tuple[tf.Tensor, ...]:
            return step + 1, *run(list(values), step * size, size, step)

        _, *after = tf.while_loop(lambda step, *_: step < full, body, (tf.constant(0), *after), maximum_iterations=full)
    if rest:
        after = run(after, tf.constant(full * size), rest, tf.constant(full))
    return after
