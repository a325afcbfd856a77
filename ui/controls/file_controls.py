"""A person's own file: its upload, and the controls of what it holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from core.datasets.table_columns import data_name, table_for, table_of, target_of, task_of
from core.datasets.upload_store import NotUploadedError, keep_upload
from core.datasets.uploaded_data import fitting_split, holds_pictures, pictures_of
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus, with_data
from core.tables.table import MAX_BYTES
from ui.components.markdown import literal
from ui.components.stored_uploads import WHO_CAN_OPEN_IT, show_stored_uploads
from ui.controls.picture_controls import picture_controls
from ui.controls.table_controls import table_controls, unreadable_table_controls
from ui.session import current, files, run

_UPLOAD = "upload"


def file_controls(data: DataSpec) -> DataSpec:
    """Upload a file, and choose how it is read and what is learned from it."""
    assert data.table is not None
    st.file_uploader(
        "CSV or other text, Excel, Parquet, .npz, or a .zip of picture folders",
        key=current.widget_key(_UPLOAD),
        on_change=_open_upload,
        max_upload_size=MAX_BYTES // 1_000_000,
        help="JSON, ARFF, tables of web pages, LIBSVM, Stata, SAS and packed files of one table are read too. "
        f"The file is stored on this server under a fingerprint of its contents. {WHO_CAN_OPEN_IT}",
    )
    show_stored_uploads()
    st.page_link("../pages/camera.py", label="Or take pictures with your camera", icon=":material/photo_camera:")
    if problem := files.problem():
        st.error(literal(problem), icon=":material/upload_file:")
    if not data.table.file:
        return data
    try:
        if holds_pictures(data.table.file):
            return picture_controls(data, data.table)
        table = table_for(data)
    except NotUploadedError as error:
        st.info(str(error), icon=":material/upload_file:")
        return data
    except DataError:  # the page says it in place of the figures
        return unreadable_table_controls(data, data.table)
    return table_controls(data, data.table, table)


def _open_upload() -> None:
    """Keep an uploaded file and begin an experiment on it; a file that cannot be read changes nothing."""
    upload = current.widget_value(_UPLOAD)
    if upload is None:
        return
    name = PurePath(upload.name).name
    try:
        spec = TableSpec(file=keep_upload(upload.getvalue(), run.owner()))
        data = _first_data(spec)
    except DataError as error:
        files.set_problem(f"{name}: {error}")
        return
    files.set_problem("")
    files.remember_name(spec.file, name)
    current.set_experiment(with_data(current.experiment(), data))


def _first_data(spec: TableSpec) -> DataSpec:
    """Return the settings that a new file starts with.

    Raises:
        DataError: where the file cannot be read.
    """
    if holds_pictures(spec.file):
        pictures_of(spec.file, spec.side, spec.colour)
        return DataSpec(data_name(menus.CLASSES), table=spec, scaling="none")
    data = DataSpec(data_name(task_of(target_of(table_of(spec), spec))), table=spec)
    return replace(data, split=fitting_split(data))
