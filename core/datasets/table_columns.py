"""The table of an uploaded file with the types that its use needs: what is predicted, from which columns."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pandas as pd

from core.bounded_process import bounded
from core.datasets.data_cache import DATA_CACHE
from core.datasets.upload_store import check_here, read_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus
from core.tables import CATEGORY, DATE, IDENTIFIER, NUMBER, Column, Reading, Table, read_table, retype
from core.tables.identifiers import NUMBERED

_TARGET_NAMES = ("target", "label", "class", "y", "outcome", "diagnosis", "species", "survived")
_FEW_NUMBERS = 20  # different values that are probably classes
_RELATED = 0.5  # rank correlation of a target with the order of its rows
_LEARNABLE = (NUMBER, CATEGORY, DATE)  # text and identifiers don't generalize


def table_of(spec: TableSpec) -> Table:
    """Return the table of a file, read and typed as the spec says.

    A column that the spec names as the target or an input has a type that can be learned, whatever was detected.

    Raises:
        NotUploadedError: where the file is not here.
        DataError: where it cannot be read like that.
    """
    check_here(spec.file)
    header = {"": None, "yes": True, "no": False}[spec.header]
    day_first = {"": None, "day": True, "month": False}[spec.dates]
    reading = Reading(
        spec.encoding or None, spec.delimiter or None, spec.decimal or None, header, spec.sheet or None, day_first
    )
    return _retyped(spec.file, reading, spec.number_columns, spec.category_columns, spec.columns, spec.target_column)


@DATA_CACHE.cached
@bounded
def _read(file: str, reading: Reading) -> Table:
    return read_table(read_upload(file), "the file", reading)


@DATA_CACHE.cached
@bounded
def _retyped(
    file: str,
    reading: Reading,
    numbers: tuple[str, ...],
    categories: tuple[str, ...],
    inputs: tuple[str, ...],
    target: str,
) -> Table:
    table = _read(file, reading)
    for names, kind in ((numbers, NUMBER), (categories, CATEGORY)):
        for name in names:
            table = retype(table, name, kind)
    for name in (*inputs, *([target] if target else [])):
        table = _learnable(table, name)
    return table if inputs else _with_counts(table, TableSpec(target_column=target))


def _learnable(table: Table, name: str) -> Table:
    """Return the table where a column that a person names is numbers or categories, if that is possible."""
    column = table.column(name)
    if column is None or column.type in _LEARNABLE:
        return table
    if column.type == IDENTIFIER:
        with suppress(DataError):
            numbers = retype(table, name, NUMBER)
            changed = numbers.column(name)
            if changed is not None and changed.missing == column.missing:
                return numbers
    # Words that are all different say nothing about other rows.
    return retype(table, name, CATEGORY) if column.unique < column.rows - column.missing else table


def _with_counts(table: Table, spec: TableSpec) -> Table:
    """Return the table where numbers that count the rows are inputs if the target goes with them or nothing else is."""
    if spec.target_column and table.column(spec.target_column) is None:
        return table
    target = target_of(table, spec)
    counts = [column for column in table.columns if column.why == NUMBERED and column.name != target.name]
    others = [column for column in learnable_of(table) if column.name != target.name]
    for column in counts:
        if not others or _goes_with_the_rows(table, target):
            table = retype(table, column.name, NUMBER)
    return table


def _goes_with_the_rows(table: Table, target: Column) -> bool:
    """Return whether a number to predict rises or falls from row to row."""
    if target.type != NUMBER or task_of(target) != menus.NUMBERS:
        return False
    values = table.frame[target.name]
    ranks = pd.Series(np.arange(len(values), dtype=np.float64)).corr(values.reset_index(drop=True).rank())
    return bool(abs(ranks) > _RELATED)


def table_for(spec: DataSpec) -> Table:
    """Return the table of a data set, whose target is a number where a number is to be predicted.

    Raises:
        NotUploadedError: if the file is not on this machine.
        DataError: if it cannot be read.
    """
    assert spec.table is not None
    table = table_of(spec.table)
    with suppress(DataError):  # which is said later, in other words
        target = target_of(table, spec.table)
        if spec.task == menus.NUMBERS and target.type != NUMBER:
            return retype(table, target.name, NUMBER)
    return table


def target_of(table: Table, spec: TableSpec) -> Column:
    """Return the column to predict: the one the spec names, else one with a typical name, else the last one.

    Raises:
        DataError: if the table has no such column.
    """
    if spec.target_column:
        return _column(table, spec.target_column, "target_column")
    learnable = learnable_of(table) or list(table.columns)
    return next((column for column in learnable if column.name.lower() in _TARGET_NAMES), learnable[-1])


def learnable_of(table: Table) -> list[Column]:
    """Return the columns that can be inputs: numbers, categories and dates."""
    return [column for column in table.columns if column.type in _LEARNABLE]


def task_of(target: Column) -> str:
    """Return the likely task for a target column: numbers if it has many different ones, otherwise classes.

    Numbers most of which occur once are numbers however few they are: as classes they would have a single row.
    """
    most = min(_FEW_NUMBERS, max(2, (target.rows - target.missing) / 2))
    return menus.NUMBERS if target.type == NUMBER and target.unique > most else menus.CLASSES


def data_name(task: str) -> str:
    """Return the name of the data set that is a file with this task."""
    return {menus.CLASSES: "file", menus.NUMBERS: "file_numbers"}[task]


def inputs_of(table: Table, spec: TableSpec) -> tuple[Column, ...]:
    """Return the input columns: those the spec names, or all but text and identifiers.

    Raises:
        DataError: if there are none, or a named column is missing, is the target or cannot be an input.
    """
    target = target_of(table, spec)
    if not spec.columns:
        found = tuple(column for column in learnable_of(table) if column.name != target.name)
        if not found:
            raise DataError(
                f"Besides {target.name!r}, the table has no column of numbers, categories or dates to learn from. "
                "Add a column, or change the type of one to number or category."
            )
        return found
    named = tuple(_column(table, name, "columns") for name in spec.columns)
    for column in named:
        if column.name == target.name:
            raise DataError(
                f"`columns` must not include the target, {target.name!r}: the network would be given the answer."
            )
        if column.type not in _LEARNABLE:
            raise DataError(
                f"`columns` must be numbers, categories or dates: {column.name!r} has type {column.type}. Leave it "
                "out, or change its type to number or category."
            )
    return named


def point_columns(inputs: Sequence[Column]) -> tuple[str, str] | None:
    """Return the names of x1 and x2 if rows are points: the inputs are exactly two columns of numbers. Else None."""
    if [column.type for column in inputs] != [NUMBER, NUMBER]:
        return None
    x1, x2 = inputs
    return x1.name, x2.name


def numbers_and_categories(inputs: Sequence[Column]) -> tuple[list[Column], list[Column]]:
    """Return the inputs that are numbers or dates, and those that are categories."""
    numbers = [column for column in inputs if column.type != CATEGORY]
    return numbers, [column for column in inputs if column.type == CATEGORY]


def _column(table: Table, name: str, key: str) -> Column:
    column = table.column(name)
    if column is None:
        known = ", ".join(repr(other.name) for other in table.columns[:20])
        raise DataError(f"`{key}` must be one of the table's columns: {known}. Received: {name!r}.")
    return column


def kept_rows(table: Table, spec: TableSpec) -> pd.Series:
    """Return which rows are learned from, bool: those with a target, and with all inputs if `missing` is "drop"."""
    kept = table.frame[target_of(table, spec).name].notna()
    if spec.missing == "drop":
        kept &= table.frame[[column.name for column in inputs_of(table, spec)]].notna().all(axis=1)
    return kept
