"""What a compiled program depends on, and the rows of a split as the tensors that it takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import tensorflow as tf

from core.datasets import Split
from core.engine.keras_network import encode_targets, row_weights
from core.engine.padding import costs_too_much, counts_units, padded_network
from core.engine.runtime_settings import held_unit_count, runtime_setting_count
from core.experiment import Experiment, NetworkSpec, TrainingSpec, menus, shape_of


@dataclass(frozen=True)
class Structure:
    """What a program depends on: runs of equal structure share a program.

    Attributes:
        network, training: of the experiment's shape (`shape_of`).
        held: whether a person has frozen or silenced units. Which ones is an argument of the program.
        counted: whether how many units each hidden layer has is an argument of the program.
    """

    network: NetworkSpec
    training: TrainingSpec
    features: int
    classes: int
    train_rows: int
    val_rows: int
    held: bool = False
    counted: bool = False

    @classmethod
    def of(cls, experiment: Experiment, split: Split, held: bool = False) -> Structure:
        shape = shape_of(experiment)
        rows = len(split.x_train), len(split.x_val)
        return cls(shape.network, shape.training, split.inputs, split.classes, *rows, held)

    @property
    def padded(self) -> Structure:
        """The structure that is compiled for this one: itself where padding would cost too much."""
        network, optimizer = self.network, self.training.optimizer
        padded = padded_network(network, optimizer)
        if costs_too_much(network, padded, self.features, self.classes, self.train_rows):
            return self
        return replace(self, network=padded, counted=counts_units(network, optimizer))

    @property
    def loss(self) -> str:
        return str(self.training.loss)

    @property
    def steps(self) -> int:
        """The number of steps in an epoch: batches, including a smaller last one."""
        return -(-self.train_rows // self.training.batch_size)

    @property
    def units(self) -> tuple[int, ...]:
        """The width of every hidden layer."""
        return tuple(layer.units for layer in self.network.layers)

    @property
    def weighted(self) -> bool:
        """Whether training rows are weighted."""
        return self.training.class_weight != "none"

    @property
    def settings_size(self) -> int:
        """The length of the settings argument: `runtime_settings`, then `held_unit_masks` where units are held."""
        return runtime_setting_count(self.network) + (held_unit_count(self.units) if self.held else 0)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of an epoch's metrics: training first, then validation."""
        return menus.HISTORY[menus.CLASSES if self.classes else menus.NUMBERS]

    @property
    def counts_signature(self) -> tuple[tf.TensorSpec, ...]:
        """Shape and dtype of the unit counts, or nothing where units are not counted."""
        return (tf.TensorSpec((len(self.units),), tf.int32),) if self.counted else ()

    @property
    def numbers_signature(self) -> tuple[tf.TensorSpec, ...]:
        """Shape and dtype of an epoch's order, learning rates and settings, and of unit counts where they are taken."""
        order = tf.TensorSpec((self.train_rows,), tf.int32)
        rates = tf.TensorSpec((self.steps,), tf.float32)
        return order, rates, tf.TensorSpec((self.settings_size,), tf.float32), *self.counts_signature

    def rows_signature(self, targets: int) -> tuple[tf.TensorSpec, ...]:
        """Return shape and dtype of `RowTensors.tensors`.

        Args:
            targets: the number of columns of encoded targets.
        """
        train, val = self.train_rows, self.val_rows
        shapes: list[tuple[int, ...]] = [(train, self.features), (train, targets)]
        shapes += [(train,)] if self.weighted else []
        shapes += [(val, self.features), (val, targets)]
        return tuple(tf.TensorSpec(shape, tf.float32) for shape in shapes)


@dataclass(frozen=True)
class RowTensors:
    """The training and validation rows of a split as float32 tensors, with encoded targets."""

    x_train: tf.Tensor  # (train_rows, features)
    y_train: tf.Tensor  # (train_rows, 1) or (train_rows, classes)
    weights: tf.Tensor | None  # (train_rows,), or None where all rows count the same
    x_val: tf.Tensor  # (val_rows, features)
    y_val: tf.Tensor

    @property
    def tensors(self) -> tuple[tf.Tensor, ...]:
        """The tensors in the order in which a program takes them."""
        weights = () if self.weights is None else (self.weights,)
        return self.x_train, self.y_train, *weights, self.x_val, self.y_val

    @property
    def nbytes(self) -> int:
        """How many bytes the tensors take."""
        return sum(tensor.shape.num_elements() * tensor.dtype.size for tensor in self.tensors)

    @classmethod
    def of(cls, split: Split, class_weight: str = "none") -> RowTensors:
        """Convert a split's rows; the weights are those of a training spec's `class_weight`."""
        balanced = class_weight == "balanced"
        return cls(
            tf.constant(split.x_train),
            tf.constant(encode_targets(split.y_train, split)),
            tf.constant(row_weights(split.y_train, split.classes)) if balanced else None,
            tf.constant(split.x_val),
            tf.constant(encode_targets(split.y_val, split)),
        )
