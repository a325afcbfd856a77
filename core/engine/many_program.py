"""The program of many runs: the steps of one, vectorized over all, and several epochs in one call."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.engine.corners import cut, first_values, weight_shapes
from core.engine.epoch_inputs import row_orders
from core.engine.epoch_steps import validated_at_once
from core.engine.keras_internals import SummedDense
from core.engine.keras_network import first_seeds, seeded_values
from core.engine.program import BUILD_LOCK
from core.engine.runtime_settings import runtime_setting_count, runtime_settings
from core.engine.steps import Steps, Values, for_batches
from core.engine.structure import RowTensors, Structure
from core.experiment import Experiment
from core.experiment.schedule import step_rates

CORES = os.cpu_count() or 1
Stacked = tuple[tf.Tensor, ...]  # the state of every member: (members, …)


@dataclass(frozen=True, eq=False)
class Member:
    """One of many runs.

    Attributes:
        experiment: what it trained.
        history: float32 (epochs,) by the names of `menus.HISTORY`.
        weights: the trainable variables, then the model's others, as Keras orders them.
    """

    experiment: Experiment
    history: dict[str, np.ndarray]
    weights: tuple[np.ndarray, ...]


class ManyProgram:
    """Several epochs of several runs of one structure in one call. The first call compiles it.

    It reads and writes no variables, so several threads may use it at once.

    Args:
        members: the number of runs.
        epochs: in one call.

    Attributes:
        at_once: epochs in one call.
        is_compiled: whether a call has been made, so that the next one begins at once.
    """

    def __init__(self, structure: Structure, members: int, epochs: int) -> None:
        self.structure = structure
        self._members = members
        self.at_once = epochs
        self.is_compiled = False
        with BUILD_LOCK:
            # Packing the weights of stacked members would be slower.
            self._steps = Steps(structure, SummedDense, _vectorizable, packs=False)
            self._model = self._steps.model
            self._unseeded = [tf.identity(variable.value) for variable in self._steps.variables]
            # Traced, since initializing the weights of one member after another takes long.
            self._first_states = tf.function(self._initialize, autograph=False)
            compiled = tf.function(self._epochs, jit_compile=True, autograph=False)
            self._compiled = compiled.get_concrete_function(*self._signature())
            self._outputs = tf.function(self._outputs_of_all, autograph=False)

    def train(
        self,
        groups: Sequence[Sequence[Experiment]],
        rows: RowTensors,
        scale: np.ndarray,
        go_on: Callable[[int, int], bool],
    ) -> list[list[Member]]:
        """Train groups in parallel, each of as many experiments as the program has members.

        Args:
            scale: `metric_scale`.
            go_on: called with the place of a group and how many more epochs it has done, 0 before the first; the group
                ends there if it returns False.
        """
        states = [self.first_state(group) for group in groups]
        with ThreadPoolExecutor(CORES) as pool:
            trained = [
                pool.submit(self._train_group, group, state, rows, scale, partial(go_on, place))
                for place, (group, state) in enumerate(zip(groups, states, strict=True))
            ]
            return [group.result() for group in trained]

    def _train_group(
        self,
        experiments: Sequence[Experiment],
        state: Stacked,
        rows: RowTensors,
        scale: np.ndarray,
        go_on: Callable[[int], bool],
    ) -> list[Member]:
        metrics = [np.empty((0, self._members, len(self.structure.metrics)), np.float32)]
        is_wanted = go_on(0)
        for first in range(0, experiments[0].training.epochs, self.at_once):
            if not is_wanted:
                break
            state, of_epochs = self.go_on(experiments, state, rows, first)
            metrics.append(of_epochs)
            is_wanted = go_on(self.at_once)
        return self._members_of(experiments, state, metrics, scale)

    # One call after another

    def first_state(self, experiments: Sequence[Experiment]) -> Stacked:
        """Return the state of every member before its first epoch."""
        with BUILD_LOCK:
            return self._first_state(experiments)

    def go_on(
        self,
        experiments: Sequence[Experiment],
        state: Stacked,
        rows: RowTensors,
        first: int,
        most: np.ndarray | None = None,
    ) -> tuple[Stacked, np.ndarray]:
        """Train `at_once` more epochs, of which `first` is the number of the first, from 0.

        Args:
            most: int32 (members,), after how many of these epochs the state of each member stays as it is; None where
                all go on.

        Returns:
            The state after them, and their metrics before `metric_scale`: float32 (epochs, members, metrics).
        """
        settings = tf.constant(np.stack([runtime_settings(one) for one in experiments]))
        plan = self._plan(experiments, range(first, first + self.at_once))
        if most is None:
            most = np.full(self._members, self.at_once, np.int32)
        counts = self._counts(experiments)
        state, of_epochs = self._compiled(state, rows.tensors, *plan, settings, tf.constant(most), counts)
        self.is_compiled = True
        return state, of_epochs.numpy()

    def outputs(self, experiments: Sequence[Experiment], state: Stacked, inputs: np.ndarray) -> np.ndarray:
        """Return the output layers' values for scaled inputs (rows, features): float32 (members, rows, units)."""
        outputs: np.ndarray = self._outputs(state, self._counts(experiments), tf.constant(inputs)).numpy()
        return outputs

    def _outputs_of_all(self, state: Stacked, counts: Stacked, inputs: tf.Tensor) -> tf.Tensor:
        def member(values: Values) -> tf.Tensor:
            return self._steps.outputs(values[: len(state)], inputs, *values[len(state) :])

        return tf.vectorized_map(member, [*state, *counts])

    def _counts(self, experiments: Sequence[Experiment]) -> Stacked:
        """Return how many units each member's layers have, where units are counted."""
        units = [[layer.units for layer in one.network.layers] for one in experiments]
        return (tf.constant(units),) if self.structure.counted else ()

    def _members_of(
        self, experiments: Sequence[Experiment], state: Stacked, metrics: Sequence[np.ndarray], scale: np.ndarray
    ) -> list[Member]:
        histories = (np.concatenate(metrics) * scale).swapaxes(0, 1)  # (members, epochs, metrics)
        last = zip(*(part.numpy() for part in state), strict=True)
        names = self.structure.metrics
        return [
            Member(experiment, dict(zip(names, history.T, strict=True)), self._weights(experiment, own))
            for experiment, history, own in zip(experiments, histories, last, strict=True)
        ]

    def _plan(self, experiments: Sequence[Experiment], epochs: range) -> tuple[tf.Tensor, tf.Tensor]:
        """Return row orders int32 (epochs, members, rows) and learning rates float32 (epochs, members, steps)."""
        structure = self.structure
        # Members that differ in nothing but the seed share their rates, and those of equal seed their orders.
        trainings = [replace(one.training, seed=0) for one in experiments]
        rates_of = {training: step_rates(training, epochs, structure.steps) for training in set(trainings)}
        rates = np.stack([rates_of[training] for training in trainings], axis=1)
        seeds = [one.training.seed for one in experiments]
        order_of = {seed: row_orders(seed, epochs, structure.train_rows) for seed in set(seeds)}
        orders = np.stack([order_of[seed] for seed in seeds], axis=1)
        return tf.constant(orders), tf.constant(rates)

    def _signature(self) -> tuple[Any, ...]:
        structure, members, epochs = self.structure, self._members, self.at_once
        state = tuple(tf.TensorSpec((members, *part.shape), part.dtype) for part in self._steps.pack(self._unseeded))
        orders = tf.TensorSpec((epochs, members, structure.train_rows), tf.int32)
        rates = tf.TensorSpec((epochs, members, structure.steps), tf.float32)
        settings = tf.TensorSpec((members, runtime_setting_count(structure.network)), tf.float32)
        most = tf.TensorSpec((members,), tf.int32)
        counts = (tf.TensorSpec((members, len(structure.units)), tf.int32),) if structure.counted else ()
        return state, structure.rows_signature(self._model.output_shape[-1]), orders, rates, settings, most, counts

    def _first_state(self, experiments: Sequence[Experiment]) -> Stacked:
        """Return the state of every member before its first epoch."""
        own = [self._own_structure(one) for one in experiments]
        if any(one.units != self.structure.units for one in own):
            pairs = zip(experiments, own, strict=True)
            return tuple(map(tf.stack, zip(*(self._first_of(*pair) for pair in pairs), strict=True)))
        initializers = [one.network.initializer for one in experiments]
        used = tuple(sorted(set(initializers)))
        which = tf.constant([used.index(initializer) for initializer in initializers])
        seeds = np.stack([first_seeds(self._model, one.training.seed) for one in experiments])
        return tuple(self._first_states(used, which, tf.constant(seeds)))

    def _first_of(self, experiment: Experiment, own: Structure) -> Values:
        """Return the first state of a member whose layers are padded."""
        network, training = experiment.network, experiment.training
        return self._steps.pack(first_values(self._steps, self._unseeded, own, network.initializer, training.seed))

    def _own_structure(self, experiment: Experiment) -> Structure:
        return replace(self.structure, network=experiment.network)

    def _initialize(self, initializers: Sequence[str], which: tf.Tensor, seeds: tf.Tensor) -> Values:
        """Return the stacked first state of all members.

        Args:
            initializers: that any of the members use.
            which: int (members,), the place of each member's initializer among these.
            seeds: int64 (members, seeds), the `first_seeds` of each member.
        """

        def member(both: tuple[tf.Tensor, tf.Tensor]) -> Values:
            own, seeds = both
            return list(tf.switch_case(own, [partial(self._initialize_one, name, seeds) for name in initializers]))

        signature = [tf.TensorSpec(part.shape, part.dtype) for part in self._steps.pack(self._unseeded)]
        return list(tf.map_fn(member, (which, seeds), fn_output_signature=signature))

    def _initialize_one(self, initializer: str, seeds: tf.Tensor) -> Values:
        seeded = seeded_values(self._model, initializer, seeds, {})
        pairs = zip(self._steps.variables, self._unseeded, strict=True)
        return self._steps.pack([seeded.get(variable.path, value) for variable, value in pairs])

    def _weights(self, experiment: Experiment, state: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """Return the values of the model's variables in one member's state."""
        shapes = weight_shapes(self._steps, self._own_structure(experiment))
        values = self._steps.unpack(state)[: len(shapes)]
        return tuple(cut(np.asarray(value), shape) for value, shape in zip(values, shapes, strict=True))

    def _epochs(
        self,
        state: Stacked,
        rows: Stacked,
        orders: tf.Tensor,
        rates: tf.Tensor,
        settings: tf.Tensor,
        most: tf.Tensor,
        counts: Stacked,
    ) -> tuple[Stacked, tf.Tensor]:
        """Train one epoch after another; return the state and float32 metrics (epochs, members, metrics)."""
        epochs = orders.shape[0]
        shape = (self._members, len(self.structure.metrics))
        metrics = tf.TensorArray(tf.float32, epochs, element_shape=shape)

        def body(epoch: tf.Tensor, metrics: tf.TensorArray, *state: tf.Tensor) -> tuple[Any, ...]:
            after, of_epoch = self._epoch(state, rows, orders[epoch], rates[epoch], settings, counts)
            goes_on = epoch < most
            kept = (
                tf.where(tf.reshape(goes_on, (-1, *[1] * (new.shape.rank - 1))), new, old)
                for new, old in zip(after, state, strict=True)
            )
            return epoch + 1, metrics.write(epoch, of_epoch), *kept

        first = (tf.constant(0), metrics, *state)
        _, metrics, *state = tf.while_loop(lambda epoch, *_: epoch < epochs, body, first, maximum_iterations=epochs)
        return tuple(state), metrics.stack()

    def _epoch(
        self,
        state: Stacked,
        rows: Stacked,
        orders: tf.Tensor,
        rates: tf.Tensor,
        settings: tf.Tensor,
        counts: Stacked,
    ) -> tuple[Stacked, tf.Tensor]:
        """Train and validate all members for one epoch, as `Program._epoch` does with one."""
        structure, steps, size = self.structure, self._steps, self.structure.training.batch_size
        train_rows, val_rows = rows[:-2], rows[-2:]
        count = len(state)

        def train(stacked: Values, start: tf.Tensor, rows: int, step: tf.Tensor) -> Values:
            batch = tf.slice(orders, [0, start], [self._members, rows])
            rate = tf.gather(rates, step, axis=1)

            def member(values: Values) -> Values:
                own, (batch, rate, *numbers) = values[:size_of_all], values[size_of_all:]
                parts = [tf.gather(part, batch) for part in train_rows]
                after, metrics = steps.train(own[:count], own[count:], parts, rate, *numbers)
                return [*after, *metrics]

            size_of_all = len(stacked)
            return list(tf.vectorized_map(member, [*stacked, batch, rate, settings, *counts]))

        zeros = [tf.zeros((self._members, *variable.shape), variable.dtype) for variable in steps.metric_variables]
        stacked = for_batches(train, [*state, *zeros], structure.train_rows, size)
        last, trained = stacked[:count], stacked[count:]

        def test(metrics: Values, start: tf.Tensor, rows: int, _: tf.Tensor) -> Values:
            part = [tf.slice(val, [start, 0], [rows, val.shape[1]]) for val in val_rows]

            def member(values: Values) -> Values:
                own, numbers = values[:size_of_all], values[size_of_all:]
                return steps.test(own[:count], own[count:], part, *numbers)

            size_of_all = count + len(metrics)
            return list(tf.vectorized_map(member, [*last, *metrics, settings, *counts]))

        tested = for_batches(test, zeros, structure.val_rows, validated_at_once(structure))
        results = [tf.vectorized_map(steps.metric_results, metrics) for metrics in (trained, tested)]
        return tuple(last), tf.concat(results, axis=1)


def _vectorizable(metrics: list[keras.metrics.Metric]) -> list[keras.metrics.Metric]:
    """Return the same metrics, with an accuracy that can be vectorized: Keras's distinguishes 0 and -0."""
    return [
        keras.metrics.MeanMetricWrapper(_accuracy, name=metric.name)
        if isinstance(metric, keras.metrics.CategoricalAccuracy)
        else metric
        for metric in metrics
    ]


def _accuracy(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.equal(tf.argmax(y_true, axis=-1), tf.argmax(y_pred, axis=-1)), tf.float32)
