"""Uploaded files as data sets: tables, with a target and input columns, and zips of pictures."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.bounded_process import bounded
from core.datasets.data_cache import DATA_CACHE
from core.datasets.dataset import Dataset, Target
from core.datasets.derived_inputs import check_reach
from core.datasets.far_numbers import LARGEST, TOO_FAR, is_far_from_zero
from core.datasets.feature_encoding import merged_name
from core.datasets.input_columns import VALUES_MOST, InputColumns
from core.datasets.picture_folders import is_picture_folder, read_pictures_of
from core.datasets.picture_sets import from_pictures
from core.datasets.pictures import Pictures
from core.datasets.splitting import split_dataset
from core.datasets.table_columns import (
    inputs_of,
    kept_rows,
    numbers_and_categories,
    point_columns,
    table_for,
    target_of,
)
from core.datasets.upload_store import check_here, read_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus
from core.tables import DATE, NUMBER, Column, Table
from core.tables.column_form import FileForm, form_of

CLASSES_MOST = 100
_SHOWN_COLUMNS = 5  # in a message
_FEW_ROWS = 10  # fewer all train
_SMALL_ROWS = 50  # of a table where every row may be needed


def from_file(spec: DataSpec) -> Dataset:
    """Make a data set of an uploaded table, or of an uploaded zip of pictures.

    Rows of a table without a target are dropped, and those with any missing value if `missing` is "drop". Dates become
    days.

    Raises:
        NotUploadedError: if the file is not on this machine.
        DataError: if it cannot be read, or a network cannot learn from these columns.
    """
    assert spec.table is not None
    if holds_pictures(spec.table.file):
        return _from_folders(pictures_of(spec.table.file, spec.table.side, spec.table.colour), spec)
    table = table_for(spec)
    target = target_of(table, spec.table)
    inputs = inputs_of(table, spec.table)
    kept = kept_rows(table, spec.table)
    if not kept.any():
        raise DataError("Every row has a missing value. Choose fewer `columns`, or fill them in (`missing`).")
    frame = table.frame if kept.all() else table.frame[kept]
    for column in (*inputs, target):
        _check_size(frame[column.name], column)
    if spec.derives_inputs:
        _check_derived(frame, inputs, spec)
    columns = _columns(frame, inputs, spec.table)
    labels, class_names = _labels(frame[target.name], target, spec)
    all_pixels = len(inputs) == np.prod(table.image_shape or (0,))
    return Dataset(
        np.empty((len(frame), 0), np.float32),
        labels,
        feature_names=(),
        class_names=class_names,
        # Pictures are shown by class; if the target is a number, pixels are ordinary features.
        image_shape=table.image_shape if all_pixels and class_names else None,
        dropped_rows=int((~kept).sum()),
        target_name=target.name,
        columns=columns,
        file_form=_form(table, inputs),
    )


def _form(table: Table, inputs: tuple[Column, ...]) -> FileForm:
    forms = (form_of(table.forms, column.name) for column in inputs)
    reading = replace(table.reading, day_first=table.around.day_first)
    return FileForm(reading, tuple(form for form in forms if form is not None))


def holds_pictures(file: str) -> bool:
    """Return whether an uploaded file is a zip of folders of pictures.

    Raises:
        NotUploadedError: if the file is not on this machine.
        DataError: if it is a zip archive that is damaged or too large.
    """
    check_here(file)
    return _holds_pictures(file)


def pictures_of(file: str, side: int, colour: bool) -> Pictures:
    """Return the pictures of an uploaded zip, side x side, in colour or grey.

    Raises:
        NotUploadedError: if the file is not on this machine.
        DataError: if it cannot be read.
    """
    check_here(file)
    return _pictures_of(file, side, colour)


# A file's name is the hash of its content, so what is read from it never changes; but it may have been deleted.
@DATA_CACHE.cached
@bounded
def _holds_pictures(file: str) -> bool:
    return is_picture_folder(read_upload(file))


@DATA_CACHE.cached
@bounded
def _pictures_of(file: str, side: int, colour: bool) -> Pictures:
    return read_pictures_of(read_upload(file), side, colour)


def _from_folders(pictures: Pictures, spec: DataSpec) -> Dataset:
    """Make a data set of pictures whose folders are the classes.

    Raises:
        DataError: if there are too few or too many folders, or too few pictures.
    """
    assert spec.table is not None
    if spec.task == menus.NUMBERS:
        raise DataError("Pictures in folders have classes and no number to predict. Choose `data=file`.")
    if spec.derives_inputs:
        raise DataError("`inputs` are derived from two columns of numbers, and this file has pictures. Leave them out.")
    labels, names = _merge_rare(pictures.labels, pictures.class_names, spec.table.rare_classes)
    if len(names) < 2:
        raise DataError(
            f"Pictures must be in at least two folders, one for each class: there is only {names[0]!r}. Upload a "
            "zip with more folders, or merge fewer of them (`rare_classes`)."
        )
    if len(names) > CLASSES_MOST:
        raise DataError(
            f"Pictures may be in at most {CLASSES_MOST} folders, one for each class: there are {len(names):,}. "
            "Upload fewer, or merge those with few pictures (`rare_classes`)."
        )
    alone = _alone(labels, names) if spec.split == "stratified" else []
    if alone:
        raise DataError(
            "Every folder must have at least two readable pictures, one to train on and one to hold out: there is "
            f"only one in {_some(alone)}. Add pictures, or merge folders with fewer than 2 (`rare_classes`)."
        )
    return from_pictures(replace(pictures, labels=labels, class_names=names), photographs=True)


def fitting_split(spec: DataSpec) -> str:
    """Return the split that a file starts with: "all" if it has too few rows to hold any out, otherwise the spec's.

    These are fewer than ten rows, all combinations of a few inputs, such as a truth table, and up to 50 rows of which
    every class cannot be held out.
    """
    assert spec.table is not None
    if holds_pictures(spec.table.file):
        return spec.split
    table = table_for(spec)
    if len(table.frame) > _SMALL_ROWS:
        return spec.split
    if len(table.frame) < _FEW_ROWS or _has_all_combinations(table, spec.table):
        return "all"
    try:
        split_dataset(from_file(spec), spec)
    except DataError:
        with suppress(DataError):  # what is wrong is not the split
            from_file(replace(spec, split="all"))
            return "all"
    return spec.split


def _has_all_combinations(table: Table, spec: TableSpec) -> bool:
    """Return whether the rows are all combinations of their inputs' values, each once."""
    with suppress(DataError):
        names = [column.name for column in inputs_of(table, spec)]
        values = table.frame[names]
        every = math.prod(values[name].nunique() for name in names)
        return len(names) > 1 and every == len(values) == len(values.drop_duplicates())
    return False


