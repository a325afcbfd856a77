"""The two forms of data: a Dataset as it was loaded, and a Split that is ready to train on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.datasets.derived_inputs import derive_inputs
from core.datasets.feature_encoding import FeatureEncoding
from core.datasets.input_columns import InputColumns
from core.experiment import menus

if TYPE_CHECKING:
    from core.tables.column_form import FileForm

Floats = NDArray[np.float32]
Raw = NDArray[np.floating]  # float32 or float64, in the data's own units
Target = NDArray[np.int64] | NDArray[np.float32] | NDArray[np.float64]  # class labels, or numbers


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set as it was loaded, before it is split and scaled.

    Attributes:
        features: float32 (rows, features), finite, in the data's own units; float64 where one is `TOO_FAR` from 0.
        labels: the target of every row: int64 (rows,), from 0 to k - 1 for k classes, or float32 (rows,),
            finite, in the target's own units; float64 where they are `TOO_FAR` from 0.
        feature_names: one name per column.
        class_names: one name per class, indexed by the labels; empty if the target is a number.
        image_shape: (height, width) if the rows are pictures, stored row by row, (height, width, 3) in colour;
            otherwise None.
        photographs: whether high pixel values mean light rather than ink.
        dropped_rows: the number of rows that were left out because of a missing value or a damaged picture.
        target_name: the name of the target.
        columns: of a table whose features are learned from the training rows; `features` is (rows, 0) then.
        encoding: of a table, how its columns became features.
        file_form: of an uploaded table, how the file and the columns of the inputs were read.
    """

    features: Raw
    labels: Target
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    image_shape: tuple[int, ...] | None = None
    photographs: bool = False
    dropped_rows: int = 0
    target_name: str = "class"
    columns: InputColumns | None = None
    encoding: FeatureEncoding | None = None
    file_form: FileForm | None = None

    def take(self, rows: NDArray[np.intp]) -> Dataset:
        """Return the data set with these rows only."""
        columns = None if self.columns is None else self.columns.take(rows)
        return replace(self, features=self.features[rows], labels=self.labels[rows], columns=columns)

    def encoded(self, train: NDArray[np.intp]) -> Dataset:
        """Return the data set with features; those of a table are learned from the training rows."""
        if self.columns is None:
            return self
        encoding = self.columns.learn(train)
        features = encoding.encode(self.columns.frame)
        return replace(self, features=features, feature_names=encoding.feature_names, columns=None, encoding=encoding)

    @property
    def task(self) -> str:
        """`menus.CLASSES` for classification, or `menus.NUMBERS` for regression."""
        return _task(self.class_names)


@dataclass(frozen=True, eq=False)
class Split:
    """A data set that is split into training, validation and test rows, and scaled.

    The validation rows are evaluated after every epoch, the test rows once, at the end. In a split into two parts the
    held-out rows are both: the validation arrays are the test arrays.

    Attributes:
        x_train: float32 (training rows, inputs), the inputs of the network.
        x_val: float32 (validation rows, inputs).
        x_test: float32 (test rows, inputs).
        raw_train: float32 (training rows, features), in the data's own units; float64 where one is `TOO_FAR` from 0.
        raw_val: (validation rows, features), like raw_train.
        raw_test: (test rows, features), like raw_train.
        y_train: int64 (training rows,), from 0 to k - 1, or float32 in the target's own units; float64 where they are
            `TOO_FAR` from 0.
        y_val: (validation rows,), like y_train.
        y_test: (test rows,), like y_train.
        feature_names: one name per feature.
        input_names: one name per input: those of the features, or those of `menus.INPUTS` for derived inputs.
        class_names: one name per class; empty if the target is a number.
        image_shape: (height, width) of pictures, (height, width, 3) in colour; otherwise None.
        dropped_rows: the number of rows that were left out because of a missing value or a damaged picture.
        offset: (inputs,), with the dtype of raw_train; scaled = (unscaled - offset) * factor.
        factor: (inputs,), above 0, with the dtype of raw_train.
        all_rows_train: whether all rows train; the other arrays are the training arrays then.
        three_parts: whether the validation rows differ from the test rows.
        target_name: the name of the target.
        target_offset: of a numeric target; scaled = (y - target_offset) * target_factor.
        target_factor: above 0.
        photographs: whether high pixel values mean light rather than ink.
        encoding: of a table, how its columns became features; otherwise None.
        file_form: of an uploaded table, how the file and the columns of the inputs were read; otherwise None.
        derived: whether the inputs are derived from two features; they are scaled after that.
    """

    x_train: Floats
    x_val: Floats
    x_test: Floats
    raw_train: Raw
    raw_val: Raw
    raw_test: Raw
    y_train: Target
    y_val: Target
    y_test: Target
    feature_names: tuple[str, ...]
    input_names: tuple[str, ...]
    class_names: tuple[str, ...]
    image_shape: tuple[int, ...] | None
    dropped_rows: int
    offset: Raw
    factor: Raw
    all_rows_train: bool
    three_parts: bool = False
    target_name: str = "class"
    target_offset: float = 0.0
    target_factor: float = 1.0
    photographs: bool = False
    encoding: FeatureEncoding | None = None
    file_form: FileForm | None = None
    derived: bool = False

    @property
    def features(self) -> int:
        """The number of features."""
        return len(self.feature_names)

    @property
    def inputs(self) -> int:
        """The number of the network's inputs."""
        return len(self.input_names)

    @property
    def classes(self) -> int:
        """The number of classes; 0 if the target is a number."""
        return len(self.class_names)

    @property
    def task(self) -> str:
        """`menus.CLASSES` for classification, or `menus.NUMBERS` for regression."""
        return _task(self.class_names)

    @property
    def validation_name(self) -> str:
        """The name of the rows that are evaluated after every epoch."""
        return "validation" if self.three_parts else "held-out"

    def to_inputs(self, raw: NDArray[np.floating]) -> Floats:
        """Return the inputs of the network for raw values (rows, features): float32 (rows, inputs)."""
        unscaled = derive_inputs(raw, self.input_names) if self.derived else raw
        return scale(unscaled, self.offset, self.factor)

    @property
    def target_is_scaled(self) -> bool:
        """Whether a numeric target is in other units than its own when it is trained on."""
        return not self.classes and self.target_factor != 1

    def scale_target(self, y: NDArray[np.floating]) -> Floats:
        """Return numeric targets (any shape) scaled as the network learns them, as float32."""
        values: Raw = np.asarray(y).astype(self.y_train.dtype, copy=False)
        return _as_float32((values - self.target_offset) * self.target_factor)

    def unscale_target(self, values: NDArray[np.floating]) -> Raw:
        """Return predictions of a numeric target (any shape) in the target's own units, with the dtype of y_train."""
        scaled: Raw = np.asarray(values).astype(self.y_train.dtype, copy=False)
        return scaled / self.target_factor + self.target_offset


def scale(raw: NDArray[np.floating], offset: Raw, factor: Raw) -> Floats:
    """Return (raw - offset) * factor as float32, of the shape of `raw`, computed with the dtype of `offset`."""
    values: Raw = np.asarray(raw).astype(offset.dtype, copy=False)
    scaled: Raw = values - offset
    scaled *= factor
    return _as_float32(scaled)


def _as_float32(values: Raw) -> Floats:
    cast: Floats = values.astype(np.float32, copy=False)
    return cast


def _task(class_names: tuple[str, ...]) -> str:
    return menus.CLASSES if class_names else menus.NUMBERS
