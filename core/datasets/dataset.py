"""The two values that data travel as: a whole Dataset, and a Split ready to train on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Dataset:
    """A labelled data set as it came, before any row is set apart or scaled.

    Attributes:
        features: float32 (rows, features), finite, in the data's own units.
        labels: int64 (rows,), from 0 to k - 1 for k classes.
        feature_names: one name a column.
        class_names: one name a class; a label is an index into it.
        image_shape: (height, width) where every row is a picture, read row by row; else None.
        dropped_rows: how many rows were left out because a value was missing.
    """

    features: Floats
    labels: Labels
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    image_shape: tuple[int, int] | None = None
    dropped_rows: int = 0


@dataclass(frozen=True, eq=False)
class Split:
    """A data set parted into training and held-out rows, and scaled.

    Attributes:
        x_train: float32 (training rows, features), scaled.
        x_test: float32 (held-out rows, features), scaled.
        raw_train: float32, the rows of x_train before scaling.
        raw_test: float32, the rows of x_test before scaling.
        y_train: int64 (training rows,), from 0 to k - 1.
        y_test: int64 (held-out rows,), from 0 to k - 1.
        feature_names: one name a column.
        class_names: one name a class.
        image_shape: (height, width) of pictures; else None.
        dropped_rows: how many rows were left out because a value was missing.
        offset: float32 (features,); scaled = (raw - offset) * factor.
        factor: float32 (features,), above 0.
        all_rows_train: True where every row trains; the held-out arrays are then the training arrays.
    """

    x_train: Floats
    x_test: Floats
    raw_train: Floats
    raw_test: Floats
    y_train: Labels
    y_test: Labels
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    image_shape: tuple[int, int] | None
    dropped_rows: int
    offset: Floats
    factor: Floats
    all_rows_train: bool

    @property
    def features(self) -> int:
        """The number of features."""
        return len(self.feature_names)

    @property
    def classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    def scale(self, raw: NDArray[np.floating]) -> Floats:
        """Return raw values (rows, features) scaled as the training rows were, as float32."""
        return scale(raw, self.offset, self.factor)


def scale(raw: NDArray[np.floating], offset: Floats, factor: Floats) -> Floats:
    """Return (raw - offset) * factor as float32, the shape of `raw` (rows, features)."""
    scaled: Floats = (np.asarray(raw, np.float32) - offset) * factor
    return scaled
