"""Everything that was decided about a person's file, in one list of sentences: on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from core.datasets.far_numbers import FAR, is_far_from_zero
from core.datasets.table_columns import data_name, inputs_of, kept_rows, point_columns, table_for, target_of
from core.datasets.uploaded_data import fitting_split, holds_pictures, pictures_of
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus
from core.tables import CATEGORY, IDENTIFIER, NUMBER, Column, Table

_SHOWN_COLUMNS = 10
_SHOWN_ROWS = 5
_FILLS = {
    "median": ("their median", "the most frequent category"),
    "most_frequent": ("the most frequent number", "the most frequent category"),
    "constant": ("0", 'the category "missing"'),
}


def file_notes(data: DataSpec) -> tuple[str, ...]:
    """Return what was decided about the file of a data set: how it was read, and what is learned from it.

    Raises:
        NotUploadedError: if the file is not on this machine.
        DataError: if it cannot be read.
    """
    assert data.table is not None
    if holds_pictures(data.table.file):
        return pictures_of(data.table.file, data.table.side, data.table.colour).warnings
    return table_notes(table_for(data), data)


def table_notes(table: Table, data: DataSpec) -> tuple[str, ...]:
    """Return what was decided about a table; nothing about target and inputs where there are none to learn from."""
    assert data.table is not None
    notes = list(table.warnings)
    with suppress(DataError):
        target, inputs = target_of(table, data.table), inputs_of(table, data.table)
        notes += _target_notes(target, table.frame[target.name].to_numpy(), data)
        notes += _left_out_columns(table, target, inputs, data.table)
        notes += _fill_notes(inputs, data.table)
        notes += _input_notes(inputs, data)
        notes += _left_out_rows(table, target, data.table)
        notes += _split_notes(table, data)
    return tuple(notes)


def _target_notes(target: Column, values: np.ndarray, data: DataSpec) -> Iterator[str]:
    if target.type != NUMBER:
        return
    here, other = ("number", "class") if data.task == menus.NUMBERS else ("class", "number")
    task = menus.CLASSES if data.task == menus.NUMBERS else menus.NUMBERS
    yield (
        f"{target.name!r} is predicted as a {here}: {target.unique:,} different numbers in "
        f"{target.rows - target.missing:,} rows. To predict a {other}, choose `data={data_name(task)}`."
    )
    if data.task == menus.NUMBERS and data.scaling == "none" and is_far_from_zero(values, FAR):
        yield f"{target.name!r} is learned as the difference from its mean, as its numbers are far from 0."


def _left_out_columns(table: Table, target: Column, inputs: Sequence[Column], spec: TableSpec) -> Iterator[str]:
    used = {target.name, *(column.name for column in inputs)}
    left_out = [column for column in table.columns if column.name not in used]
    if not left_out or spec.columns:
        return
    shown = ", ".join(f"{column.name!r} ({_why(column)})" for column in left_out[:_SHOWN_COLUMNS])
    more = f" and {len(left_out) - _SHOWN_COLUMNS:,} more" if len(left_out) > _SHOWN_COLUMNS else ""
    yield f"No inputs: {shown}{more}. To learn from one all the same, choose it as an input (`columns`)."


def _why(column: Column) -> str:
    if column.missing == column.rows:
        return "every value is missing"
    if column.type == IDENTIFIER:
        return f"an identifier: {column.why}"
    return f"text: {column.unique:,} different values in {column.rows - column.missing:,} rows"


def _fill_notes(inputs: Sequence[Column], spec: TableSpec) -> Iterator[str]:
    missing = [column for column in inputs if column.missing]
    if not missing or spec.missing == "drop":
        return
    shown = ", ".join(f"{column.name!r} ({column.missing:,})" for column in missing[:_SHOWN_COLUMNS])
    more = f" and {len(missing) - _SHOWN_COLUMNS:,} more" if len(missing) > _SHOWN_COLUMNS else ""
    number, category = _FILLS[spec.missing]
    kinds = {column.type == CATEGORY for column in missing}
    filled = " or ".join(fill for fill, is_category in ((number, False), (category, True)) if is_category in kinds)
    yield f"Missing values are replaced by {filled} of the training rows: {shown}{more}."


def _input_notes(inputs: Sequence[Column], data: DataSpec) -> Iterator[str]:
    points = point_columns(inputs)
    if data.inputs is not None and data.derives_inputs and points is not None:
        listed = ", ".join(menus.INPUTS[name] for name in data.inputs)
        yield f"The network gets {listed}, where x₁ is {points[0]!r} and x₂ is {points[1]!r} before scaling."


def _left_out_rows(table: Table, target: Column, spec: TableSpec) -> Iterator[str]:
    lacking = table.frame[target.name].isna().to_numpy()
    others = ~kept_rows(table, spec).to_numpy() & ~lacking
    for rows, what in ((lacking, f"{target.name!r} is missing"), (others, "an input is missing")):
        places = np.flatnonzero(rows) + 1
        if not len(places):
            continue
        shown = ", ".join(f"{place:,}" for place in places[:_SHOWN_ROWS]) + (", …" if len(places) > _SHOWN_ROWS else "")
        start = "1 row is" if len(places) == 1 else f"{len(places):,} of {len(rows):,} rows are"
        yield f"{start} left out, where {what}: row {shown}."


def _split_notes(table: Table, data: DataSpec) -> Iterator[str]:
    if data.split == "all" and fitting_split(replace(data, split="stratified")) == "all":
        yield (
            f"All {len(table.frame)} rows train and none is held out: there are too few. To hold some out, choose "
            "`split=stratified`."
        )
