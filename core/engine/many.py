"""Many runs of one shape in one compiled program: twenty seeds, or a grid of learning rates.

Weights and optimizer state of the members are stacked, and the steps of one member (`core.engine.steps`) are
vectorized over them (`tf.vectorized_map`). So a step of all costs little more than a step of one.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.datasets import prepare
from core.engine.epoch_inputs import row_orders
from core.engine.keras_network import first_seeds, seeded_values
from core.engine.program import BUILD_LOCK, VALIDATED_AT_ONCE, metric_scale
from core.engine.runtime_settings import runtime_setting_count, runtime_settings
from core.engine.steps import Steps, SummedDense, Values, for_batches
from core.engine.structure import RowTensors, Structure
from core.experiment import Experiment, shape_of
from core.experiment.schedule import step_rates

_ORDERS_MOST = 2**24  # row numbers handed over at once
_EPOCHS_MOST = 25  # in one call
_GROUP_MOST = 10  # members
_PROGRAMS_MOST = 8  # that are kept compiled
_CORES = os.cpu_count() or 1
Stacked = tuple[tf.Tensor, ...]  # what a step takes, of every member: (members, …)


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


def train_many(experiments: Sequence[Experiment]) -> list[Member]:
    """Train experiments at once that differ only in what needs no other program.

    They may differ in seed, in learning rate and schedule, in how kernels begin, and in the strengths above 0 of
    L1, L2, dropout, noise and momentum. Each ends where its single run ends, to about 1e-4. Early stopping and the
    target stop none of them, since the others go on.

    >>> base = Experiment()
    >>> members = train_many([replace(base, training=replace(base.training, seed=seed)) for seed in range(20)])
    >>> len(members), members[0].history["val_accuracy"].shape
    (20, (100,))

    Raises:
        ValueError: where there are none, or they differ in more than that.
        DataError: where the data cannot be parted as asked.
    """
    first = _first_of(experiments)
    split = prepare(first.data)
    rows = RowTensors.of(split, first.training.class_weight)
    groups = _groups(experiments)
    at_once = _epochs_at_once(first.training.epochs, len(groups[0]) * len(split.x_train))
    program = _program(Structure.of(first, split), len(groups[0]), at_once)
    trained = program.train(groups, rows, metric_scale(split))
    return [member for members in trained for member in members][: len(experiments)]


def _groups(experiments: Sequence[Experiment]) -> list[list[Experiment]]:
    """Return the experiments in groups of equal size, as many for every core; the last is filled up with its last one.

    A compiled step of small matrices keeps one core busy, and of many members it is no longer compiled in one piece.
    """
    rounds = math.ceil(len(experiments) / (_CORES * _GROUP_MOST))
    size = math.ceil(len(experiments) / (_CORES * rounds))
    groups = [list(experiments[start : start + size]) for start in range(0, len(experiments), size)]
    groups[-1] += groups[-1][-1:] * (size - len(groups[-1]))
    return groups


def _first_of(experiments: Sequence[Experiment]) -> Experiment:
    """Return the first experiment, with which the others share data, epochs and structure."""
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


def _epochs_at_once(epochs: int, rows: int) -> int:
    """Return how many epochs one call trains: a divisor of all, as large as the bound on row numbers allows."""
    most = max(1, min(epochs, _EPOCHS_MOST, _ORDERS_MOST // rows))
    return max(size for size in range(1, most + 1) if epochs % size == 0)


@lru_cache(_PROGRAMS_MOST)
def _program(structure: Structure, members: int, epochs: int) -> ManyProgram:
    return ManyProgram(structure, members, epochs)


class ManyProgram:
    """So many epochs of so many runs of one structure in one call, which the first call compiles.

    It writes no variables, so threads may use it at once.
    """

    def __init__(self, structure: Structure, members: int, epochs: int) -> None:
        self.structure = structure
        self._members = members
        self._at_once = epochs
        with BUILD_LOCK:
            # Not packed: what is stacked already comes out slower.
            self._steps = Steps(structure, SummedDense, _vectorizable, packs=False)
            self._model = self._steps.model
            self._fresh = [tf.identity(variable.value) for variable in self._steps.variables]
            self._first = tf.function(self._first_of_all, autograph=False)
            epochs_of_all = tf.function(self._epochs, jit_compile=True, autograph=False)
            self._compiled = epochs_of_all.get_concrete_function(*self._signature())

    def train(self, groups: Sequence[Sequence[Experiment]], rows: RowTensors, units: np.ndarray) -> list[list[Member]]:
        """Train groups side by side, each of as many experiments as the program has members.

        Args:
            units: multiplies the figures.
        """
        with BUILD_LOCK:
            states = [self._first_state(group) for group in groups]
        with ThreadPoolExecutor(_CORES) as pool:
            return list(pool.map(lambda group, state: self._train_group(group, state, rows, units), groups, states))

    def _train_group(
        self, experiments: Sequence[Experiment], state: Stacked, rows: RowTensors, units: np.ndarray
    ) -> list[Member]:
        live = tf.constant(np.stack([runtime_settings(one) for one in experiments]))
        figures = []
        for first in range(0, experiments[0].training.epochs, self._at_once):
            plan = self._plan(experiments, range(first, first + self._at_once))
            state, of_epochs = self._compiled(state, rows.tensors, *plan, live)
            figures.append(of_epochs.numpy())
        return self._members_of(experiments, state, figures, units)

    def _members_of(
        self, experiments: Sequence[Experiment], state: Stacked, figures: Sequence[np.ndarray], units: np.ndarray
    ) -> list[Member]:
        histories = (np.concatenate(figures) * units).swapaxes(0, 1)  # (members, epochs, figures)
        last = zip(*(part.numpy() for part in state), strict=True)
        names = self.structure.metrics
        return [
            Member(experiment, dict(zip(names, history.T, strict=True)), self._weights(own))
            for experiment, history, own in zip(experiments, histories, last, strict=True)
        ]

    def _plan(self, experiments: Sequence[Experiment], epochs: range) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the orders of rows int32 (epochs, members, rows) and the rates float32 (epochs, members, steps)."""
        structure = self.structure
        # Those that differ in the seed alone share their rates.
        kinds = [replace(one.training, seed=0) for one in experiments]
        of_kind = {kind: step_rates(kind, epochs, structure.steps) for kind in set(kinds)}
        rates = np.stack([of_kind[kind] for kind in kinds], axis=1)
        seeds = [one.training.seed for one in experiments]
        of_seed = {seed: row_orders(seed, epochs, structure.train_rows) for seed in set(seeds)}
        orders = np.stack([of_seed[seed] for seed in seeds], axis=1)
        return tf.constant(orders), tf.constant(rates)

    def _signature(self) -> tuple[Any, ...]:
        structure, members, epochs = self.structure, self._members, self._at_once
        state = tuple(tf.TensorSpec((members, *part.shape), part.dtype) for part in self._steps.pack(self._fresh))
        orders = tf.TensorSpec((epochs, members, structure.train_rows), tf.int32)
        rates = tf.TensorSpec((epochs, members, structure.steps), tf.float32)
        live = tf.TensorSpec((members, runtime_setting_count(structure.network)), tf.float32)
        return state, structure.rows_signature(self._model.output_shape[-1]), orders, rates, live

    def _first_state(self, experiments: Sequence[Experiment]) -> Stacked:
        """Return every member's state before its first epoch."""
        initializers = [one.network.initializer for one in experiments]
        kinds = tuple(sorted(set(initializers)))
        of_kind = tf.constant([kinds.index(initializer) for initializer in initializers])
        seeds = np.stack([first_seeds(self._model, one.training.seed) for one in experiments])
        return tuple(self._first(kinds, of_kind, tf.constant(seeds)))

    def _first_of_all(self, initializers: Sequence[str], of_kind: tf.Tensor, seeds: tf.Tensor) -> Values:
        """Return the stacked first state of members whose initializers and seeds these are; traced, as it is slow."""

        def member(both: tuple[tf.Tensor, tf.Tensor]) -> Values:
            of_kind, seeds = both
            return list(tf.switch_case(of_kind, [partial(self._first_of, kind, seeds) for kind in initializers]))

        signature = [tf.TensorSpec(part.shape, part.dtype) for part in self._steps.pack(self._fresh)]
        return list(tf.map_fn(member, (of_kind, seeds), fn_output_signature=signature))

    def _first_of(self, initializer: str, seeds: tf.Tensor) -> Values:
        seeded = seeded_values(self._model, initializer, seeds)
        pairs = zip(self._steps.variables, self._fresh, strict=True)
        return self._steps.pack([seeded.get(variable.path, fresh) for variable, fresh in pairs])

    def _weights(self, state: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """Return the values of the model's variables in one member's state."""
        values = self._steps.unpack(state)[: len(self._steps.trainable) + len(self._steps.others)]
        return tuple(np.asarray(value) for value in values)

    def _epochs(
        self, state: Stacked, rows: Stacked, orders: tf.Tensor, rates: tf.Tensor, live: tf.Tensor
    ) -> tuple[Stacked, tf.Tensor]:
        """Train one epoch after another; returns the state and float32 (epochs, members, figures)."""
        epochs = orders.shape[0]
        shape = (self._members, len(self.structure.metrics))
        figures = tf.TensorArray(tf.float32, epochs, element_shape=shape)

        def body(epoch: tf.Tensor, figures: tf.TensorArray, *state: tf.Tensor) -> tuple[Any, ...]:
            after, of_epoch = self._epoch(state, rows, orders[epoch], rates[epoch], live)
            return epoch + 1, figures.write(epoch, of_epoch), *after

        first = (tf.constant(0), figures, *state)
        _, figures, *state = tf.while_loop(lambda epoch, *_: epoch < epochs, body, first, maximum_iterations=epochs)
        return tuple(state), figures.stack()

    def _epoch(
        self, state: Stacked, rows: Stacked, orders: tf.Tensor, rates: tf.Tensor, live: tf.Tensor
    ) -> tuple[Stacked, tf.Tensor]:
        structure, steps, size = self.structure, self._steps, self.structure.training.batch_size
        train_rows, val_rows = rows[:-2], rows[-2:]
        count = len(state)

        def train(both: Values, start: tf.Tensor, rows: int, step: tf.Tensor) -> Values:
            batch = tf.slice(orders, [0, start], [self._members, rows])
            rate = tf.gather(rates, step, axis=1)

            def member(values: Values) -> Values:
                *own, batch, rate, live = values
                parts = [tf.gather(part, batch) for part in train_rows]
                after, tallies = steps.train(own[:count], own[count:], parts, rate, live)
                return [*after, *tallies]

            return list(tf.vectorized_map(member, [*both, batch, rate, live]))

        zeros = [tf.zeros((self._members, *variable.shape), variable.dtype) for variable in steps.tallies]
        both = for_batches(train, [*state, *zeros], structure.train_rows, size)
        last, trained = both[:count], both[count:]

        def test(tallies: Values, start: tf.Tensor, rows: int, _: tf.Tensor) -> Values:
            part = [tf.slice(val, [start, 0], [rows, val.shape[1]]) for val in val_rows]

            def member(values: Values) -> Values:
                *own, live = values
                return steps.test(own[:count], own[count:], part, live)

            return list(tf.vectorized_map(member, [*last, *tallies, live]))

        tested = for_batches(test, zeros, structure.val_rows, max(size, VALIDATED_AT_ONCE))
        return tuple(last), tf.concat([tf.vectorized_map(steps.figures, own) for own in (trained, tested)], axis=1)


def _vectorizable(metrics: list[keras.metrics.Metric]) -> list[keras.metrics.Metric]:
    """Return the same metrics; Keras's own accuracy of classes tells 0 from -0, which cannot be vectorized."""
    return [
        keras.metrics.MeanMetricWrapper(_accuracy, name=metric.name)
        if isinstance(metric, keras.metrics.CategoricalAccuracy)
        else metric
        for metric in metrics
    ]


def _accuracy(y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.equal(tf.argmax(y_true, axis=-1), tf.argmax(y_pred, axis=-1)), tf.float32)
