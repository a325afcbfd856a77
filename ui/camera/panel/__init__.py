"""The component for taking pictures: a camera and its classes. It sends the pictures when training on them starts."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.datasets.camera import CLASS_LEAST, CLASSES_MOST, NAME_MOST, PICTURES_MOST, SIDE
from ui.components.served_script import LOADER
from ui.server import asset_url

_component = st.components.v2.component("hidden_layers_camera_panel", js=LOADER, isolate_styles=False)


def camera_panel(key: str) -> Any:
    """Show the camera with its classes; return the pictures to train on, or None in most runs of the page.

    They come as [{"name": text, "pictures": [JPEG as base64, …]}, …], or anything, since a browser sends them.
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
    """Do nothing: naming the callback makes the value a trigger, which is read from the component's result."""