def _columns(frame: pd.DataFrame, inputs: tuple[Column, ...], spec: TableSpec) -> InputColumns:
    numbers, categories = (tuple(column.name for column in kind) for kind in numbers_and_categories(inputs))
    dates = tuple(column.name for column in inputs if column.type == DATE)
    chosen = {name: days(frame[name]) if name in dates else frame[name] for name in (*numbers, *categories)}
    found = pd.DataFrame(chosen, copy=False)  # shares the columns; choosing a list of them copies all
    return InputColumns(found.reset_index(drop=True), numbers, categories, spec.missing, spec.rare, dates)


def _check_size(values: pd.Series, column: Column) -> None:
    """Raise a DataError for numbers that are too large for float32."""
    if column.type == NUMBER:
        largest = values.abs().max()
        if largest > LARGEST:
            raise DataError(
                f"{column.name!r} must have numbers from -1e30 to 1e30, so that a network can train on it. Leave it "
                f"out, or use smaller numbers. Received: {largest:.4g}."
            )


def _check_derived(frame: pd.DataFrame, inputs: tuple[Column, ...], spec: DataSpec) -> None:
    """Raise a DataError if inputs cannot be derived from these columns, or would be too many or too large."""
    assert spec.inputs is not None
    if point_columns(inputs) is None:
        shown = ", ".join(f"{column.name!r} ({column.type})" for column in inputs[:_SHOWN_COLUMNS])
        more = f" and {len(inputs) - _SHOWN_COLUMNS:,} more" if len(inputs) > _SHOWN_COLUMNS else ""
        raise DataError(
            f"`inputs` are derived from exactly two columns of numbers. Choose two (`columns`), or leave `inputs` out. "
            f"Received: {shown}{more}."
        )
    most = VALUES_MOST // len(frame)
    if len(spec.inputs) > most:
        raise DataError(f"`inputs` may be at most {most} for {len(frame):,} rows. Received: {len(spec.inputs)}.")
    check_reach(spec.inputs, *(frame[column.name].abs().max() for column in inputs))


