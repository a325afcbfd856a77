"""The component for drawing a picture, by mouse or finger. It sends the ink at the end of every stroke."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.trained.sketch import SIDE
from ui.components.served_script import LOADER
from ui.server import asset_url

_component = st.components.v2.component("hidden_layers_sketch_panel", js=LOADER, isolate_styles=False)


def sketch_panel(key: str, on_sketched: Callable[[], None]) -> None:
    """Show the canvas with its brush.

    Args:
        key: of the component; its state holds "sketched" during `on_sketched`: the ink as base64 of SIDE x SIDE bytes
            row by row, or "" after it was cleared.
        on_sketched: called at the end of every stroke, and after clearing.
    """
    data = {
        "part": "sketch",
        "script": asset_url("sketch_panel.js"),
        "css": asset_url("sketch_panel.css"),
        "side": SIDE,
    }
    _component(key=key, data=data, on_sketched_change=on_sketched)
