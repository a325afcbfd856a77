"""From a Dataset to a Split: part the rows, then scale by what the training rows say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.datasets.dataset import Dataset, Floats, Split, scale
from core.errors import DataError
from core.experiment import DataSpec
from core.experiment.menus import TRAIN_ROWS

_Rows = NDArray[np.intp]


def split_dataset(dataset: Dataset, spec: DataSpec) -> Split:
    """Part and scale a data set as `spec` says.

    The stratified split is scikit-learn's `train_test_split`, seeded with the data seed; scaling
    is `StandardScaler` or `MinMaxScaler`, fitted to the training rows.

    Raises:
        DataError: where a class would be missing from the training rows (or, in the stratified
            split, from the held-out rows), or no row would be held out.
    """
    train, test = _PARTS[spec.split](dataset, spec)
    raw_train, y_train = dataset.features[train], dataset.labels[train]
    offset, factor = _learn_scaling(raw_train, spec.scaling)
    x_train = scale(raw_train, offset, factor)
    if spec.split == "all":  # the very same arrays, not copies
        raw_test, y_test, x_test = raw_train, y_train, x_train
    else:
        raw_test, y_test = dataset.features[test], dataset.labels[test]
        x_test = scale(raw_test, offset, factor)
    return Split(
        x_train=x_train,
        x_test=x_test,
        raw_train=raw_train,
        raw_test=raw_test,
        y_train=y_train,
        y_test=y_test,
        feature_names=dataset.feature_names,
        class_names=dataset.class_names,
        image_shape=dataset.image_shape,
        dropped_rows=dataset.dropped_rows,
        offset=offset,
        factor=factor,
        all_rows_train=spec.split == "all",
    )


def _all(dataset: Dataset, _: DataSpec) -> tuple[_Rows, _Rows]:
    rows = np.arange(len(dataset.labels))
    return rows, rows


def _ordered(dataset: Dataset, spec: DataSpec) -> tuple[_Rows, _Rows]:
    rows = np.arange(len(dataset.labels))
    assert spec.train_rows is not None
    _, firsts = np.unique(dataset.labels, return_index=True)
    least = max(TRAIN_ROWS.low, int(firsts.max()) + 1)
    if not least <= spec.train_rows < len(rows):
        raise DataError(
            f"`train_rows` must be a whole number from {least} to {len(rows) - 1}, so that every class is among the "
            f"first rows and some of the {len(rows)} rows are left to hold out. Received: {spec.train_rows}."
        )
    return rows[: spec.train_rows], rows[spec.train_rows :]


def _stratified(dataset: Dataset, spec: DataSpec) -> tuple[_Rows, _Rows]:
    from sklearn.model_selection import train_test_split

    labels = dataset.labels
    try:
        train, test = train_test_split(
            np.arange(len(labels)), test_size=spec.test, stratify=labels, random_state=spec.seed
        )
    except ValueError as error:  # fewer than two rows in a class, or a part with fewer rows than classes
        raise _too_few(dataset, spec) from error
    # Where a class is much smaller than the others, scikit-learn may leave it out of one part.
    if min(len(np.unique(labels[part])) for part in (train, test)) < len(dataset.class_names):
        raise _too_few(dataset, spec)
    return train, test


_PARTS = {"all": _all, "ordered": _ordered, "stratified": _stratified}


def _too_few(dataset: Dataset, spec: DataSpec) -> DataError:
    counts = np.bincount(dataset.labels, minlength=len(dataset.class_names))
    smallest = int(counts.argmin())
    remedy = "Move `test` towards 0.5 or take more rows" if counts[smallest] > 1 else "Take more rows of it"
    return DataError(
        "`test` must leave at least one row of every class to train and one to hold out: "
        f"{dataset.class_names[smallest]} has {counts[smallest]} of {len(dataset.labels)} rows. {remedy}. "
        f"Received: {spec.test}."
    )


def _learn_scaling(raw_train: Floats, scaling: str | None) -> tuple[Floats, Floats]:
    features = raw_train.shape[1]
    offset, factor = np.zeros(features), np.ones(features)
    # Both scalers put 1 in the place of a constant column's width, so nothing is divided by zero.
    if scaling == "standard":
        from sklearn.preprocessing import StandardScaler

        standard = StandardScaler().fit(raw_train.astype(np.float64))
        offset, factor = standard.mean_, 1 / standard.scale_
    elif scaling == "minmax":
        from sklearn.preprocessing import MinMaxScaler

        minmax = MinMaxScaler().fit(raw_train.astype(np.float64))
        offset, factor = minmax.data_min_, minmax.scale_
    return offset.astype(np.float32), factor.astype(np.float32)