def days(dates: pd.Series) -> pd.Series:
    """Return dates as days since 1970, NaN for missing ones."""
    return (dates - pd.Timestamp(0)) / pd.Timedelta(days=1)


def _labels(values: pd.Series, target: Column, spec: DataSpec) -> tuple[Target, tuple[str, ...]]:
    """Return the target of every row, and the class names."""
    if spec.task == menus.NUMBERS:
        if target.type != NUMBER:
            raise DataError(
                f"`target_column` must be a column of numbers to predict a number: {target.name!r} has "
                f"type {target.type}. Predict a class, or choose another column."
            )
        numbers = values.to_numpy(np.float64)
        return (numbers if is_far_from_zero(numbers, TOO_FAR) else numbers.astype(np.float32)), ()
    labels, names = _classes(values, target.type == NUMBER)
    assert spec.table is not None
    labels, names = _merge_rare(labels, names, spec.table.rare_classes)
    if len(names) < 2:
        raise DataError(
            f"`target_column` must have at least two classes: {target.name!r} has only {names[0]!r}. Choose another."
        )
    if len(names) > CLASSES_MOST:
        advice = _NUMBER_ADVICE if target.type == NUMBER else "Choose a column with fewer"
        raise DataError(
            f"`target_column` may have at most {CLASSES_MOST} classes: {target.name!r} has {len(names):,}. {advice}."
        )
    alone = _alone(labels, names) if spec.split == "stratified" else []
    if alone:
        advice = f"{_NUMBER_ADVICE}, merge" if target.type == NUMBER else "Merge"
        raise DataError(
            f"`target_column` must have at least two rows of every class, one to train on and one to hold out: "
            f"{target.name!r} has only one of {_some(alone)}. {advice} classes with fewer than 2 rows "
            "(`rare_classes`), train on every row (`split=all`), or choose another column."
        )
    return labels, names


_NUMBER_ADVICE = "Predict a number instead (`data=file_numbers`)"


def _alone(labels: NDArray[np.int64], names: tuple[str, ...]) -> list[str]:
    """Return the classes that have a single row."""
    return [name for name, count in zip(names, np.bincount(labels, minlength=len(names)), strict=True) if count < 2]


def _some(names: list[str]) -> str:
    return ", ".join(map(repr, names[:3])) + " and others" * (len(names) > 3)


def _classes(values: pd.Series, numbers: bool) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the label of every row and the class names, in alphabetical or numerical order."""
    labels, found = pd.factorize(values, sort=True)
    names = [f"{value:.12g}" for value in found] if numbers else list(map(str, found))
    if len(set(names)) < len(names):  # long numbers that only differ in their last digits
        names = [repr(float(value)).removesuffix(".0") for value in found]
    return labels.astype(np.int64), tuple(names)


def _merge_rare(
    labels: NDArray[np.int64], names: tuple[str, ...], least: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the labels with all classes of fewer than `least` rows merged into one, the last one."""
    rare = np.bincount(labels, minlength=len(names)) < least
    if not rare.any():
        return labels, names
    kept = np.flatnonzero(~rare)
    places = np.full(len(names), len(kept))
    places[kept] = np.arange(len(kept))
    shown = [names[label] for label in kept]
    return places[labels], (*shown, merged_name(shown))
