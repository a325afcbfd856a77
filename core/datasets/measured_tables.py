"""Measured data: every row is a flower, a wine, a tumour, a penguin or a patient."""

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
# Names for scikit-learn's columns, from its description of the data set.
_DIABETES_FEATURES = {
    "age": "age (years)",
    "sex": "sex",
    "bmi": "body mass index",
    "bp": "blood pressure",
    "s1": "total cholesterol",
    "s2": "LDL cholesterol",
    "s3": "HDL cholesterol",
    "s4": "total / HDL cholesterol",
    "s5": "log of triglycerides",
    "s6": "blood sugar",
}


def iris(_: DataSpec) -> Dataset:
    """Load 150 iris flowers of 3 species, 4 measurements each; source: scikit-learn's `load_iris`."""
    from sklearn.datasets import load_iris

    return _from_sklearn(load_iris())


def wine(_: DataSpec) -> Dataset:
    """Load 178 wines of 3 growers, 13 measurements each; source: scikit-learn's `load_wine`."""
    from sklearn.datasets import load_wine

    return _from_sklearn(load_wine())


def cancer(_: DataSpec) -> Dataset:
    """Load 569 breast tumours, malignant or benign, 30 measurements each; source: `load_breast_cancer`."""
    from sklearn.datasets import load_breast_cancer

    return _from_sklearn(load_breast_cancer())


def penguins(_: DataSpec) -> Dataset:
    """Load the Palmer penguins of 3 species, 4 measurements each, without rows with missing values.

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


def diabetes(_: DataSpec) -> Dataset:
    """Load 442 diabetes patients, 10 measurements each, and the progression of the disease after a year.

    Source: scikit-learn's `load_diabetes`, not scaled (Efron, Hastie, Johnstone and Tibshirani, 2004).
    """
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    return Dataset(
        bunch.data.astype(np.float32),
        bunch.target.astype(np.float32),
        feature_names=tuple(_DIABETES_FEATURES[name] for name in bunch.feature_names),
        class_names=(),
        target_name="disease progression",
    )


def _from_sklearn(bunch: Any) -> Dataset:
    return Dataset(
        bunch.data.astype(np.float32),
        bunch.target.astype(np.int64),
        feature_names=tuple(map(str, bunch.feature_names)),
        class_names=tuple(map(str, bunch.target_names)),
    )
