"""The values of a network in the padded values of its program: each tensor is the corner of a larger one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import keras
import numpy as np
import tensorflow as tf

from core.engine.keras_internals import optimizer_memory
from core.engine.keras_network import first_seeds, seeded_values
from core.engine.steps import Steps, Values
from core.engine.structure import Structure
from core.experiment import output_units

Shape = tuple[int, ...]
Array = TypeVar("Array", np.ndarray, tf.Tensor)


def corner_shapes(model: keras.Model, structure: Structure) -> dict[str, Shape]:
    """Return the shapes that a structure's variables have, by the path of the variable in its padded model.

    Those of the same shape as the model's, such as the seeds of dropout, are not among them.
    """
    sizes = [structure.features, *structure.units, output_units(structure.classes)]
    place = -1
    shapes: dict[str, Shape] = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            place += 1
            shapes[layer.kernel.path] = (sizes[place], sizes[place + 1])
            shapes[layer.bias.path] = (sizes[place + 1],)
        elif isinstance(layer, keras.layers.BatchNormalization | keras.layers.LayerNormalization):
            shapes |= {variable.path: (sizes[place + 1],) for variable in layer.variables}
    return shapes


def weight_shapes(steps: Steps, structure: Structure) -> list[Shape]:
    """Return the shapes that a structure's trainable variables have, then the model's others.

    Args:
        steps: of its padded form.
    """
    shapes = corner_shapes(steps.model, structure)
    variables = [*steps.trainable, *steps.non_trainable]
    return [shapes.get(variable.path, tuple(variable.shape)) for variable in variables]


def cut(value: Array, shape: Sequence[int]) -> Array:
    """Return the corner of a value."""
    return value if tuple(value.shape) == tuple(shape) else value[tuple(slice(size) for size in shape)]


def put(value: np.ndarray | tf.Tensor, around: np.ndarray | tf.Tensor) -> tf.Tensor:
    """Return the larger value with another one as its corner."""
    if tuple(value.shape) == tuple(around.shape):
        return tf.convert_to_tensor(value)
    result = np.array(around)
    result[tuple(slice(size) for size in value.shape)] = value
    return tf.convert_to_tensor(result)


def first_values(
    steps: Steps, unseeded: Sequence[tf.Tensor], structure: Structure, initializer: str, seed: int
) -> Values:
    """Return the values of the steps' variables before the first epoch, drawn in the shapes of a structure.

    Args:
        steps: of the structure's padded form.
        unseeded: the values of their variables as they were made.
    """
    shapes = corner_shapes(steps.model, structure)
    seeded = seeded_values(steps.model, initializer, first_seeds(steps.model, seed), shapes)
    values = []
    for variable, made in zip(steps.variables, unseeded, strict=True):
        value, shape = seeded.get(variable.path, made), shapes.get(variable.path)
        values.append(value if shape is None else put(cut(value, shape), np.zeros_like(made)))
    return values


class SlotCorners:
    """What an optimizer remembers of a network, and of its padded form.

    Args:
        own: the steps of the network, with a slot for every variable.
        padded: those of its padded form, where one slot may be of several variables.
        shapes: of the network's trainable variables.
    """

    def __init__(self, own: Steps, padded: Steps, optimizer: str, shapes: Sequence[Shape]) -> None:
        self._own, self._padded = _Places(own, optimizer), _Places(padded, optimizer)
        self._packing = padded.packing
        self._shapes = shapes

    def cut(self, values: Sequence[tf.Tensor]) -> Values:
        """Return the values of the network's optimizer variables."""
        found = dict(zip(self._own.shared, (values[place] for place in self._padded.shared), strict=True))
        for label, places in self._own.slots.items():
            unpacked = self._packing.unpack([values[place] for place in self._padded.slots[label]])
            cuts = map(cut, unpacked, self._shapes)
            found |= dict(zip(places, cuts, strict=True))
        return [found[place] for place in range(len(found))]

    def put(self, values: Sequence[tf.Tensor], around: Sequence[tf.Tensor]) -> Values:
        """Return the values of the padded form's optimizer variables.

        Args:
            around: such values, for what is not of the network.
        """
        found = dict(zip(self._padded.shared, (values[place] for place in self._own.shared), strict=True))
        for label, places in self._padded.slots.items():
            larger = self._packing.unpack([around[place] for place in places])
            packed = self._packing.pack(
                [put(values[place], one) for place, one in zip(self._own.slots[label], larger, strict=True)]
            )
            found |= dict(zip(places, packed, strict=True))
        return [found[place] for place in range(len(found))]


class _Places:
    """Which of an optimizer's variables are slots of weights, by what they remember, and which it has once."""

    def __init__(self, steps: Steps, optimizer: str) -> None:
        own, _ = optimizer_memory(steps.optimizer, optimizer)
        places = {id(variable): place for place, variable in enumerate(steps.optimizer_variables)}
        self.slots: Mapping[str, list[int]] = {
            label: [places[id(variable)] for variable in variables] for label, variables in own.items()
        }
        of_weights = {place for found in self.slots.values() for place in found}
        self.shared = [place for place in places.values() if place not in of_weights]
