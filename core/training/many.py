"""Many runs of one shape in one compiled program: twenty seeds, or a grid of learning rates.

Weights and optimizer state of the members are stacked, and the steps of one member (`core.training.steps`) are
vectorized over them (`tf.vectorized_map`). So a step of all costs little more than a step of one.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.datasets import prepare
from core.experiment import Experiment, NetworkSpec, shape_of
from core.experiment.schedule import step_rates
from core.training.live import live_count, live_numbers
from core.training.network import seeded_values
from core.training.passes import row_order
from core.training.program import BUILDING, VALIDATED_AT_ONCE, units_of
from core.training.steps import Steps, SummedDense, Values, for_batches
from core.training.structure import Rows, Structure

_ORDERS_MOST = 2**24  # row numbers handed over at once
_EPOCHS_MOST = 25  # in one call, so that the orders of the next are drawn meanwhile
Stacked = tuple[tf.Tensor, ...]  # what a step takes, of every member: (members, …)
_Trained = Future[tuple[Stacked, tf.Tensor]]  # … and float32 figures (epochs, members, figures)


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
    rows = Rows.of(split, first.training.class_weight)
    # A compiled step of small matrices keeps one core busy, so every core gets a group of its own.
    groups = _groups(experiments, os.cpu_count() or 1)
    at_once = _epochs_at_once(first.training.epochs, len(groups[0]) * len(split.x_train))
    program = ManyProgram(Structure.of(first, split), len(groups[0]), at_once)
    trained = program.train(groups, rows, units_of(split))
    return [member for members in trained for member in members][: len(experiments)]


def _groups(experiments: Sequence[Experiment], most: int) -> list[list[Experiment]]:
    """Return the experiments in at most so many groups of equal size, the last filled up with its last experiment."""
    size = math.ceil(len(experiments) / most)
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


class ManyProgram:
    """So many epochs of so many runs of one structure in one call, which the first call compiles.

    It writes no variables, so threads may call it at once.
    """

    def __init__(self, structure: Structure, members: int, epochs: int) -> None:
        self.structure = structure
        self._members = members
        self._at_once = epochs
        with BUILDING:
            # Not packed: what is stacked already comes out slower.
            self._steps = Steps(structure, _dense_for(structure.network), _vectorizable, packs=False)
            self._model = self._steps.model
            self._fresh = [tf.identity(variable.value) for variable in self._steps.variables]
            epochs_of_all = tf.function(self._epochs, jit_compile=True, autograph=False)
            self._compiled = epochs_of_all.get_concrete_function(*self._signature())

    def train(self, groups: Sequence[Sequence[Experiment]], rows: Rows, units: np.ndarray) -> list[list[Member]]:
        """Train groups side by side, each of as many experiments as the program has members.

        All that Python does is done on this thread, while the compiled code trains on others: they would only wait for
        the interpreter.

        Args:
            units: multiplies the figures.
        """
        lives = [tf.constant(np.stack([live_numbers(one) for one in group])) for group in groups]
        states = [self.first_state(group) for group in groups]
        figures: list[list[np.ndarray]] = [[] for _ in groups]
        trained: list[_Trained] = []
        with ThreadPoolExecutor(len(groups)) as pool:
            for first in range(0, groups[0][0].training.epochs, self._at_once):
                plans = [self._plan(group, range(first, first + self._at_once)) for group in groups]
                states = _take(trained, figures) or states
                trained = [
                    pool.submit(self._compiled, state, rows.tensors, orders, rates, live)
                    for state, (orders, rates), live in zip(states, plans, lives, strict=True)
                ]
            states = _take(trained, figures)
        return [self._members_of(*of_group, units) for of_group in zip(groups, states, figures, strict=True)]

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
        of_kind = {kind: [step_rates(kind, epoch, structure.steps) for epoch in epochs] for kind in set(kinds)}
        rates = np.stack([of_kind[kind] for kind in kinds], axis=1)
        seeds = [one.training.seed for one in experiments]
        of_seed = {seed: [row_order(seed, epoch, structure.train_rows) for epoch in epochs] for seed in set(seeds)}
        orders = np.stack([of_seed[seed] for seed in seeds], axis=1)
        return tf.constant(orders), tf.constant(rates)

    def _signature(self) -> tuple[Any, ...]:
        structure, members, epochs = self.structure, self._members, self._at_once
        state = tuple(tf.TensorSpec((members, *part.shape), part.dtype) for part in self._steps.pack(self._fresh))
        orders = tf.TensorSpec((epochs, members, structure.train_rows), tf.int32)
        rates = tf.TensorSpec((epochs, members, structure.steps), tf.float32)
        live = tf.TensorSpec((members, live_count(structure.network)), tf.float32)
        return state, structure.rows_signature(self._model.output_shape[-1]), orders, rates, live

    def first_state(self, experiments: Sequence[Experiment]) -> Stacked:
        """Return every member's state before its first epoch."""
        begins = [(one.network.initializer, one.training.seed) for one in experiments]
        of_begin = {begin: self._first(one) for begin, one in zip(begins, experiments, strict=True)}
        return tuple(tf.stack(parts) for parts in zip(*(of_begin[begin] for begin in begins), strict=True))

    def _first(self, experiment: Experiment) -> Values:
        seeded = seeded_values(self._model, experiment.network, experiment.training.seed)
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


def _take(trained: Sequence[_Trained], figures: Sequence[list[np.ndarray]]) -> list[Stacked]:
    """Wait for what groups train; add their figures, and return the states behind it."""
    states = []
    for future, of_group in zip(trained, figures, strict=False):
        state, of_epochs = future.result()
        of_group.append(of_epochs.numpy())
        states.append(state)
    return states


def _dense_for(network: NetworkSpec) -> type[keras.layers.Dense]:
    """Return the kind of layer that a member ends with where its single run does.

    A bias before a batch normalization has the gradient 0 but for rounding, from which Adam makes steps of full
    size: there a member must be rounded as its single run is.
    """
    return keras.layers.Dense if network.has_batch_normalization else SummedDense


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
