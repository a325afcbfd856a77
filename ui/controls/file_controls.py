"""A file of one's own: bringing it, what is predicted from what, and how it is read; or how large its pictures are."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import Any

import numpy as np
import streamlit as st

from core.datasets.pictures import Pictures
from core.datasets.upload_store import NotUploadedError, keep_upload
from core.datasets.uploaded_data import (
    data_name,
    holds_pictures,
    learnable_of,
    pictures_of,
    table_of,
    target_of,
    task_of,
)
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus, with_data
from core.tables import NUMBER, Reading, Table
from core.tables.decoding import ENCODINGS
from core.tables.inspection import DELIMITER_WORDS
from core.tables.table import MAX_BYTES
from ui import session
from ui.components.markdown import literal
from ui.controls.widgets import choice, fold, stops, switch

_UPLOAD = "upload"
_PREVIEW_ROWS = 100
_WARNINGS_MOST = 5
_SIDES = (8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64)
_SIDE_HELP = "The middle of every picture is scaled to so many pixels across and down."
_COLOUR_HELP = "Red, green and blue of every pixel are an input each; otherwise its shade of grey is."
_POOL_PICTURES = "Pool classes of fewer pictures than"
_RARE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_DECIMALS = {".": "point", ",": "comma"}
_HEADERS = {"yes": "holds the names", "no": "holds values"}
_PREDICTED = {menus.CLASSES: "a class", menus.NUMBERS: "a number"}


def file_controls(data: DataSpec) -> DataSpec:
    """Bring a file, and choose what is learned of it."""
    assert data.table is not None
    st.file_uploader(
        "CSV or other text, Excel, Parquet, .npz, or a .zip of folders of pictures",
        key=session.widget_key(_UPLOAD),
        on_change=_take_upload,
        max_upload_size=MAX_BYTES // 1_000_000,
        help="It stays on this server, under a name made of what is in it; a link to your experiment names it so.",
    )
    st.page_link("../pages/camera.py", label="Or take pictures with your camera", icon=":material/photo_camera:")
    if problem := session.upload_problem():
        st.error(literal(problem), icon=":material/upload_file:")
    if not data.table.file:
        return data
    try:
        if holds_pictures(data.table.file):
            return _picture_controls(data)
        table = table_of(data.table)
    except NotUploadedError as error:
        st.info(str(error), icon=":material/upload_file:")
        return data
    except DataError:  # which the page says where the figures would be
        return replace(data, table=_reading_controls(data.table, Reading(), ()))
    _show_table(data.table, table)
    data = _learning_controls(replace(data, table=_fitting(data.table, table)), table)
    spec = fold("Columns and missing values", "columns", _table_spec(data), partial(_column_controls, table=table))
    reading = partial(_reading_controls, found=table.reading, sheets=table.sheets)
    return replace(data, table=fold("How the file is read", "reading", spec, reading))


def _table_spec(data: DataSpec) -> TableSpec:
    assert data.table is not None
    return data.table


def _take_upload() -> None:
    """Keep the file that has just come and begin an experiment on it; one that cannot be read changes nothing."""
    upload = session.widget_value(_UPLOAD)
    if upload is None:
        return
    try:
        spec = TableSpec(file=keep_upload(upload.getvalue()))
        data = _first_data(spec)
    except DataError as error:
        session.set_upload_problem(f"{PurePath(upload.name).name}: {error}")
        return
    session.set_upload_problem("")
    session.name_file(spec.file, PurePath(upload.name).name)
    session.set_experiment(with_data(session.experiment(), data))


def _first_data(spec: TableSpec) -> DataSpec:
    """Return what a file that has just come begins with."""
    if holds_pictures(spec.file):
        pictures_of(spec.file, spec.side, spec.colour)  # or it is said that they cannot be read
        return DataSpec(data_name(menus.CLASSES), table=spec, scaling="none")
    return DataSpec(data_name(task_of(target_of(table_of(spec), spec))), table=spec)


def _picture_controls(data: DataSpec) -> DataSpec:
    """Show what is in a zip of pictures, and choose how large they are and which folders are pooled."""
    spec = _table_spec(data)
    try:
        _show_pictures(spec, pictures_of(spec.file, spec.side, spec.colour))
    except NotUploadedError:
        raise
    except DataError:  # which the page says where the figures would be
        st.caption(literal(session.file_name(spec.file)))
    spec = replace(
        spec,
        side=int(stops("Side of a picture, in pixels", _SIDES, spec.side, f"side-{spec.file}", _SIDE_HELP)),
        colour=switch("In colour", spec.colour, f"colour-{spec.file}", _COLOUR_HELP),
        rare_classes=int(stops(_POOL_PICTURES, _RARE, spec.rare_classes, f"rare-classes-{spec.file}")),
    )
    return _with_task(data, menus.CLASSES, spec)


def _show_pictures(spec: TableSpec, pictures: Pictures) -> None:
    counts = np.bincount(pictures.labels, minlength=len(pictures.class_names))
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.caption(
        f"{literal(session.file_name(spec.file))}  \n{len(pictures.labels):,} pictures, {len(counts):,} classes"
    )
    how_many = "How many pictures every folder holds"
    with right.popover("Classes", icon=":material/photo_library:", help=how_many, width="stretch"):
        st.dataframe({"class": pictures.class_names, "pictures": counts}, hide_index=True)
    _show_warnings(pictures.warnings)


def _show_table(spec: TableSpec, table: Table) -> None:
    rows, columns = table.frame.shape
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.caption(f"{literal(session.file_name(spec.file))}  \n{rows:,} rows, {columns:,} columns")
    with right.popover("Preview", icon=":material/table:", help="The first rows", width="stretch"):
        st.dataframe(table.frame.head(_PREVIEW_ROWS), hide_index=True)
    _show_warnings(table.warnings)


def _show_warnings(warnings: tuple[str, ...]) -> None:
    for warning in warnings[:_WARNINGS_MOST]:
        st.caption(f":material/warning: {literal(warning)}")


def _fitting(spec: TableSpec, table: Table) -> TableSpec:
    """Return the spec without the columns that the table does not have, or that cannot be inputs."""
    names = {column.name for column in table.columns}
    target = spec.target_column if spec.target_column in names else ""
    able = {column.name for column in learnable_of(table)} - {target}
    fitting = replace(spec, target_column=target, columns=tuple(name for name in spec.columns if name in able))
    lost = sorted({spec.target_column, *spec.columns} - {fitting.target_column, *fitting.columns})
    if lost:
        st.warning(f"Left out, since the file has no such column to use: {literal(', '.join(lost))}.")
    return fitting


def _learning_controls(data: DataSpec, table: Table) -> DataSpec:
    """Choose what is predicted, as what, and from what."""
    spec = _table_spec(data)
    names = [column.name for column in table.columns]
    target = target_of(table, spec)
    chosen = st.selectbox("Predict", names, names.index(target.name), key=session.widget_key(f"target-{spec.file}"))
    if chosen != target.name:
        inputs = tuple(name for name in spec.columns if name != chosen)
        spec = replace(spec, target_column=chosen, columns=inputs)
        target = target_of(table, spec)
        data = _with_task(data, task_of(target), spec)
    if target.type == NUMBER:
        task = choice("As", _PREDICTED, data.task, f"task-{spec.file}-{target.name}")
        data = _with_task(data, task, spec)
    elif data.task == menus.NUMBERS:  # as an address may say
        data = _with_task(data, menus.CLASSES, spec)
    able = [column.name for column in learnable_of(table) if column.name != target.name]
    columns = st.multiselect(
        "From",
        able,
        [name for name in spec.columns if name in able],
        key=session.widget_key(f"columns-{spec.file}-{target.name}"),
        placeholder=f"all {len(able):,} columns that can be used",
    )
    return replace(data, table=replace(spec, columns=tuple(columns)))


def _with_task(data: DataSpec, task: str, spec: TableSpec) -> DataSpec:
    """Return the data with another table and, where the task is another, with its settings at their defaults."""
    if task == data.task:
        return replace(data, table=spec)
    kept: dict[str, Any] = {
        name: getattr(data, name) for name in ("seed", "split", "test", "train_rows", "validation", "scaling")
    }
    return DataSpec(data_name(task), table=spec, **kept)


def _column_controls(spec: TableSpec, table: Table) -> TableSpec:
    """Choose types that were guessed otherwise, and what becomes of missing values and rare categories."""
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
                key=session.widget_key(f"{field}-{spec.file}"),
                placeholder="as they were found",
            )
        )
    both = set(values["number_columns"]) & set(values["category_columns"])
    if both:
        st.warning(f"{literal(', '.join(sorted(both)))} cannot be both; the last choice is left out.")
        values = {field: getattr(spec, field) for field in values}
    missing = sum(column.missing for column in table.columns)
    values["missing"] = choice(f"Missing values ({missing:,})", menus.MISSING, spec.missing, f"missing-{spec.file}")
    label = "Pool categories of fewer training rows than"
    values["rare"] = int(stops(label, _RARE, spec.rare, f"rare-{spec.file}"))
    label = "Pool classes of fewer rows than"
    values["rare_classes"] = int(stops(label, _RARE, spec.rare_classes, f"rare-classes-{spec.file}"))
    return replace(spec, **values)


def _reading_controls(spec: TableSpec, found: Reading, sheets: tuple[str, ...]) -> TableSpec:
    """Choose how the file is read, where what was found out is wrong."""
    header = {None: None, True: "yes", False: "no"}[found.header]
    spec = replace(
        spec,
        encoding=_found_or("Encoding", {name: name for name in ENCODINGS}, spec.encoding, found.encoding),
        delimiter=_found_or("Delimiter", DELIMITER_WORDS, spec.delimiter, found.delimiter),
        decimal=_found_or("Decimal sign", _DECIMALS, spec.decimal, found.decimal),
        header=_found_or("The first row", _HEADERS, spec.header, header),
    )
    if sheets:
        spec = replace(spec, sheet=_found_or("Sheet", {name: name for name in sheets}, spec.sheet, found.sheet))
    return spec


def _found_or(label: str, titles: dict[str, str], value: str, found: str | None) -> str:
    """Choose among words, or leave it as it was found out."""
    title = "as found" if found is None else f"as found: {titles.get(found, found)}"
    options = {"": title, **titles}
    return choice(label, options if value in options else options | {value: value}, value, f"read-{label}")
