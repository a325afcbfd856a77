"""The component that pictures are taken in: a camera and its classes. It sends them when they are to be used."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.datasets.camera import CLASS_LEAST, CLASSES_MOST, NAME_MOST, PICTURES_MOST, SIDE
from ui.components.served_script import LOADER
from ui.server import asset_url

_component = st.components.v2.component("hidden_layers_camera_panel", js=LOADER, isolate_styles=False)


def camera_panel(key: str) -> Any:
    """Show the camera with its classes; return what the browser has sent to be trained on, None in most runs.

    That is [{"name": text, "pictures": [JPEG as base64, …]}, …], or anything, since a browser sent it.
    """
    data = {
        "part": "camera",
        "script": asset_url("camera_panel.js"),
        "css": asset_url("camera_panel.css"),
        "side": SIDE,
        "most": PICTURES_MOST,
        "least": CLASS_LEAST,
        "classes": CLASSES_MOST,
        "letters": NAME_MOST,
    }
    return _component(key=key, data=data, on_taken_change=_nothing).taken


def _nothing() -> None:
    """A trigger is one by its callback; what it brings is read from the component's result."""
