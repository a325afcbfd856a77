"""The fused epoch: one compiled function that trains and validates a whole epoch.

`keras.Model.fit` spends nearly all its time between the steps of a small network. Here a `tf.while_loop` over the
batches runs Keras's steps (`core.engine.steps`) inside one `tf.function`. Given the same initial weights and order of
rows, it ends where `fit(shuffle=False)` ends. `core.engine.plain` is the same epoch, written to be read.

A program belongs to a structure, not to a run. Weights, optimizer state, rows, their order, learning rates and the
settings that can change during training are arguments; the new state is a result. Since no variable is read or written,
runs of one structure can share a program from any thread, and it keeps nothing of their weights or data.

The structure's layers are as wide as `core.engine.padding` says; a network uses the program as `FittedProgram`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.engine.compiler import COMPILER, LOADER
from core.engine.graphs import Graphs
from core.engine.keras_network import build_network, compile_network, encode_targets
from core.engine.packing import Packed, Packing
from core.engine.pieces import LONG_SECONDS, EpochNumbers, EpochPieces, PartOfEpoch, expected_seconds
from core.engine.steps import Steps, dense_for
from core.engine.structure import RowTensors, Structure
from core.engine.unit_counts import use_unit_counts
from core.experiment import Experiment, menus

Numbers: TypeAlias = np.ndarray | tf.Tensor
_ROWS_AT_ONCE = 1000  # that are predicted at least
_PRODUCTS_AT_ONCE = 1e9  # multiplications, a tenth of a second, that a prediction has at most beyond that
State = Packed  # the values of the model's variables, then the optimizer's
# Keras keeps names and scopes in state of the whole process while a model is built or traced, so one thread at a time.
BUILD_LOCK = threading.Lock()


def metric_scale(split: Split) -> np.ndarray:
    """Return factors that convert metrics to the unit of the target, float32: errors are of scaled targets."""
    unit = 1 / split.target_factor
    return np.array([unit if name.endswith("mae") else 1 for name in menus.HISTORY[split.task]], np.float32)


class Program:
    """The epoch of one structure: as an uncompiled graph at once, and compiled as soon as XLA is done."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        with BUILD_LOCK:
            self._steps = Steps(structure, dense_for(structure))
            self._model, self._variables = self._steps.model, self._steps.variables
            self._parameters = int(self._model.count_params())
            self._unseeded = [tf.identity(variable.value) for variable in self._variables]
            self._weights = Packing([*self._steps.trainable, *self._steps.non_trainable])
            self._slots = Packing(self._steps.optimizer_variables)
            inputs = tf.TensorSpec((None, structure.features), tf.float32)
            self._graphs = Graphs(structure)
            # Before the epoch, since tracing that leaves its tensors in the penalties.
            signature = (inputs, *self._weights.signature, *structure.counts_signature)
            self._forward = self._graphs.add("forward", self._predict, signature)
            first = self._steps.pack(self._unseeded)
            self._pieces = EpochPieces(self._steps, structure, first, self._rows_signature, self._graphs)
            self._whole = self._graphs.add("epoch", self._epoch, self._signature())
            self._graphs.end()
        self._compiling = threading.Lock()  # for the next two
        self._compilation: Future[None] | None = None
        self._waiting = 0

    @property
    def steps(self) -> Steps:
        """The steps of the network. Whoever calls them holds BUILD_LOCK."""
        return self._steps

    @property
    def unseeded(self) -> list[tf.Tensor]:
        """The values of all variables before the first epoch, as `values` returns them; kernels and seeds count not."""
        return self._unseeded

    @property
    def weight_bytes(self) -> int:
        """The size of the model's variables in bytes, without the optimizer's."""
        return self._weights.bytes

    @property
    def state_bytes(self) -> int:
        """The size of a state in bytes: the model's variables and the optimizer's."""
        return self._weights.bytes + self._slots.bytes

    @property
    def ready(self) -> bool:
        """Whether the compiled epoch can be called without waiting for the compiler.

        Raises whatever the compiler raised.
        """
        compilation = self._compilation
        if compilation is None or not compilation.done() or compilation.cancelled():
            return False
        compilation.result()
        return True

    @property
    def was_compiled(self) -> bool:
        """Whether what XLA has compiled is on disk: then `start_compiling` is done in a moment."""
        return self._pieces.were_compiled if self.is_long(compiled=True) else self._whole.was_compiled

    @property
    def failed(self) -> bool:
        """Whether the compiler has failed, for example for lack of memory."""
        compilation = self._compilation
        return bool(compilation and compilation.done() and not compilation.cancelled() and compilation.exception())

    def values(self, state: State) -> list[tf.Tensor]:
        """Return the values of the trainable variables, the model's others, and the optimizer's.

        Without the optimizer's where the state is the model's part alone.
        """
        count = len(self._weights)
        slots = self._slots.unpack(state[count:]) if len(state) > count else []
        return [*self._weights.unpack(state[:count]), *slots]

    def start_compiling(self, state: State, rows: RowTensors) -> None:
        """Compile the epoch in the background, unless that has begun. Each call adds a run that waits for it."""
        with self._compiling:
            self._waiting += 1
            compilation = self._compilation
            if compilation is None or compilation.cancelled() or (compilation.done() and compilation.exception()):
                executor = LOADER if self.was_compiled else COMPILER
                self._compilation = executor.submit(self._compile, state, rows)

    def stop_waiting(self) -> None:
        """Take back a run's wait. A compilation for which no run waits does not begin."""
        with self._compiling:
            self._waiting -= 1
            if self._waiting == 0 and self._compilation is not None:
                self._compilation.cancel()

    def _compile(self, state: State, rows: RowTensors) -> None:
        """Have XLA compile what runs of this structure call."""
        self._graphs.keep()
        order = np.arange(self.structure.train_rows, dtype=np.int32)
        rates = np.zeros(self.structure.steps, np.float32)
        settings = np.zeros(self.structure.settings_size, np.float32)
        counts = (tf.constant(self.structure.units),) if self.structure.counted else ()
        if self.is_long(compiled=True):
            order, rates, settings = map(tf.constant, (order, rates, settings))
            numbers = EpochNumbers(rows.tensors, order, rates, settings, counts)
            self._pieces.compile(self.begin(state).state, numbers)
        else:
            tensors = map(tf.constant, (order, rates, settings))
            self._whole.compile([*state, *rows.tensors, *tensors, *counts])

    def epoch(
        self, state: State, rows: RowTensors, order: Numbers, rates: Numbers, settings: Numbers, *counts: Numbers
    ) -> tuple[State, np.ndarray]:
        """Run one compiled epoch as a whole. Several threads may call this at once.

        Args:
            order: int32 (train_rows,), the order in which training rows are visited.
            rates: float32 (steps,), the learning rate of every step.
            settings: float32 (settings_size,), `runtime_settings`, then `held_unit_masks` where units are held.
            counts: int32 (hidden layers,), where the structure is counted.

        Returns:
            The state after the epoch, and float32 metrics in the order of the structure's `metrics`.
        """
        return self._run(True, state, rows, order, rates, settings, *counts)

    def uncompiled_epoch(
        self, state: State, rows: RowTensors, order: Numbers, rates: Numbers, settings: Numbers, *counts: Numbers
    ) -> tuple[State, np.ndarray]:
        """Run one epoch as TensorFlow's graph, without XLA. Several threads may call this at once.

        The result is that of `epoch` to about 1e-7, except with dropout and noise: from the same seed XLA draws other
        numbers.
        """
        return self._run(False, state, rows, order, rates, settings, *counts)

    def _run(self, compiled: bool, state: State, rows: RowTensors, *numbers: Numbers) -> tuple[State, np.ndarray]:
        tensors = [tf.convert_to_tensor(number) for number in numbers]
        *new_state, metrics = self._whole(compiled, [*state, *rows.tensors, *tensors])
        return tuple(new_state), metrics.numpy()

    # In pieces

    def is_long(self, compiled: bool) -> bool:
        """Whether an epoch is to be run in pieces; see `core.engine.pieces`."""
        return expected_seconds(self.structure, compiled) > LONG_SECONDS

    def begin(self, state: State) -> PartOfEpoch:
        """Return an epoch of which nothing is done yet."""
        return self._pieces.begin(self._steps.pack(self.values(state)))

    def go_on(self, part: PartOfEpoch, numbers: EpochNumbers, most: int, compiled: bool) -> PartOfEpoch:
        """Do up to `most` more steps of an epoch, at least one. Several threads may call this at once.

        At the end of the epoch the part has its results, which are those of `epoch` bit for bit where it is compiled.
        """
        return self._pieces.go_on(part, numbers, most, compiled)

    def state_after(self, part: PartOfEpoch) -> State:
        """Return the state after the steps that are done."""
        return self.packed(self._steps.unpack(part.state))

    def outputs(self, state: State, inputs: Numbers, *counts: tf.Tensor) -> np.ndarray:
        """Return the output layer's values for scaled inputs (rows, features): float32 (rows, output units).

        Many rows of a large network are computed part by part, since other runs wait for the threads that do it.
        """
        weights, inputs = state[: len(self._weights)], tf.convert_to_tensor(inputs)
        most = max(_ROWS_AT_ONCE, int(_PRODUCTS_AT_ONCE / max(self._parameters, 1)))
        starts = range(0, max(len(inputs), 1), most)
        parts = [self._forward(False, [inputs[start : start + most], *weights, *counts])[0] for start in starts]
        outputs: np.ndarray = parts[0].numpy() if len(parts) == 1 else np.concatenate([part.numpy() for part in parts])
        return outputs

    def weights(self, state: State) -> State:
        """Return the model's part of a state, without the optimizer's. `outputs` takes it too."""
        return state[: len(self._weights)]

    def weight_arrays(self, state: State) -> list[np.ndarray]:
        """Return the values of the trainable variables, then the model's others; much faster than `values`."""
        return self._weights.arrays(self.weights(state))

    @property
    def _rows_signature(self) -> tuple[tf.TensorSpec, ...]:
        return self.structure.rows_signature(self._model.output_shape[-1])

    def _signature(self) -> tuple[Any, ...]:
        numbers = self.structure.numbers_signature
        return *self._weights.signature, *self._slots.signature, *self._rows_signature, *numbers

    def _epoch(self, *arguments: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Train on all batches, then validate: what is traced and compiled as a whole."""
        packed = len(self._weights) + len(self._slots)
        first = packed + len(self._rows_signature)
        order, rates, settings, *counts = arguments[first:]
        numbers = EpochNumbers(arguments[packed:first], order, rates, settings, tuple(counts))
        part = self._pieces.whole(self._steps.pack(self.values(arguments[:packed])), numbers)
        return *self.state_after(part), part.results

    def packed(self, values: list[tf.Tensor]) -> State:
        """Return the state with values as `values` returns them."""
        count = len(self._variables) - len(self._steps.optimizer_variables)
        return self._weights.pack(values[:count]) + self._slots.pack(values[count:])

    def _predict(self, inputs: tf.Tensor, *weights: tf.Tensor) -> tuple[tf.Tensor]:
        """Return the outputs; where units are counted, the counts come after the weights."""
        if self.structure.counted:
            use_unit_counts(self._model, weights[-1])
            weights = weights[:-1]
        trainable = len(self._steps.trainable)
        values = self._weights.unpack(weights)
        outputs, _ = self._model.stateless_call(values[:trainable], values[trainable:], inputs, training=False)
        return (outputs,)


def evaluate(experiment: Experiment, split: Split, values: Sequence[tf.Tensor]) -> tuple[float, ...]:
    """Return the metrics of `model.evaluate` on the test rows, in the order of the training half of the history.

    This builds a model of its own: assigning to the variables of a shared program would not be safe.

    Args:
        values: of the trainable variables, then of the model's others.
    """
    training = experiment.training
    with BUILD_LOCK:
        model = build_network(experiment.network, split.inputs, split.classes, training.seed, str(training.loss))
        compile_network(model, training, split.classes, training.learning_rate)
    for variable, value in zip([*model.trainable_variables, *model.non_trainable_variables], values, strict=True):
        variable.assign(value)
    model.test_step((tf.constant(split.x_test), tf.constant(encode_targets(split.y_test, split))))
    names = menus.HISTORY[split.task]
    metrics = model.get_metrics_result()
    return tuple(float(metrics[name]) for name in names[: len(names) // 2])
