"""The two values that data travel as: a whole Dataset, and a Split ready to train on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.datasets.derived_inputs import derive_inputs
from core.datasets.feature_encoding import FeatureEncoding
from core.datasets.input_columns import InputColumns
from core.experiment import menus

Floats = NDArray[np.float32]
Target = NDArray[np.int64] | NDArray[np.float32]  # labels of classes, or numbers


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set as it came, before any row is set apart or scaled.

    Attributes:
        features: float32 (rows, features), finite, in the data's own units.
        labels: the target of every row: int64 (rows,), from 0 to k - 1 for k classes, or float32 (rows,),
            finite, in the target's own units.
        feature_names: one name a column.
        class_names: one name a class, a label being an index into it; empty where the target is a number.
        image_shape: (height, width) where every row is a picture, read row by row, (height, width, 3) where it is in
            colour; else None.
        photographs: whether a high pixel is light and not ink.
        dropped_rows: how many rows were left out because a value was missing or a picture damaged.
        target_name: what the target is.
        columns: of a table, whose features the training rows decide: `features` is (rows, 0) then.
        encoding: of a table, what they have decided.
    """

    features: Floats
    labels: Target
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    image_shape: tuple[int, ...] | None = None
    photographs: bool = False
    dropped_rows: int = 0
    target_name: str = "class"
    columns: InputColumns | None = None
    encoding: FeatureEncoding | None = None

    def take(self, rows: NDArray[np.intp]) -> Dataset:
        """Return the data set with these rows alone."""
        columns = None if self.columns is None else self.columns.take(rows)
        return replace(self, features=self.features[rows], labels=self.labels[rows], columns=columns)

    def encoded(self, train: NDArray[np.intp]) -> Dataset:
        """Return the data set with the features that these rows decide, where it is a table."""
        if self.columns is None:
            return self
        encoding = self.columns.learn(train)
        features = encoding.encode(self.columns.frame)
        return replace(self, features=features, feature_names=encoding.feature_names, columns=None, encoding=encoding)

    @property
    def task(self) -> str:
        """What the target is: `menus.CLASSES`, or `menus.NUMBERS` for regression."""
        return _task(self.class_names)


@dataclass(frozen=True, eq=False)
class Split:
    """A data set parted into rows to train on, to validate on and to test on, and scaled.

    The validation rows are looked at after every epoch, the test rows once, at the end. In two parts the rows
    that are held out are both: the validation arrays are the test arrays.

    Attributes:
        x_train: float32 (training rows, inputs), what the network is given.
        x_val: float32 (validation rows, inputs).
        x_test: float32 (test rows, inputs).
        raw_train: float32 (training rows, features), in the data's own units.
        raw_val: float32 (validation rows, features).
        raw_test: float32 (test rows, features).
        y_train: int64 (training rows,), from 0 to k - 1, or float32 in the target's own units.
        y_val: (validation rows,), like y_train.
        y_test: (test rows,), like y_train.
        feature_names: one name a feature.
        input_names: one name an input: the features', or those of `menus.INPUTS` that are derived from points.
        class_names: one name a class; empty where the target is a number.
        image_shape: (height, width) of pictures, (height, width, 3) of those in colour; else None.
        dropped_rows: how many rows were left out because a value was missing or a picture damaged.
        offset: float32 (inputs,); scaled = (unscaled - offset) * factor.
        factor: float32 (inputs,), above 0.
        all_rows_train: True where every row trains; the other arrays are then the training arrays.
        three_parts: True where the validation rows are others than the test rows.
        target_name: what the target is.
        target_offset: of a numeric target; scaled = (y - target_offset) * target_factor.
        target_factor: above 0.
        photographs: whether a high pixel of a picture is light and not ink.
        encoding: of a table, how its columns became features; else None.
    """

    x_train: Floats
    x_val: Floats
    x_test: Floats
    raw_train: Floats
    raw_val: Floats
    raw_test: Floats
    y_train: Target
    y_val: Target
    y_test: Target
    feature_names: tuple[str, ...]
    input_names: tuple[str, ...]
    class_names: tuple[str, ...]
    image_shape: tuple[int, ...] | None
    dropped_rows: int
    offset: Floats
    factor: Floats
    all_rows_train: bool
    three_parts: bool = False
    target_name: str = "class"
    target_offset: float = 0.0
    target_factor: float = 1.0
    photographs: bool = False
    encoding: FeatureEncoding | None = None

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
        """The number of classes; 0 where the target is a number."""
        return len(self.class_names)

    @property
    def task(self) -> str:
        """What the target is: `menus.CLASSES`, or `menus.NUMBERS` for regression."""
        return _task(self.class_names)

    @property
    def validation_name(self) -> str:
        """What the rows that are looked at after every epoch are called."""
        return "validation" if self.three_parts else "held-out"

    def to_inputs(self, raw: NDArray[np.floating]) -> Floats:
        """Return what the network is given of raw values (rows, features): float32 (rows, inputs)."""
        unscaled = raw if self.input_names == self.feature_names else derive_inputs(raw, self.input_names)
        return scale(unscaled, self.offset, self.factor)

    def scale_target(self, y: NDArray[np.floating]) -> Floats:
        """Return a numeric target (any shape) in the units that the network learns, as float32."""
        return scale(y, self.target_offset, self.target_factor)

    def unscale_target(self, values: NDArray[np.floating]) -> Floats:
        """Return what the network says of a numeric target (any shape) in the target's own units, as float32."""
        unscaled: Floats = np.asarray(values, np.float32) / self.target_factor + self.target_offset
        return unscaled


def scale(raw: NDArray[np.floating], offset: Floats | float, factor: Floats | float) -> Floats:
    """Return (raw - offset) * factor as float32, the shape of `raw`."""
    scaled: Floats = (np.asarray(raw, np.float32) - offset) * factor
    return scaled


def _task(class_names: tuple[str, ...]) -> str:
    return menus.CLASSES if class_names else menus.NUMBERS
