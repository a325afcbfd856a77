"""Pictures: a row is an image, its pixels read row by row."""

from __future__ import annotations

import numpy as np

from core.datasets.dataset import Dataset
from core.experiment import DataSpec


def digits(_: DataSpec) -> Dataset:
    """Load 1,797 handwritten digits of 8x8 pixels from 0 to 16; source: scikit-learn's `load_digits`."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Dataset(
        bunch.data.astype(np.float32),
        bunch.target.astype(np.int64),
        feature_names=tuple(bunch.feature_names),
        class_names=tuple(map(str, bunch.target_names)),
        image_shape=(8, 8),
    )
