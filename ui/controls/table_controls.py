"""A table from a file: what is predicted from which columns, their types, and how the file is read."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.datasets.file_notes import file_notes
from core.datasets.table_columns import data_name, learnable_of, target_of, task_of
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus
from core.tables import IDENTIFIER, NUMBER, Reading, Table
from core.tables.decoding import ENCODINGS
from core.tables.inspection import DELIMITER_WORDS
from ui.components.explained import help_of
from ui.components.frame import show_frame
from ui.components.markdown import literal
from ui.controls.input_controls import table_input_controls
from ui.controls.widgets import choice, fold, stops
from ui.session import current, files

MERGE_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_PREVIEW_ROWS = 100
_NOTES_AT_ONCE = 4
_DECIMALS = {".": "point", ",": "comma"}
_HEADERS = {"yes": "column names", "no": "values"}
_ORDERS = {"day": "day first", "month": "month first"}
_TARGETS = {menus.CLASSES: "class", menus.NUMBERS: "number"}


def table_controls(data: DataSpec, spec: TableSpec, table: Table) -> DataSpec:
    """Choose what is predicted from which columns and inputs, and how columns and file are read."""
    _show_table(spec, table)
    notes = st.container()
    data, spec = _target_controls(data, _without_missing_columns(spec, table), table)
    spec = fold("Columns and missing values", "columns", spec, partial(_column_controls, table=table))
    reading = partial(
        _reading_controls, found=replace(table.reading, day_first=table.around.day_first), sheets=table.sheets
    )
    data = table_input_controls(replace(data, table=fold("File format", "reading", spec, reading)))
    with notes, suppress(DataError):  # the page says it in place of the figures
        show_notes(file_notes(data))
    return data


def unreadable_table_controls(data: DataSpec, spec: TableSpec) -> DataSpec:
    """Choose how a file is read that cannot be read as it is now."""
    return replace(data, table=_reading_controls(spec, Reading(), ()))


def with_task(data: DataSpec, task: str, spec: TableSpec) -> DataSpec:
    """Return the data with another table; a new task has its own defaults but for inputs, split and scaling."""
    if task == data.task:
        return replace(data, table=spec)
    kept: dict[str, Any] = {
        name: getattr(data, name)
        for name in ("inputs", "seed", "split", "test", "train_rows", "validation", "train_share", "scaling")
    }
    return DataSpec(data_name(task), table=spec, **kept)


def show_notes(notes: tuple[str, ...]) -> None:
    """Show what was decided about a file, all of it: the first notes at once, the others folded."""
    for note in notes[:_NOTES_AT_ONCE]:
        st.caption(f":material/info: {literal(note)}")
    if len(notes) > _NOTES_AT_ONCE:
        with st.expander(f"{len(notes) - _NOTES_AT_ONCE} more notes on this file"):
            for note in notes[_NOTES_AT_ONCE:]:
                st.caption(literal(note))


def _show_table(spec: TableSpec, table: Table) -> None:
    rows, columns = table.frame.shape
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.caption(f"{literal(files.name_of(spec.file))}  \n{rows:,} rows, {columns:,} columns")
    with right.popover("Preview", icon=":material/table:", help="The first rows", width="stretch"):
        show_frame(table.frame.head(_PREVIEW_ROWS))


def _without_missing_columns(spec: TableSpec, table: Table) -> TableSpec:
    """Return the spec without columns that the table lacks or that cannot be inputs, and name them on the page."""
    names = {column.name for column in table.columns}
    target = spec.target_column if spec.target_column in names else ""
    usable = {column.name for column in learnable_of(table)} - {target}
    kept = replace(spec, target_column=target, columns=tuple(name for name in spec.columns if name in usable))
    ignored = sorted({spec.target_column, *spec.columns} - {kept.target_column, *kept.columns})
    if ignored:
        st.warning(f"Ignored, because the file has no such usable column: {literal(', '.join(ignored))}.")
    return kept


def _target_controls(data: DataSpec, spec: TableSpec, table: Table) -> tuple[DataSpec, TableSpec]:
    """Choose the target, its task, and the input columns."""
    names = [column.name for column in table.columns]
    target = target_of(table, spec)
    key = current.widget_key(f"target-{spec.file}")
    chosen = st.selectbox("Predict", names, names.index(target.name), key=key, help=help_of("target"))
    if chosen != target.name:
        spec = replace(spec, target_column=chosen, columns=tuple(name for name in spec.columns if name != chosen))
        target = target_of(table, spec)
        data = with_task(data, task_of(target), spec)
    if target.type == NUMBER:
        task = choice("Predict as", _TARGETS, data.task, f"task-{spec.file}-{target.name}", "target")
        data = with_task(data, task, spec)
    elif data.task == menus.NUMBERS:  # an address may ask for it
        data = with_task(data, menus.CLASSES, spec)
    usable = [column.name for column in learnable_of(table) if column.name != target.name]
    identifiers = [column.name for column in table.columns if column.type == IDENTIFIER and column.name != target.name]
    columns = st.multiselect(
        "Input columns",
        [*usable, *identifiers],
        [name for name in spec.columns if name in usable],
        format_func=lambda name: f"{name} · identifier" if name in identifiers else name,
        key=current.widget_key(f"columns-{spec.file}-{target.name}"),
        placeholder=f"all {len(usable):,} usable columns",
        help=help_of("columns"),
    )
    return data, replace(spec, columns=tuple(columns))


def _column_controls(spec: TableSpec, table: Table) -> TableSpec:
    """Correct the detected types, and choose what happens to missing values and rare categories."""
    names = [column.name for column in table.columns]
    kinds = {column.name: column.type for column in table.columns}
    values: dict[str, Any] = {}
    for field, label in (("number_columns", "Read as numbers"), ("category_columns", "Read as categories")):
        held: tuple[str, ...] = getattr(spec, field)
        values[field] = tuple(
            st.multiselect(
                label,
                names,
                [name for name in held if name in names],
                format_func=lambda name: f"{name} · {kinds[name]}",
                key=current.widget_key(f"{field}-{spec.file}"),
                placeholder="as detected",
                help=help_of("column_types"),
            )
        )
    both = set(values["number_columns"]) & set(values["category_columns"])
    if both:
        st.warning(
            f"{literal(', '.join(sorted(both)))} cannot be both numbers and categories. The last choice is ignored."
        )
        values = {field: getattr(spec, field) for field in values}
    missing = sum(column.missing for column in table.columns)
    values["missing"] = choice(
        f"Missing values ({missing:,})", menus.MISSING, spec.missing, f"missing-{spec.file}", "missing"
    )
    label = "Merge categories with fewer training rows than"
    values["rare"] = int(stops(label, MERGE_SIZES, spec.rare, f"rare-{spec.file}", "rare"))
    label = "Merge classes with fewer rows than"
    values["rare_classes"] = int(stops(label, MERGE_SIZES, spec.rare_classes, f"rare-classes-{spec.file}", "rare"))
    return replace(spec, **values)


def _reading_controls(spec: TableSpec, found: Reading, sheets: tuple[str, ...]) -> TableSpec:
    """Correct how the file is read, where detection went wrong."""
    header = {None: None, True: "yes", False: "no"}[found.header]
    spec = replace(
        spec,
        encoding=_detected_or("Encoding", {name: name for name in ENCODINGS}, spec.encoding, found.encoding),
        delimiter=_detected_or("Delimiter", DELIMITER_WORDS, spec.delimiter, found.delimiter),
        decimal=_detected_or("Decimal separator", _DECIMALS, spec.decimal, found.decimal),
        header=_detected_or("First row", _HEADERS, spec.header, header),
    )
    order = {None: None, True: "day", False: "month"}[found.day_first]
    spec = replace(spec, dates=_detected_or("Dates of numbers", _ORDERS, spec.dates, order))
    if sheets:
        spec = replace(spec, sheet=_detected_or("Sheet", {name: name for name in sheets}, spec.sheet, found.sheet))
    return spec


def _detected_or(label: str, titles: dict[str, str], value: str, found: str | None) -> str:
    """Choose among names, or leave it as detected: ""."""
    title = "detect automatically" if found is None else f"detected: {titles.get(found, found)}"
    options = {"": title, **titles}
    return choice(label, options if value in options else options | {value: value}, value, f"read-{label}", "file_form")
