"""The page "Camera": pictures taken class by class, which become a zip file to train on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.datasets.camera import read_taken, to_zip
from core.datasets.upload_store import KEPT_DAYS, keep_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, with_data
from ui import training
from ui.camera.panel import camera_panel
from ui.components.markdown import literal
from ui.session import current, files, run

_PANEL = "camera-panel"  # the key of the component
_FILE_NAME = "camera pictures"


def show() -> bool:
    """Draw the page; return whether the pictures train, which the experiment then holds."""
    st.title("Camera")
    st.markdown(
        "Name the classes, take thirty or more pictures of each, and see whether a network can tell them apart. "
        "The pictures stay in your browser until you train on them."
    )
    st.caption(
        "Then they are stored on this server. Anyone with the link, a report or a bundle of the experiment can open "
        f"them, until {KEPT_DAYS} days after they were last used. You can delete them in the lab, under the data set."
    )
    taken = camera_panel(_PANEL)
    if taken is None:
        return False
    try:
        _train_on(taken)
    except DataError as error:
        st.error(literal(str(error)), icon=":material/photo_camera:")
        return False
    return True


def _train_on(taken: Any) -> None:
    """Keep the pictures that a browser has sent as a zip file, and train an experiment on it."""
    file = keep_upload(to_zip(read_taken(taken)), run.owner())
    files.remember_name(file, _FILE_NAME)
    data = DataSpec("file", scaling="none", table=TableSpec(file=file))
    current.set_experiment(with_data(current.experiment(), data))
    training.train_anew()
