"""Small data sets made by hand."""

import numpy as np

from core.datasets import Dataset


def dataset_of(features, labels, classes=2) -> Dataset:
    features = np.asarray(features, np.float32)
    return Dataset(
        features,
        np.asarray(labels, np.int64),
        tuple(f"x{column}" for column in range(features.shape[1])),
        tuple(f"class {label}" for label in range(classes)),
    )


def rows_of(counts) -> Dataset:
    """Return a data set with these numbers of rows of each class, in the order of the classes."""
    labels = np.repeat(np.arange(len(counts)), counts)
    return dataset_of(np.arange(len(labels))[:, None], labels, len(counts))


def numbers_of(features, target) -> Dataset:
    features = np.asarray(features, np.float32)
    return Dataset(
        features,
        np.asarray(target, np.float32),
        tuple(f"x{column}" for column in range(features.shape[1])),
        class_names=(),
        target_name="y",
    )
