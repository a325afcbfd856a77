"""Many runs in one compiled program, for example twenty seeds or several learning rates.

The states of the runs (members) are stacked, and the steps of one (`core.engine.steps`) are vectorized over the stack
(`tf.vectorized_map`). For a small network, a step of all members takes little longer than a step of one.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.datasets import Split, prepare
from core.engine.epoch_inputs import row_orders
from core.engine.epoch_steps import validated_at_once
from core.engine.keras_internals import SummedDense
from core.engine.keras_network import first_seeds, seeded_values
from core.engine.program import BUILD_LOCK, metric_scale
from core.engine.runtime_settings import runtime_setting_count, runtime_settings
from core.engine.steps import Steps, Values, for_batches
from core.engine.structure import RowTensors, Structure
from core.experiment import Experiment, shape_of
from core.experiment.schedule import step_rates

_ORDERS_MOST = 2**24  # row numbers in one call
_EPOCHS_MOST = 25  # in one call
_GROUP_MOST = 10  # members in one program
_PROGRAMS_MOST = 16  # compiled programs that are kept
_CORES = os.cpu_count() or 1
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


def train_many(experiments: Sequence[Experiment], go_on: Callable[[int], bool] = lambda epochs: True) -> list[Member]:
    """Train several experiments of one structure at once.

    They may differ in seed, learning rate, schedule and initializer, and in the values above 0 of L1, L2, dropout,
    noise and momentum. Each ends where its single run ends, to about 1e-4. Early stopping and the target are ignored:
    all members train all epochs.

    Args:
        go_on: called from several threads with how many more epochs some of the members have done, added up. Once it
            returns False, each ends after the epochs that it is at.

    >>> base = Experiment()
    >>> members = train_many([replace(base, training=replace(base.training, seed=seed)) for seed in range(20)])
    >>> len(members), members[0].history["val_accuracy"].shape
    (20, (100,))

    Raises:
        ValueError: if there are none, or they differ in anything else.
        DataError: if the data cannot be split as the experiments ask.
    """
    first = _first_of(experiments)
    split = prepare(first.data)
    rows = RowTensors.of(split, first.training.class_weight)
    groups = _groups(experiments)
    at_once = _epochs_at_once(first.training.epochs, len(groups[0]) * len(split.x_train))
    program = _program(Structure.of(first, split), len(groups[0]), at_once)
    asked = len(experiments)
    counts = [min(len(group), asked - place * len(group)) for place, group in enumerate(groups)]  # without repeats
    trained = program.train(groups, rows, metric_scale(split), lambda place, epochs: go_on(counts[place] * epochs))
    return [member for members in trained for member in members][: len(experiments)]


def _groups(experiments: Sequence[Experiment]) -> list[list[Experiment]]:
    """Return the experiments in groups of equal size, equally many for every core; repeats fill up the last group.

    A compiled step of small matrices uses one core. With too many members XLA no longer compiles the loop as one piece.
    """
    rounds = math.ceil(len(experiments) / (_CORES * _GROUP_MOST))
    size = math.ceil(len(experiments) / (_CORES * rounds))
    groups = [list(experiments[start : start + size]) for start in range(0, len(experiments), size)]
    groups[-1] += groups[-1][-1:] * (size - len(groups[-1]))
    return groups


def _first_of(experiments: Sequence[Experiment]) -> Experiment:
    """Return the first experiment; the others must share its data, epochs and structure."""
    if not experiments:
        raise ValueError("`experiments` must hold at least one experiment. Received: none.")
    first = experiments[0]
    for other in experiments:
        same_shape = shape_of(replace(other, data=first.data)) == shape_of(first)
        if other.data != first.data or other.training.epochs != first.training.epochs or not same_shape:
            raise ValueError(
                "`experiments` must share data, epochs and everything that a compiled program depends on. "
                f"Received: {first} and {other}."
            )
    return first


def _epochs_at_once(epochs: int, rows: int, most: int = _EPOCHS_MOST) -> int:
    """Return how many epochs one call trains: a divisor of their number, as large as the limits allow.

    Args:
        rows: the training rows of all members in a program together.
    """
    most = max(1, min(epochs, most, _EPOCHS_MOST, _ORDERS_MOST // rows))
    return max(size for size in range(1, most + 1) if epochs % size == 0)


def many_program(experiment: Experiment, split: Split, members: int, epochs: int) -> ManyProgram:
    """Return the program of an experiment's structure for so many members: one that is kept, or a new one.

    Args:
        epochs: at most, in one call; it has a divisor of those that the experiment asks for.
    """
    at_once = _epochs_at_once(experiment.training.epochs, members * len(split.x_train), epochs)
    return _program(Structure.of(experiment, split), members, at_once)


# A study calls `train_many` again and again with one structure, and compiling it takes seconds.
@lru_cache(_PROGRAMS_MOST)
def _program(structure: Structure, members: int, epochs: int) -> ManyProgram:
    return ManyProgram(structure, members, epochs)


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
        with ThreadPoolExecutor(_CORES) as pool:
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
        state, of_epochs = self._compiled(state, rows.tensors, *plan, settings, tf.constant(most))
        self.is_compiled = True
        return state, of_epochs.numpy()

    def outputs(self, state: Stacked, inputs: np.ndarray) -> np.ndarray:
        """Return the output layers' values for scaled inputs (rows, features): float32 (members, rows, units)."""
        outputs: np.ndarray = self._outputs(state, tf.constant(inputs)).numpy()
        return outputs

    def _outputs_of_all(self, state: Stacked, inputs: tf.Tensor) -> tf.Tensor:
        return tf.vectorized_map(lambda own: self._steps.outputs(own, inputs), list(state))

    def _members_of(
        self, experiments: Sequence[Experiment], state: Stacked, metrics: Sequence[np.ndarray], scale: np.ndarray
    ) -> list[Member]:
        histories = (np.concatenate(metrics) * scale).swapaxes(0, 1)  # (members, epochs, metrics)
        last = zip(*(part.numpy() for part in state), strict=True)
        names = self.structure.metrics
        return [
            Member(experiment, dict(zip(names, history.T, strict=True)), self._weights(own))
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
        return state, structure.rows_signature(self._model.output_shape[-1]), orders, rates, settings, most

    def _first_state(self, experiments: Sequence[Experiment]) -> Stacked:
        """Return the state of every member before its first epoch."""
        initializers = [one.network.initializer for one in experiments]
        used = tuple(sorted(set(initializers)))
        which = tf.constant([used.index(initializer) for initializer in initializers])
        seeds = np.stack([first_seeds(self._model, one.training.seed) for one in experiments])
        return tuple(self._first_states(used, which, tf.constant(seeds)))

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
        seeded = seeded_values(self._model, initializer, seeds)
        pairs = zip(self._steps.variables, self._unseeded, strict=True)
        return self._steps.pack([seeded.get(variable.path, value) for variable, value in pairs])

    def _weights(self, state: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """Return the values of the model's variables in one member's state."""
        values = self._steps.unpack(state)[: len(self._steps.trainable) + len(self._steps.non_trainable)]
        return tuple(np.asarray(value) for value in values)

    def _epochs(
        self,
        state: Stacked,
        rows: Stacked,
        orders: tf.Tensor,
        rates: tf.Tensor,
        settings: tf.Tensor,
        most: tf.Tensor,
    ) -> tuple[Stacked, tf.Tensor]:
        """Train one epoch after another; return the state and float32 metrics (epochs, members, metrics)."""
        epochs = orders.shape[0]
        shape = (self._members, len(self.structure.metrics))
        metrics = tf.TensorArray(tf.float32, epochs, element_shape=shape)

        def body(epoch: tf.Tensor, metrics: tf.TensorArray, *state: tf.Tensor) -> tuple[Any, ...]:
            after, of_epoch = self._epoch(state, rows, orders[epoch], rates[epoch], settings)
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
        self, state: Stacked, rows: Stacked, orders: tf.Tensor, rates: tf.Tensor, settings: tf.Tensor
    ) -> tuple[Stacked, tf.Tensor]:
        """Train and validate all members for one epoch, as `Program._epoch` does with one."""
        structure, steps, size = self.structure, self._steps, self.structure.training.batch_size
        train_rows, val_rows = rows[:-2], rows[-2:]
        count = len(state)

        def train(stacked: Values, start: tf.Tensor, rows: int, step: tf.Tensor) -> Values:
            batch = tf.slice(orders, [0, start], [self._members, rows])
            rate = tf.gather(rates, step, axis=1)

            def member(values: Values) -> Values:
                *own, batch, rate, settings = values
                parts = [tf.gather(part, batch) for part in train_rows]
                after, metrics = steps.train(own[:count], own[count:], parts, rate, settings)
                return [*after, *metrics]

            return list(tf.vectorized_map(member, [*stacked, batch, rate, settings]))

        zeros = [tf.zeros((self._members, *variable.shape), variable.dtype) for variable in steps.metric_variables]
        stacked = for_batches(train, [*state, *zeros], structure.train_rows, size)
        last, trained = stacked[:count], stacked[count:]

        def test(metrics: Values, start: tf.Tensor, rows: int, _: tf.Tensor) -> Values:
            part = [tf.slice(val, [start, 0], [rows, val.shape[1]]) for val in val_rows]

            def member(values: Values) -> Values:
                *own, settings = values
                return steps.test(own[:count], own[count:], part, settings)

            return list(tf.vectorized_map(member, [*last, *metrics, settings]))

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
