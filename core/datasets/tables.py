"""Measured tables: a row is a flower, a wine, a tumour or a penguin."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.datasets.dataset import Dataset
from core.experiment import DataSpec

_PENGUIN_FEATURES = {
    "bill_length_mm": "bill length (mm)",
    "bill_depth_mm": "bill depth (mm)",
    "flipper_length_mm": "flipper length (mm)",
    "body_mass_g": "body mass (g)",
}


def iris(_: DataSpec) -> Dataset:
    """Load 150 iris flowers of 3 species, 4 measures each; source: scikit-learn's `load_iris`."""
    from sklearn.datasets import load_iris

    return _from_sklearn(load_iris())


def wine(_: DataSpec) -> Dataset:
    """Load 178 wines of 3 growers, 13 measures each; source: scikit-learn's `load_wine`."""
    from sklearn.datasets import load_wine

    return _from_sklearn(load_wine())


def cancer(_: DataSpec) -> Dataset:
    """Load 569 breast tumours, malignant or benign, 30 measures each; source: `load_breast_cancer`."""
    from sklearn.datasets import load_breast_cancer

    return _from_sklearn(load_breast_cancer())


def penguins(_: DataSpec) -> Dataset:
    """Load the Palmer penguins of 3 species, 4 measures each, without the rows that miss one.

    Source: the `palmerpenguins` package (Horst, Hill and Gorman, 2020; CC0).
    """
    from palmerpenguins import load_penguins

    table = load_penguins()[[*_PENGUIN_FEATURES, "species"]]
    complete = table.dropna()
    class_names, labels = np.unique(complete["species"].to_numpy(str), return_inverse=True)
    return Dataset(
        complete[list(_PENGUIN_FEATURES)].to_numpy(np.float32),
        labels.astype(np.int64),
        feature_names=tuple(_PENGUIN_FEATURES.values()),
        class_names=tuple(class_names.tolist()),
        dropped_rows=len(table) - len(complete),
    )


def _from_sklearn(bunch: Any) -> Dataset:
    return Dataset(
        bunch.data.astype(np.float32),
        bunch.target.astype(np.int64),
        feature_names=tuple(map(str, bunch.feature_names)),
        class_names=tuple(map(str, bunch.target_names)),
    )
