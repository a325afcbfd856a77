"""What a program depends on, and the rows that it takes."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from core.datasets import Split
from core.engine.keras_network import encode_targets, row_weights
from core.engine.runtime_settings import held_unit_count, runtime_setting_count
from core.experiment import Experiment, NetworkSpec, TrainingSpec, menus, shape_of


@dataclass(frozen=True)
class Structure:
    """What a program depends on: two runs of equal structure share one. The specs are those of a shape.

    `held` says whether weights of some units are held still by hand: which, the program is told by its live numbers.
    """

    network: NetworkSpec
    training: TrainingSpec
    features: int
    classes: int
    train_rows: int
    val_rows: int
    held: bool = False

    @classmethod
    def of(cls, experiment: Experiment, split: Split, held: bool = False) -> Structure:
        shape = shape_of(experiment)
        rows = len(split.x_train), len(split.x_val)
        return cls(shape.network, shape.training, split.inputs, split.classes, *rows, held)

    @property
    def loss(self) -> str:
        return str(self.training.loss)

    @property
    def steps(self) -> int:
        """Steps an epoch: batches, the smaller last one counted."""
        return -(-self.train_rows // self.training.batch_size)

    @property
    def weighted(self) -> bool:
        """Whether every training row has a weight."""
        return self.training.class_weight != "none"

    @property
    def live_size(self) -> int:
        """How many numbers come as an argument: `runtime_settings`, and `held_unit_masks` where units are held."""
        return runtime_setting_count(self.network) + (held_unit_count(self.network) if self.held else 0)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of an epoch's figures, those of the training rows first."""
        return menus.HISTORY[menus.CLASSES if self.classes else menus.NUMBERS]

    def rows_signature(self, targets: int) -> tuple[tf.TensorSpec, ...]:
        """Return shape and dtype of `RowTensors.tensors`, whose encoded targets have so many columns."""
        train, val = self.train_rows, self.val_rows
        shapes: list[tuple[int, ...]] = [(train, self.features), (train, targets)]
        shapes += [(train,)] if self.weighted else []
        shapes += [(val, self.features), (val, targets)]
        return tuple(tf.TensorSpec(shape, tf.float32) for shape in shapes)


@dataclass(frozen=True)
class RowTensors:
    """The rows of a split as a program takes them: inputs float32, targets encoded."""

    x_train: tf.Tensor  # (train_rows, features)
    y_train: tf.Tensor  # (train_rows, 1) or (train_rows, classes)
    weights: tf.Tensor | None  # (train_rows,), or None where every row counts the same
    x_val: tf.Tensor
    y_val: tf.Tensor

    @property
    def tensors(self) -> tuple[tf.Tensor, ...]:
        weights = () if self.weights is None else (self.weights,)
        return self.x_train, self.y_train, *weights, self.x_val, self.y_val

    @classmethod
    def of(cls, split: Split, class_weight: str = "none") -> RowTensors:
        balanced = class_weight == "balanced"
        return cls(
            tf.constant(split.x_train),
            tf.constant(encode_targets(split.y_train, split)),
            tf.constant(row_weights(split.y_train, split.classes)) if balanced else None,
            tf.constant(split.x_val),
            tf.constant(encode_targets(split.y_val, split)),
        )
