"""The epoch of a structure, piece by piece: a long one would hold up everybody who shares the process.

A piece is so many steps; a step trains on one batch or validates on one. Where an epoch is cut does not change its
result: the same compiled steps handle every batch, whichever piece it is in. A whole epoch is traced of the same
pieces, and ends in the same numbers, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import tensorflow as tf

from core.engine.epoch_steps import EpochSteps, validated_at_once
from core.engine.graphs import Graphs
from core.engine.steps import Steps, Values
from core.engine.structure import Structure
from core.experiment import count_parameters

# An epoch that is expected to take longer is trained in pieces. The expectation need not be exact: a short epoch in
# pieces loses a few milliseconds, and one of a few tenths of a second as a whole holds nobody up for long.
LONG_SECONDS = 0.1
_COMPILED_STEP_SECONDS = 2e-6  # of a small network
_PLAIN_STEP_SECONDS = 1e-3
_PRODUCTS_A_SECOND = 1e10  # multiplications of a core in matrix products
_BYTES_A_SECOND = 4e9  # that a step moves between memory and processor
_PASSES = 8  # over the weights in a step: forward, backward, gradient, and an optimizer with two slots


def expected_seconds(structure: Structure, compiled: bool) -> float:
    """Return roughly how long an epoch of a structure takes, on the compiled program or on the plain graph."""
    parameters = count_parameters(structure.network, structure.features, structure.classes)
    validated = -(-structure.val_rows // validated_at_once(structure))
    products = parameters * (3 * structure.train_rows + structure.val_rows)
    moved = 4 * parameters * (_PASSES * structure.steps + validated)
    overhead = _COMPILED_STEP_SECONDS if compiled else _PLAIN_STEP_SECONDS
    return (structure.steps + validated) * overhead + products / _PRODUCTS_A_SECOND + moved / _BYTES_A_SECOND


@dataclass(frozen=True, eq=False)
class EpochNumbers:
    """What an epoch is trained with: rows, order, learning rates and settings, as `Program.epoch` takes them.

    Attributes:
        counts: one tensor where units are counted.
    """

    rows: tuple[tf.Tensor, ...]
    order: tf.Tensor
    rates: tf.Tensor
    settings: tf.Tensor
    counts: tuple[tf.Tensor, ...] = ()

    @property
    def tensors(self) -> tuple[tf.Tensor, ...]:
        return *self.rows, self.order, self.rates, self.settings, *self.counts


@dataclass(frozen=True, eq=False)
class PartOfEpoch:
    """How far an epoch has come: an immutable value.

    Attributes:
        state: as `Steps.pack` returns it.
        trained, tested: the values of the metrics over the training and the held-out rows so far.
        done: steps.
        results: the epoch's metrics when all steps are done, float32; None before.
    """

    state: Values
    trained: Values
    tested: Values
    done: int = 0
    results: tf.Tensor | None = None


class EpochPieces:
    """The graphs of a structure's pieces. Make it on one thread at a time (`program.BUILD_LOCK`).

    Args:
        state: a state as `Steps.pack` returns it.
        rows: shape and dtype of `RowTensors.tensors`.
        graphs: of the program.
    """

    def __init__(
        self, steps: Steps, structure: Structure, state: Values, rows: Sequence[tf.TensorSpec], graphs: Graphs
    ) -> None:
        self._steps, self._structure = steps, structure
        self._size, self._val_size = structure.training.batch_size, validated_at_once(structure)
        self._train_full, self._train_rest = divmod(structure.train_rows, self._size)
        self._val_full, self._val_rest = divmod(structure.val_rows, self._val_size)
        self._train_steps = structure.steps
        self._all_steps = self._train_steps + self._val_full + 1  # the last one also makes the results
        self._state_size, self._metrics_size = len(state), len(steps.metric_variables)
        self._rows_size = len(rows)
        metrics = [tf.TensorSpec(variable.shape, variable.dtype) for variable in steps.metric_variables]
        numbers = [*rows, *structure.numbers_signature]
        states = [tf.TensorSpec(part.shape, part.dtype) for part in state]
        bounds = [tf.TensorSpec((), tf.int32)] * 2
        finish = graphs.add("finish", self._trace_finish, [*states, *metrics, *metrics, *numbers])
        self._graphs = {"finish": finish}
        if self._train_full:
            self._graphs["train"] = graphs.add("train", self._trace_train, [*states, *metrics, *numbers, *bounds])
        if self._train_rest:
            self._graphs["rest"] = graphs.add("rest", self._trace_rest, [*states, *metrics, *numbers])
        if self._val_full:
            self._graphs["test"] = graphs.add("test", self._trace_test, [*states, *metrics, *numbers, *bounds])

    def begin(self, state: Values) -> PartOfEpoch:
        """Return an epoch of which nothing is done yet."""
        return PartOfEpoch(state, self._steps.metric_zeros(), self._steps.metric_zeros())

    def go_on(self, part: PartOfEpoch, numbers: EpochNumbers, most: int, compiled: bool) -> PartOfEpoch:
        """Do up to `most` more steps, at least one. A piece either trains or validates."""
        graphs, given = self._graphs, numbers.tensors
        if part.done < self._train_full:
            last = min(part.done + most, self._train_full)
            before = [*part.state, *part.trained, *given, tf.constant(part.done), tf.constant(last)]
            return self._trained(part, graphs["train"](compiled, before), last)
        if part.done < self._train_steps:
            return self._trained(part, graphs["rest"](compiled, [*part.state, *part.trained, *given]), part.done + 1)
        first = part.done - self._train_steps
        if first < self._val_full:
            last = min(first + most, self._val_full)
            before = [*part.state, *part.tested, *given, tf.constant(first), tf.constant(last)]
            return replace(part, tested=list(graphs["test"](compiled, before)), done=self._train_steps + last)
        (results,) = graphs["finish"](compiled, [*part.state, *part.trained, *part.tested, *given])
        return replace(part, done=self._all_steps, results=results)

    def whole(self, state: Values, numbers: EpochNumbers) -> PartOfEpoch:
        """Return a whole epoch at its end. To be traced into one graph."""
        part = self.begin(state)
        while part.results is None:
            part = self.go_on(part, numbers, self._all_steps, compiled=False)
        return part

    @property
    def were_compiled(self) -> bool:
        """Whether the compiled code of all pieces is on disk."""
        return all(graph.was_compiled for graph in self._graphs.values())

    def compile(self, state: Values, numbers: EpochNumbers) -> None:
        """Have XLA compile all pieces, with as few steps as possible; on the threads of COMPILER and LOADER only."""
        zeros, none = self._steps.metric_zeros(), tf.constant(0)
        for name, graph in self._graphs.items():
            metrics = [*zeros, *zeros] if name == "finish" else zeros
            bounds = (none, none) if name in ("train", "test") else ()
            graph.compile([*state, *metrics, *numbers.tensors, *bounds])

    def _trained(self, part: PartOfEpoch, values: Sequence[tf.Tensor], done: int) -> PartOfEpoch:
        state, trained = list(values[: self._state_size]), list(values[self._state_size :])
        return replace(part, state=state, trained=trained, done=done)

    # What is traced

    def _trace_train(self, *arguments: tf.Tensor) -> Values:
        *given, first, last = arguments
        values, epoch = self._parts(given, self._metrics_size)

        def body(step: tf.Tensor, *values: tf.Tensor) -> tuple[tf.Tensor, ...]:
            return step + 1, *epoch.train(list(values), step * self._size, self._size, step)

        _, *after = tf.while_loop(lambda step, *_: step < last, body, (first, *values))
        return after

    def _trace_rest(self, *arguments: tf.Tensor) -> Values:
        values, epoch = self._parts(arguments, self._metrics_size)
        full = tf.constant(self._train_full)
        return epoch.train(values, full * self._size, self._train_rest, full)

    def _trace_test(self, *arguments: tf.Tensor) -> Values:
        *given, first, last = arguments
        values, epoch = self._parts(given, self._metrics_size)
        state, tested = values[: self._state_size], values[self._state_size :]

        def body(step: tf.Tensor, *tested: tf.Tensor) -> tuple[tf.Tensor, ...]:
            return step + 1, *epoch.test(state, list(tested), step * self._val_size, self._val_size)

        _, *after = tf.while_loop(lambda step, *_: step < last, body, (first, *tested))
        return after

    def _trace_finish(self, *arguments: tf.Tensor) -> Values:
        values, epoch = self._parts(arguments, 2 * self._metrics_size)
        state, metrics = values[: self._state_size], values[self._state_size :]
        trained, tested = metrics[: self._metrics_size], metrics[self._metrics_size :]
        if self._val_rest:
            tested = epoch.test(state, tested, tf.constant(self._val_full * self._val_size), self._val_rest)
        train_rows, val_rows = self._structure.train_rows, self._structure.val_rows
        # XLA unrolls the loop of a whole epoch that has a single full batch, and then knows how many rows there were.
        results = [
            self._steps.metric_results(trained, 0 if self._train_full > 1 else train_rows),
            self._steps.metric_results(tested, 0 if self._val_full > 1 else val_rows),
        ]
        return [tf.concat(results, axis=0)]

    def _parts(self, arguments: Sequence[tf.Tensor], metrics: int) -> tuple[Values, EpochSteps]:
        """Return state and metrics among the arguments, and the epoch's steps with the others."""
        count = self._state_size + metrics
        rows, numbers = arguments[count : count + self._rows_size], arguments[count + self._rows_size :]
        return list(arguments[:count]), EpochSteps(self._steps, self._structure, self._state_size, rows, *numbers)
