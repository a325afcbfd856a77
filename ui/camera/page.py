"""What the camera page says, and what it does with the pictures: kept as a zip, they are data of the lab."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.datasets.camera import read_taken, to_zip
from core.datasets.upload_store import keep_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, with_data
from ui import session
from ui.camera.panel import camera_panel
from ui.components.markdown import literal

_FILE_NAME = "camera pictures"


def show() -> bool:
    """Draw the page; return whether the pictures are to be trained on, which the experiment then says."""
    st.title("Camera")
    st.markdown(
        "Name the classes, take thirty pictures or more of each, and see whether a network can tell them apart. "
        "The pictures stay in your browser until you train on them."
    )
    taken = camera_panel(session.CAMERA_PANEL)
    if taken is None:
        return False
    try:
        _train_on(taken)
    except DataError as error:
        st.error(literal(str(error)), icon=":material/photo_camera:")
        return False
    return True


def _train_on(taken: Any) -> None:
    """Keep the pictures that a browser has sent as a file, and begin an experiment on it as on any zip of pictures."""
    file = keep_upload(to_zip(read_taken(taken)))
    session.name_file(file, _FILE_NAME)
    data = DataSpec("file", scaling="none", table=TableSpec(file=file))
    session.set_experiment(with_data(session.experiment(), data))
