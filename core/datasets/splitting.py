"""From a Dataset to a Split: split the rows, then scale them by the training rows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from core.datasets.dataset import Dataset, Floats, Raw, Split, Target, scale
from core.datasets.derived_inputs import derive_inputs
from core.datasets.far_numbers import FAR, LARGEST, TOO_FAR, is_far_from_zero
from core.errors import DataError
from core.experiment import DataSpec, menus

_Rows = NDArray[np.intp]
_IMBALANCE, _BALANCE, _LABELS = range(3)  # purposes of random numbers
_VALUES_AT_ONCE = 4_000_000
_PURPOSES = {"test": "hold out", "validation": "validate on"}


def split_dataset(dataset: Dataset, spec: DataSpec) -> Split:
    """Split and scale a data set as `spec` says.

    First, classes are thinned out to the requested imbalance. Then the test rows are set aside, and from the
    remaining rows the validation rows; `train_share` says how many of the training rows are used. The stratified
    split is scikit-learn's `train_test_split` with the data seed (not stratified if the target is a number). The
    columns of a table become features by what is learned from the training rows, and inputs are derived from the
    features. Scaling is `StandardScaler` or `MinMaxScaler`, fitted to the inputs of the training rows; a numeric
    target is scaled in the same way. Without scaling, the mean is subtracted from numbers too far from 0 for float32.
    Undersampling and random labels only apply to training rows, so that held-out rows stay true to the data.

    Raises:
        DataError: if a class would be missing from the training rows (or, in a stratified split, from the other
            rows), or no row would be held out.
    """
    # Over 60 lines because a Split has two dozen fields.
    if spec.imbalance is not None and spec.imbalance < 1:
        dataset = _thin_out(dataset, spec)
    train, validation, test = _choose_rows(dataset, spec)
    dataset = dataset.encoded(train)
    labels = _randomize_labels(dataset, train, spec) if spec.random_labels else dataset.labels
    input_names, unscaled = dataset.feature_names, dataset.features
    if spec.inputs is not None and spec.derives_inputs:
        input_names, unscaled = spec.inputs, derive_inputs(dataset.features, spec.inputs)
    offset, factor = _learn_scaling(unscaled, train, spec.scaling)
    target_offset, target_factor = _learn_target_scaling(dataset, train, spec.scaling)

    def part(rows: _Rows) -> tuple[Floats, Raw, Target]:
        raw = dataset.features[rows]
        chosen = raw if unscaled is dataset.features else unscaled[rows]
        if spec.scaling == "none" and chosen is raw and raw.dtype == np.float32:
            return raw.astype(np.float32, copy=False), raw, labels[rows]
        return scale(chosen, offset, factor), raw, labels[rows]

    # Equal parts share their arrays.
    training_part = part(train)
    test_part = training_part if test is train else part(test)
    validation_part = test_part if validation is test else part(validation)
    x_train, raw_train, y_train = training_part
    x_val, raw_val, y_val = validation_part
    x_test, raw_test, y_test = test_part
    return Split(
        x_train=x_train,
        x_val=x_val,
        x_test=x_test,
        raw_train=raw_train,
        raw_val=raw_val,
        raw_test=raw_test,
        y_train=y_train,
        y_val=y_val,
        y_test=y_test,
        feature_names=dataset.feature_names,
        input_names=input_names,
        class_names=dataset.class_names,
        image_shape=dataset.image_shape,
        dropped_rows=dataset.dropped_rows,
        offset=offset,
        factor=factor,
        all_rows_train=spec.split == "all",
        three_parts=validation is not test,
        target_name=dataset.target_name,
        target_offset=target_offset,
        target_factor=target_factor,
        photographs=dataset.photographs,
        encoding=dataset.encoding,
        file_form=dataset.file_form,
        derived=spec.derives_inputs,
    )


def _choose_rows(dataset: Dataset, spec: DataSpec) -> tuple[_Rows, _Rows, _Rows]:
    """Return the rows of the three parts; parts that are equal are the same array."""
    train, test = _SPLITS[spec.split](dataset, spec)
    validation = test
    if spec.validation:
        train, validation = _VALIDATION_SPLITS[spec.split](dataset, train, spec)
    if spec.train_share < 1:
        train = _first_of_each_class(dataset, train, spec)
    if spec.balance == "cut":
        kept = _undersample(dataset.labels, train, spec)
        test, validation = (kept if rows is train else rows for rows in (test, validation))
        train = kept
    return train, validation, test


def _thin_out(dataset: Dataset, spec: DataSpec) -> Dataset:
    """Return the data set with class sizes that decrease geometrically.

    The last class keeps the share `imbalance` of its rows, every class at least two rows. Source: the long-tailed
    data sets of Cui et al. (2019), "Class-Balanced Loss Based on Effective Number of Samples".
    """
    assert spec.imbalance is not None
    last = len(dataset.class_names) - 1
    random = _generator(spec, _IMBALANCE)
    kept = []
    for label in range(last + 1):
        rows = np.flatnonzero(dataset.labels == label)
        count = max(2, round(len(rows) * spec.imbalance ** (label / last)))
        kept.append(random.permutation(rows)[:count])
    rows = np.sort(np.concatenate(kept))
    return dataset.take(rows)


def _first_of_each_class(dataset: Dataset, train: _Rows, spec: DataSpec) -> _Rows:
    """Return a share of the training rows: the first ones of every class, or of all where the target is a number.

    Every class keeps a row, and a larger share has all rows of a smaller one.
    """
    labels = dataset.labels[train] if dataset.class_names else np.zeros(len(train))
    places = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    kept: _Rows = train[np.sort(np.concatenate([rows[: math.ceil(spec.train_share * len(rows))] for rows in places]))]
    return kept


def _undersample(labels: Target, train: _Rows, spec: DataSpec) -> _Rows:
    """Return as many training rows of each class as the smallest class has, in their original order."""
    random = _generator(spec, _BALANCE)
    classes, counts = np.unique(labels[train], return_counts=True)
    places = [random.permutation(np.flatnonzero(labels[train] == label))[: counts.min()] for label in classes]
    kept: _Rows = train[np.sort(np.concatenate(places))]
    return kept


def _randomize_labels(dataset: Dataset, train: _Rows, spec: DataSpec) -> Target:
    """Return the labels, with random ones for a share of the training rows; all classes are equally likely."""
    assert spec.random_labels is not None
    random = _generator(spec, _LABELS)
    rows = random.permutation(train)[: round(spec.random_labels * len(train))]
    labels = dataset.labels.copy()
    labels[rows] = random.integers(len(dataset.class_names), size=len(rows))
    return labels


def _generator(spec: DataSpec, purpose: int) -> np.random.Generator:
    """Return the random number generator of a purpose, seeded with the data seed."""
    assert spec.seed is not None
    return np.random.default_rng([spec.seed, purpose])


def _all(dataset: Dataset, _: DataSpec) -> tuple[_Rows, _Rows]:
    rows = np.arange(len(dataset.labels))
    return rows, rows


def _ordered(dataset: Dataset, spec: DataSpec) -> tuple[_Rows, _Rows]:
    rows = np.arange(len(dataset.labels))
    assert spec.train_rows is not None
    least = max(menus.TRAIN_ROWS.low, _rows_with_every_class(dataset))
    if not least <= spec.train_rows < len(rows):
        wanted = "the first rows have every class and " if dataset.class_names else ""
        raise DataError(
            f"`train_rows` must be a whole number from {least} to {len(rows) - 1}, so that {wanted}"
            f"some of the {len(rows)} rows are left to hold out. Received: {spec.train_rows}."
        )
    return rows[: spec.train_rows], rows[spec.train_rows :]


def _ordered_validation(dataset: Dataset, train: _Rows, spec: DataSpec) -> tuple[_Rows, _Rows]:
    """Set aside the last training rows, as many as scikit-learn does for a share."""
    left = len(train) - math.ceil(spec.validation * len(train))
    least = _rows_with_every_class(dataset)
    if left < least:
        raise DataError(
            f"`validation` must leave at least the first {least} of the {len(train)} training rows for training, so "
            f"that they have every class. Move `validation` towards 0 or use more `train_rows`. "
            f"Received: {spec.validation}, which leaves {left}."
        )
    return train[:left], train[left:]


def _rows_with_every_class(dataset: Dataset) -> int:
    """Return how many of the first rows are needed to have every class; 0 if there are no classes."""
    if dataset.task == menus.NUMBERS:
        return 0
    _, firsts = np.unique(dataset.labels, return_index=True)
    return int(firsts.max()) + 1


def _stratified(dataset: Dataset, spec: DataSpec) -> tuple[_Rows, _Rows]:
    return _draw(dataset, np.arange(len(dataset.labels)), "test", spec.test, spec.seed)


def _stratified_validation(dataset: Dataset, train: _Rows, spec: DataSpec) -> tuple[_Rows, _Rows]:
    return _draw(dataset, train, "validation", spec.validation, spec.seed)


_SPLITS = {"all": _all, "ordered": _ordered, "stratified": _stratified}
_VALIDATION_SPLITS = {"ordered": _ordered_validation, "stratified": _stratified_validation}


def _draw(dataset: Dataset, rows: _Rows, key: str, share: float, seed: int | None) -> tuple[_Rows, _Rows]:
    """Return the rows without a random share of them, and that share, which is the value of `key`."""
    from sklearn.model_selection import train_test_split

    strata = dataset.labels[rows] if dataset.class_names else None
    try:
        kept, drawn = train_test_split(rows, test_size=share, stratify=strata, random_state=seed)
    except ValueError as error:  # fewer than two rows in a class, or a part with fewer rows than classes
        raise _too_few(dataset, rows, key, share) from error
    # If a class is much smaller than the others, scikit-learn may leave it out of one part.
    if strata is not None and min(len(np.unique(dataset.labels[part])) for part in (kept, drawn)) < len(
        dataset.class_names
    ):
        raise _too_few(dataset, rows, key, share)
    return kept, drawn


def _too_few(dataset: Dataset, rows: _Rows, key: str, share: float) -> DataError:
    if dataset.task == menus.NUMBERS:
        return DataError(
            f"`{key}` must leave at least one row to train on and one to {_PURPOSES[key]}: there is only {len(rows)}. "
            f"Use more rows. Received: {share}."
        )
    counts = np.bincount(dataset.labels[rows], minlength=len(dataset.class_names))
    smallest = int(counts.argmin())
    remedy = f"Move `{key}` towards 0.5 or use more rows" if counts[smallest] > 1 else "Use more rows of it"
    return DataError(
        f"`{key}` must leave at least one row of every class to train on and one to {_PURPOSES[key]}: "
        f"{dataset.class_names[smallest]} has {counts[smallest]} of {len(rows)} rows. {remedy}. "
        f"Received: {share}."
    )


def _learn_target_scaling(dataset: Dataset, train: _Rows, scaling: str | None) -> tuple[float, float]:
    if dataset.task == menus.CLASSES:
        return 0.0, 1.0
    if scaling == "none" and is_far_from_zero(dataset.labels[train].astype(np.float64), FAR):
        return float(dataset.labels[train].mean(dtype=np.float64)), 1.0
    offset, factor = _learn_scaling(dataset.labels[:, None], train, scaling)
    return float(offset[0]), float(factor[0])


def _learn_scaling(raw: NDArray[np.generic], train: _Rows, scaling: str | None) -> tuple[Raw, Raw]:
    """Return the offset and factor of every column, learned from the training rows.

    A few columns at a time: in float64, with what scikit-learn needs beside it, all of them take six times the memory.
    """
    columns = raw.shape[1]
    offset, factor = np.zeros(columns), np.ones(columns)
    if scaling in _SCALERS:
        size = max(2, _VALUES_AT_ONCE // len(train))
        # A last group of one column would be summed up in another order; it joins the group before.
        ends = [*range(size, columns - 1, size), columns]
        for start, end in zip([0, *ends[:-1]], ends, strict=True):
            part = slice(start, end)
            offset[part], factor[part] = _SCALERS[scaling](raw[:, part][train].astype(np.float64))
    elif raw.dtype == np.float64:
        for place, column in enumerate(raw.T):
            values = column[train].astype(np.float64)
            offset[place] = values.mean() if is_far_from_zero(values, TOO_FAR) else 0.0
    _forget_tiny_widths(factor, offset, raw)
    return offset.astype(raw.dtype), factor.astype(raw.dtype)


def _forget_tiny_widths(factor: NDArray[np.float64], offset: NDArray[np.float64], raw: NDArray[np.generic]) -> None:
    """Set factors to 1, as for a constant column, with which float32 could not hold every row, held-out ones too."""
    largest = float(np.finfo(np.float32).max)
    for place in np.flatnonzero(factor > largest / (2 * LARGEST)):  # no row is further from its offset
        reach = float(np.abs(raw[:, place].astype(np.float64) - offset[place]).max())
        if factor[place] * max(reach, 1.0) > largest:
            factor[place] = 1.0


# Both scalers use 1 as the width of a constant column, so nothing is divided by zero.
def _standard(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(values)
    return scaler.mean_, 1 / scaler.scale_


def _minmax(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.preprocessing import MinMaxScaler

    scaler = MinMaxScaler().fit(values)
    return scaler.data_min_, scaler.scale_


_SCALERS = {"standard": _standard, "minmax": _minmax}
