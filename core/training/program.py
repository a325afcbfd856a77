"""The fused epoch: one program that trains and validates a whole epoch.

`keras.Model.fit` spends nearly all its time between the steps. Here a `tf.while_loop` over the
batches calls Keras's own `train_step`, then `test_step`, inside one `tf.function`; given the same
first weights and order of rows it ends where `fit(shuffle=False)` ends.

A program belongs to a structure, not to a run: weights, optimizer state, rows and their order are
arguments, and the new state is a result. What the Keras variables hold between two calls is never
read, so runs of one structure share a program and nothing of anyone's weights or data stays in it.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.experiment import Experiment, NetworkSpec, TrainingSpec
from core.training.network import build_network, compile_network, encode_labels, first_values

State = tuple[tf.Tensor, ...]  # trainable variables, other variables of the model, optimizer variables
# Keras keeps names and scopes in process-wide state while a model is built or traced.
_BUILDING = threading.Lock()
_COMPILER = ThreadPoolExecutor(1, "compiler")


@dataclass(frozen=True)
class Structure:
    """What a program depends on: two runs of equal structure share one."""

    network: NetworkSpec
    optimizer: str
    batch_size: int
    features: int
    classes: int
    train_rows: int
    test_rows: int

    @classmethod
    def of(cls, experiment: Experiment, split: Split) -> Structure:
        return cls(
            experiment.network,
            experiment.training.optimizer,
            experiment.training.batch_size,
            split.features,
            split.classes,
            len(split.x_train),
            len(split.x_test),
        )


@dataclass(frozen=True)
class Rows:
    """The rows of a split as the program takes them: inputs float32, labels encoded."""

    x_train: tf.Tensor  # (train_rows, features)
    y_train: tf.Tensor  # (train_rows, 1) or (train_rows, classes)
    x_test: tf.Tensor
    y_test: tf.Tensor

    @property
    def tensors(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        return self.x_train, self.y_train, self.x_test, self.y_test

    @classmethod
    def of(cls, split: Split) -> Rows:
        return cls(
            tf.constant(split.x_train),
            tf.constant(encode_labels(split.y_train, split.classes)),
            tf.constant(split.x_test),
            tf.constant(encode_labels(split.y_test, split.classes)),
        )


class Program:
    """The epoch of one structure, as a plain graph at once and as compiled code when it is ready."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        with _BUILDING:
            self._model = build_network(structure.network, structure.features, structure.classes, seed=0)
            compile_network(self._model, TrainingSpec(structure.optimizer), structure.classes)
            self._build_variables()
            optimizer = self._model.optimizer
            self._weights = [*self._model.trainable_variables, *self._model.non_trainable_variables]
            self._variables = [*self._weights, *optimizer.variables]
            self._learning_rate_place = next(
                place for place, variable in enumerate(self._variables) if variable is optimizer.learning_rate
            )
            self._first_optimizer_state = [tf.identity(variable.value) for variable in optimizer.variables]
            self._plain = tf.function(self._epoch, autograph=False).get_concrete_function(*self._signature())
            weights = [tf.TensorSpec(variable.shape, variable.dtype) for variable in self._weights]
            inputs = tf.TensorSpec((None, structure.features), tf.float32)
            self._forward = tf.function(self._predict, autograph=False).get_concrete_function(inputs, *weights)
        # The same trace compiled: calling it from a jit function spares a second trace.
        self._compiled = tf.function(lambda *arguments: self._plain(*arguments), jit_compile=True, autograph=False)
        self._plain_turn = threading.Lock()
        self._compiling = threading.Lock()
        self._compilation: Future[None] | None = None

    @property
    def parameters(self) -> int:
        """How many weights and biases the network has."""
        return int(self._model.count_params())

    @property
    def ready(self) -> bool:
        """Whether the compiled epoch can be called without waiting for the compiler.

        Raises whatever the compiler raised.
        """
        compilation = self._compilation
        if compilation is None or not compilation.done():
            return False
        compilation.result()
        return True

    def first_state(self, seed: int, learning_rate: float) -> State:
        """Return the state before the first epoch: seeded weights and a fresh optimizer."""
        weights = (tf.convert_to_tensor(value) for value in first_values(self._model, seed))
        state = (*weights, *self._first_optimizer_state)
        return self.with_learning_rate(state, learning_rate)

    def with_learning_rate(self, state: State, learning_rate: float) -> State:
        """Return the same state with another learning rate."""
        place = self._learning_rate_place
        return (*state[:place], tf.constant(learning_rate, tf.float32), *state[place + 1 :])

    def start_compiling(self, state: State, rows: Rows) -> None:
        """Compile the epoch in the background, once; `ready` tells when it is done."""
        with self._compiling:
            if self._compilation is None:
                order = tf.range(self.structure.train_rows)
                self._compilation = _COMPILER.submit(self._compile, (*state, *rows.tensors, order))

    def _compile(self, arguments: tuple[tf.Tensor, ...]) -> None:
        self._compiled(*arguments)

    def epoch(self, state: State, rows: Rows, order: np.ndarray) -> tuple[State, np.ndarray]:
        """Run one compiled epoch.

        TensorFlow locks the variables a compiled program writes while it runs, so threads may call this at once.

        Args:
            order: int32 (train_rows,), the training rows in the order they are visited.

        Returns:
            The new state, and float32 (4,): loss, accuracy, val_loss, val_accuracy.
        """
        *new_state, metrics = self._compiled(*state, *rows.tensors, tf.constant(order))
        return tuple(new_state), metrics.numpy()

    def plain_epoch(self, state: State, rows: Rows, order: np.ndarray) -> tuple[State, np.ndarray]:
        """Run one epoch on the plain graph, one caller at a time: the same result to about 1e-7.

        Only with dropout it is another, for the compiler draws other numbers from the same seed.

        Once `ready` turns true during the call, the result may be mixed with the compiler's trial run and
        must be thrown away.
        """
        with self._plain_turn:
            *new_state, metrics = self._plain(*state, *rows.tensors, tf.constant(order))
        return tuple(new_state), metrics.numpy()

    def predict(self, state: State, inputs: tf.Tensor) -> np.ndarray:
        """Return class probabilities float32 (rows, classes) for scaled inputs (rows, features)."""
        outputs = self._forward(inputs, *state[: len(self._weights)]).numpy()
        return np.concatenate([1 - outputs, outputs], axis=1) if self.structure.classes == 2 else outputs

    def _build_variables(self) -> None:
        """Make the optimizer's and the metrics' variables, which must exist before tracing."""
        self._model.optimizer.build(self._model.trainable_variables)
        structure = self.structure
        row = tf.zeros((1, structure.features)), encode_labels(np.zeros(1, int), structure.classes)
        self._model.test_step((row[0], tf.constant(row[1])))

    def _signature(self) -> tuple[Any, ...]:
        structure = self.structure
        outputs = self._model.output_shape[-1]
        state = tuple(tf.TensorSpec(variable.shape, variable.dtype) for variable in self._variables)
        rows = [
            tf.TensorSpec((count, width), tf.float32)
            for count in (structure.train_rows, structure.test_rows)
            for width in (structure.features, outputs)
        ]
        return *state, *rows, tf.TensorSpec((structure.train_rows,), tf.int32)

    def _epoch(self, *arguments: tf.Tensor) -> tuple[tf.Tensor, ...]:
        *state, x_train, y_train, x_test, y_test, order = arguments
        model, size = self._model, self.structure.batch_size
        for variable, value in zip(self._variables, state, strict=True):
            variable.assign(value)

        def train(start: tf.Tensor, count: int) -> None:
            batch = tf.slice(order, [start], [count])
            model.train_step((tf.gather(x_train, batch), tf.gather(y_train, batch)))

        def test(start: tf.Tensor, count: int) -> None:
            model.test_step(tuple(tf.slice(part, [start, 0], [count, part.shape[1]]) for part in (x_test, y_test)))

        results = []
        for step, rows in ((train, self.structure.train_rows), (test, self.structure.test_rows)):
            for variable in model.metrics_variables:
                variable.assign(tf.zeros(variable.shape, variable.dtype))
            _for_batches(step, rows, size)
            values = model.get_metrics_result()
            results += [tf.identity(values["loss"]), tf.identity(values["accuracy"])]
        return *(tf.identity(variable.value) for variable in self._variables), tf.stack(results)

    def _predict(self, inputs: tf.Tensor, *weights: tf.Tensor) -> tf.Tensor:
        trainable = len(self._model.trainable_variables)
        outputs, _ = self._model.stateless_call(weights[:trainable], weights[trainable:], inputs, training=False)
        return outputs


def _for_batches(step: Any, rows: int, size: int) -> None:
    """Trace `step(start, count)` for every full batch in one loop, and for the smaller last one."""
    full, rest = divmod(rows, size)
    if full:

        def body(batch: tf.Tensor) -> tuple[tf.Tensor]:
            step(batch * size, size)
            return (batch + 1,)

        tf.while_loop(lambda batch: batch < full, body, (tf.constant(0),), maximum_iterations=full)
    if rest:
        step(tf.constant(full * size), rest)
