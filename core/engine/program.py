"""The fused epoch: one program that trains and validates a whole epoch.

`keras.Model.fit` spends nearly all its time between the steps. Here a `tf.while_loop` over the
batches makes Keras's own steps (`core.engine.steps`) inside one `tf.function`; given the same
first weights and order of rows it ends where `fit(shuffle=False)` ends.

A program belongs to a structure, not to a run: weights, optimizer state, rows and their order are
arguments, and so are the learning rate of every step and the numbers that can change while a network
trains; the new state is a result. No variable is read or written, so runs of one structure share a
program, from any thread, and nothing of anyone's weights or data stays in it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.engine.keras_network import (
    build_network,
    compile_network,
    encode_targets,
    first_seeds,
    seeded_values,
    weights_by_name,
)
from core.engine.packing import Packed, Packing
from core.engine.runtime_settings import held_weights, runtime_setting_count
from core.engine.steps import Steps, Values, dense_for, for_batches
from core.engine.structure import RowTensors, Structure
from core.experiment import Experiment, NetworkSpec, menus
from core.trained.network import probabilities

# Rows that are validated at once: more than a batch, since the means over all rows come out the same.
VALIDATED_AT_ONCE = 1024
Numbers: TypeAlias = np.ndarray | tf.Tensor
State = Packed  # the model's variables, then the optimizer's
# Keras keeps names and scopes in process-wide state while a model is built or traced.
BUILD_LOCK = threading.Lock()
_COMPILER = ThreadPoolExecutor(1, "compiler")


def metric_scale(split: Split) -> np.ndarray:
    """Return what turns an epoch's figures into the target's own units, float32: errors are scaled as it is."""
    unit = 1 / split.target_factor
    return np.array([unit if name.endswith("mae") else 1 for name in menus.HISTORY[split.task]], np.float32)


class Program:
    """The epoch of one structure, as a plain graph at once and as compiled code when it is ready."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        with BUILD_LOCK:
            self._steps = Steps(structure, dense_for(structure))
            self._model, self._variables = self._steps.model, self._steps.variables
            self._fresh = [tf.identity(variable.value) for variable in self._variables]
            self._weights = Packing([*self._steps.trainable, *self._steps.others])
            self._memory = Packing(self._steps.memory)
            inputs = tf.TensorSpec((None, structure.features), tf.float32)
            # Before the epoch, whose trace leaves its own tensors in the penalties.
            self._forward = tf.function(self._predict, autograph=False).get_concrete_function(
                inputs, *self._weights.signature
            )
            self._plain = tf.function(self._epoch, autograph=False).get_concrete_function(*self._signature())
            # The same trace compiled: calling it from a jit function spares a second trace. Concrete, since a call
            # would otherwise look for the trace that fits its arguments.
            compiled = tf.function(lambda *arguments: self._plain(*arguments), jit_compile=True, autograph=False)
            self._compiled = compiled.get_concrete_function(*self._signature())
        self._compiling = threading.Lock()
        self._compilation: Future[None] | None = None
        self._waiting = 0

    @property
    def parameters(self) -> int:
        """How many weights and biases the network has."""
        return int(self._model.count_params())

    @property
    def weight_bytes(self) -> int:
        """How many bytes the model's variables take, without the optimizer's."""
        return self._weights.bytes

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
    def failed(self) -> bool:
        """Whether the compiler has given up, as where memory was short."""
        compilation = self._compilation
        return bool(compilation and compilation.done() and not compilation.cancelled() and compilation.exception())

    def first_state(self, network: NetworkSpec, seed: int) -> State:
        """Return the state before the first epoch: seeded weights and a fresh optimizer.

        Args:
            network: the network that is trained; how its kernels begin is not part of the structure.
        """
        seeded = seeded_values(self._model, network.initializer, first_seeds(self._model, seed))
        pairs = zip(self._variables, self._fresh, strict=True)
        return self._pack([seeded.get(variable.path, fresh) for variable, fresh in pairs])

    def values(self, state: State) -> list[tf.Tensor]:
        """Return the value of every variable: the trainable ones, the model's others, the optimizer's.

        Where the state is only the model's part, without the optimizer's.
        """
        count = len(self._weights)
        memory = self._memory.unpack(state[count:]) if len(state) > count else []
        return [*self._weights.unpack(state[:count]), *memory]

    def start_compiling(self, state: State, rows: RowTensors) -> None:
        """Compile the epoch in the background, once; `ready` tells when it is done. Each call is a run that waits."""
        with self._compiling:
            self._waiting += 1
            compilation = self._compilation
            if compilation is None or compilation.cancelled() or (compilation.done() and compilation.exception()):
                self._compilation = _COMPILER.submit(self._compile, state, rows)

    def stop_waiting(self) -> None:
        """Say that a run waits no more; a compilation that nobody waits for does not begin."""
        with self._compiling:
            self._waiting -= 1
            if self._waiting == 0 and self._compilation is not None:
                self._compilation.cancel()

    def _compile(self, state: State, rows: RowTensors) -> None:
        """Call the compiled epoch once, which compiles it."""
        order = np.arange(self.structure.train_rows, dtype=np.int32)
        rates = np.zeros(self.structure.steps, np.float32)
        live = np.zeros(self.structure.live_size, np.float32)
        self.epoch(state, rows, order, rates, live)

    def epoch(
        self, state: State, rows: RowTensors, order: Numbers, rates: Numbers, live: Numbers
    ) -> tuple[State, np.ndarray]:
        """Run one compiled epoch; threads may call this at once.

        Args:
            order: int32 (train_rows,), the training rows in the order they are visited.
            rates: float32 (steps,), the learning rate of every step.
            live: what `runtime_settings` returns, and `held_unit_masks` behind it where the structure is held.

        Returns:
            The state behind the epoch, and float32 figures in the order of the structure's `metrics`.
        """
        numbers = [tf.convert_to_tensor(number) for number in (order, rates, live)]
        # What a call of the function comes to; to bind the arguments first takes as long as a small network's epoch.
        arguments = [*state, *rows.tensors, *numbers]
        *new_state, metrics = self._compiled._call_flat(arguments, self._compiled.captured_inputs)
        return tuple(new_state), metrics.numpy()

    def uncompiled_epoch(
        self, state: State, rows: RowTensors, order: Numbers, rates: Numbers, live: Numbers
    ) -> tuple[State, np.ndarray]:
        """Run one epoch on the plain graph: the same result to about 1e-7, and threads may call this at once.

        Only with dropout and noise it is another, for the compiler draws other numbers from the same seed.
        """
        numbers = [tf.convert_to_tensor(number) for number in (order, rates, live)]
        *new_state, metrics = self._plain(*state, *rows.tensors, *numbers)
        return tuple(new_state), metrics.numpy()

    def outputs(self, state: State, inputs: tf.Tensor) -> np.ndarray:
        """Return what the output layer gives for scaled inputs (rows, features): float32 (rows, output units)."""
        outputs: np.ndarray = self._forward(inputs, *state[: len(self._weights)]).numpy()
        return outputs

    def predict(self, state: State, inputs: tf.Tensor) -> np.ndarray:
        """Return class probabilities float32 (rows, classes) for scaled inputs (rows, features)."""
        return probabilities(self.outputs(state, inputs), self.structure.classes, self.structure.loss)

    def weights(self, state: State) -> State:
        """Return the model's part of a state, without the optimizer's; `predict` takes it too."""
        return state[: len(self._weights)]

    def named_weights(self, state: State) -> dict[str, np.ndarray]:
        """Return the network's weights in a state, or in its model's part, as `TrainedNetwork` takes them."""
        return weights_by_name(self._model, self._weights.arrays(self.weights(state)))

    def with_weights(self, state: State, weights: Mapping[str, np.ndarray]) -> State:
        """Return a state with other weights, by the names of `named_weights`."""
        prefix = f"{self._model.name}/"
        pairs = zip(self._variables, self.values(state), strict=True)
        return self._pack(
            [tf.convert_to_tensor(weights.get(variable.path.removeprefix(prefix), value)) for variable, value in pairs]
        )

    def _signature(self) -> tuple[Any, ...]:
        structure = self.structure
        rows = structure.rows_signature(self._model.output_shape[-1])
        order = tf.TensorSpec((structure.train_rows,), tf.int32)
        rates = tf.TensorSpec((structure.steps,), tf.float32)
        live = tf.TensorSpec((structure.live_size,), tf.float32)
        return *self._weights.signature, *self._memory.signature, *rows, order, rates, live

    def _epoch(self, *arguments: tf.Tensor) -> tuple[tf.Tensor, ...]:
        *before, order, rates, live = arguments
        packed = len(self._weights) + len(self._memory)
        steps, size = self._steps, self.structure.training.batch_size
        first = steps.pack(self.values(tuple(before[:packed])))
        count = len(first)
        *train_rows, x_val, y_val = before[packed:]
        held: Values = []
        if self.structure.held:
            live_now = runtime_setting_count(self.structure.network)
            held = steps.pack(self._held(live[live_now:]))
            live = live[:live_now]

        def train(both: Values, start: tf.Tensor, rows: int, step: tf.Tensor) -> Values:
            batch = tf.slice(order, [start], [rows])
            still, tallies = both[:count], both[count:]
            parts = [tf.gather(part, batch) for part in train_rows]
            after, tallies = steps.train(still, tallies, parts, rates[step], live)
            # The packed weights come first in a state; nothing else is held.
            kept = [tf.where(*three) for three in zip(held, still, after, strict=False)]
            return [*kept, *after[len(kept) :], *tallies]

        zeros = [tf.zeros(variable.shape, variable.dtype) for variable in steps.tallies]
        both = for_batches(train, [*first, *zeros], self.structure.train_rows, size)
        last, trained = both[:count], both[count:]

        def test(tallies: Values, start: tf.Tensor, rows: int, _: tf.Tensor) -> Values:
            return steps.test(last, tallies, _slices((x_val, y_val), start, rows), live)

        tested = for_batches(test, zeros, self.structure.val_rows, max(size, VALIDATED_AT_ONCE))
        return *self._pack(steps.unpack(last)), tf.concat([steps.figures(trained), steps.figures(tested)], axis=0)

    def _held(self, holds: tf.Tensor) -> Values:
        """Return of every trainable variable which of its numbers are held: bool of the variable's shape."""
        held = {id(variable): mask for variable, mask in held_weights(self._model, holds)}
        return [held.get(id(weight), tf.zeros(weight.shape, bool)) for weight in self._steps.trainable]

    def _pack(self, values: list[tf.Tensor]) -> State:
        count = len(self._variables) - len(self._steps.memory)
        return self._weights.pack(values[:count]) + self._memory.pack(values[count:])

    def _predict(self, inputs: tf.Tensor, *weights: tf.Tensor) -> tf.Tensor:
        trainable = len(self._steps.trainable)
        values = self._weights.unpack(weights)
        outputs, _ = self._model.stateless_call(values[:trainable], values[trainable:], inputs, training=False)
        return outputs


def evaluate(experiment: Experiment, split: Split, values: Sequence[tf.Tensor]) -> tuple[float, ...]:
    """Return what `model.evaluate` says of the test rows, in the order of the training half of the history.

    On a network of its own, since the variables of a shared program change under whoever reads them.

    Args:
        values: of the trainable variables and the model's others.
    """
    training = experiment.training
    with BUILD_LOCK:
        model = build_network(experiment.network, split.inputs, split.classes, training.seed, str(training.loss))
        compile_network(model, training, split.classes, training.learning_rate)
    for variable, value in zip([*model.trainable_variables, *model.non_trainable_variables], values, strict=True):
        variable.assign(value)
    model.test_step((tf.constant(split.x_test), tf.constant(encode_targets(split.y_test, split))))
    names = menus.HISTORY[split.task]
    figures = model.get_metrics_result()
    return tuple(float(figures[name]) for name in names[: len(names) // 2])


def _slices(parts: Any, start: tf.Tensor, count: int) -> tuple[tf.Tensor, ...]:
    """Return rows `start` to `start + count` of every part."""
    return tuple(tf.slice(part, [start] + [0] * (part.shape.rank - 1), [count, *part.shape[1:]]) for part in parts)
