"""A program as a network of certain widths uses it.

Programs are compiled for padded layers (`core.engine.padding`), and a state has the padded shapes. Whoever looks into a
state does it through here, and sees the network's own shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import tensorflow as tf

from core.engine.corners import SlotCorners, cut, first_values, put, weight_shapes
from core.engine.keras_network import weights_by_name
from core.engine.pieces import EpochNumbers, PartOfEpoch
from core.engine.program import BUILD_LOCK, Numbers, Program, State
from core.engine.steps import Steps, Values, dense_for
from core.engine.structure import RowTensors, Structure
from core.experiment import NetworkSpec, count_parameters
from core.trained.network import probabilities

_STEPS_MOST = 16  # structures whose own steps are kept


@dataclass(frozen=True)
class FittedProgram:
    """The program of a structure, which others of the same padded form share.

    Attributes:
        structure: the network's own.
        program: of its padded form.
    """

    structure: Structure
    program: Program

    @property
    def sizes(self) -> tuple[int, ...]:
        """The widths that the hidden layers are compiled for."""
        return self.program.structure.units

    @cached_property
    def steps(self) -> Steps:
        """The steps of the network. Whoever calls them holds BUILD_LOCK, and reads this before."""
        return self.program.steps if self._is_exact else _own_steps(self.structure)

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return count_parameters(self.structure.network, self.structure.features, self.structure.classes)

    @property
    def weight_bytes(self) -> int:
        """The size of the model's part of a state in bytes, as it is kept."""
        return self.program.weight_bytes

    @property
    def state_bytes(self) -> int:
        """The size of a state in bytes, as it is kept."""
        return self.program.state_bytes

    # Compiling

    @property
    def ready(self) -> bool:
        """Whether the compiled epoch can be called without waiting for the compiler.

        Raises whatever the compiler raised.
        """
        return self.program.ready

    @property
    def failed(self) -> bool:
        """Whether the compiler has failed."""
        return self.program.failed

    @property
    def was_compiled(self) -> bool:
        """Whether the compiled code is on disk; see `Program.was_compiled`."""
        return self.program.was_compiled

    def start_compiling(self, state: State, rows: RowTensors) -> None:
        """Compile the epoch in the background, unless that has begun. Each call adds a run that waits for it."""
        self.program.start_compiling(state, rows)

    def stop_waiting(self) -> None:
        """Take back a run's wait."""
        self.program.stop_waiting()

    # States

    def first_state(self, network: NetworkSpec, seed: int) -> State:
        """Return the state before the first epoch: seeded weights and a new optimizer.

        Args:
            network: names the initializer of the kernels, which is not part of the structure.
        """
        program = self.program
        values = first_values(program.steps, program.unseeded, self.structure, network.initializer, seed)
        return program.packed(values)

    def values(self, state: State) -> Values:
        """Return the values of the trainable variables, the model's others, and the optimizer's, in their own shapes.

        Without the optimizer's where the state is the model's part alone.
        """
        values = self.program.values(state)
        if self._is_exact:
            return values
        count = len(self._weight_shapes)
        weights = list(map(cut, values[:count], self._weight_shapes))
        return [*weights, *self._slots.cut(values[count:])] if len(values) > count else weights

    def packed(self, values: Sequence[tf.Tensor]) -> State:
        """Return the state with values as `values` returns them."""
        program = self.program
        if self._is_exact:
            return program.packed(list(values))
        count = len(self._weight_shapes)
        zeros = map(np.zeros_like, program.unseeded[:count])
        slots = self._slots.put(values[count:], program.unseeded[count:])
        return program.packed([*map(put, values[:count], zeros), *slots])

    def weights(self, state: State) -> State:
        """Return the model's part of a state, without the optimizer's. `predict` takes it too."""
        return self.program.weights(state)

    def named_weights(self, state: State) -> dict[str, np.ndarray]:
        """Return the weights in a state, or in its model's part, by name, as `TrainedNetwork` takes them."""
        arrays = map(cut, self.program.weight_arrays(state), self._weight_shapes)
        return weights_by_name(self.program.steps.model, list(map(np.ascontiguousarray, arrays)))

    def with_weights(self, state: State, weights: Mapping[str, np.ndarray]) -> State:
        """Return a state with some weights replaced, by the names of `named_weights`."""
        steps = self.program.steps
        prefix = f"{steps.model.name}/"
        names = (variable.path.removeprefix(prefix) for variable in steps.variables)
        pairs = zip(names, self.program.values(state), strict=True)
        return self.program.packed([put(weights[name], value) if name in weights else value for name, value in pairs])

    # Epochs

    def epoch(
        self, state: State, rows: RowTensors, order: Numbers, rates: Numbers, settings: Numbers
    ) -> tuple[State, np.ndarray]:
        """Run one compiled epoch as a whole; see `Program.epoch`."""
        return self.program.epoch(state, rows, order, rates, settings, *self._counts)

    def uncompiled_epoch(
        self, state: State, rows: RowTensors, order: Numbers, rates: Numbers, settings: Numbers
    ) -> tuple[State, np.ndarray]:
        """Run one epoch as TensorFlow's graph; see `Program.uncompiled_epoch`."""
        return self.program.uncompiled_epoch(state, rows, order, rates, settings, *self._counts)

    def is_long(self, compiled: bool) -> bool:
        """Whether an epoch is to be run in pieces; see `core.engine.pieces`."""
        return self.program.is_long(compiled)

    def begin(self, state: State) -> PartOfEpoch:
        """Return an epoch of which nothing is done yet."""
        return self.program.begin(state)

    def go_on(self, part: PartOfEpoch, numbers: EpochNumbers, most: int, compiled: bool) -> PartOfEpoch:
        """Do up to `most` more steps of an epoch, at least one; see `Program.go_on`."""
        return self.program.go_on(part, replace(numbers, counts=self._counts), most, compiled)

    def state_after(self, part: PartOfEpoch) -> State:
        """Return the state after the steps that are done."""
        return self.program.state_after(part)

    # Predictions

    def outputs(self, state: State, inputs: Numbers) -> np.ndarray:
        """Return the output layer's values for scaled inputs (rows, features): float32 (rows, output units)."""
        return self.program.outputs(state, inputs, *self._counts)

    def predict(self, state: State, inputs: Numbers) -> np.ndarray:
        """Return class probabilities float32 (rows, classes) for scaled inputs (rows, features)."""
        return probabilities(self.outputs(state, inputs), self.structure.classes, self.structure.loss)

    @cached_property
    def _is_exact(self) -> bool:
        return self.structure == self.program.structure

    @cached_property
    def _counts(self) -> tuple[tf.Tensor, ...]:
        return (tf.constant(self.structure.units),) if self.program.structure.counted else ()

    @cached_property
    def _weight_shapes(self) -> list[tuple[int, ...]]:
        """The own shapes of the trainable variables, then of the model's others."""
        return weight_shapes(self.program.steps, self.structure)

    @cached_property
    def _slots(self) -> SlotCorners:
        padded = self.program.steps
        shapes = self._weight_shapes[: len(padded.trainable)]
        return SlotCorners(self.steps, padded, self.structure.training.optimizer, shapes)


@lru_cache(_STEPS_MOST)
def _own_steps(structure: Structure) -> Steps:
    with BUILD_LOCK:
        return Steps(structure, dense_for(structure), packs=False)
