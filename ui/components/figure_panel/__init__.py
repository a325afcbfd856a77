"""The component that keeps a figure on the page while what it shows changes, and tells where it is clicked.

Streamlit's own chart is made anew at every change: it flickers, and a click in that moment is lost.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from ui.components.served_script import LOADER
from ui.server import asset_url

_component = st.components.v2.component("hidden_layers_figure_panel", js=LOADER, isolate_styles=False)


def figure_panel(
    key: str,
    name: str,
    figure: go.Figure,
    feeds: Mapping[str, Mapping[str, Any]] | None = None,
    arrays: Mapping[str, np.ndarray] | None = None,
    on_clicked: Callable[[], None] | None = None,
) -> None:
    """Show a figure, with buttons that save it.

    Args:
        key: of the component; its state holds "clicked", [x, y] in the units of the axes, during `on_clicked`.
        name: what the figure is, for those who cannot see it, and the name of its files.
        figure: its layout says how high it is.
        feeds: what becomes of an array in the figure, by the array's name, as in `core.figures.panel`.
        arrays: uint8, of any shape.
        on_clicked: called when a place between the axes was clicked. Without it clicks are not looked at.
    """
    data = {
        "part": "figure",
        "script": asset_url("figure_panel.js"),
        "css": asset_url("figure_panel.css"),
        "plotly": asset_url("plotly.min.js"),
        "name": name,
        "figure": json.loads(figure.to_json()),
        "feeds": {array: dict(feed) for array, feed in (feeds or {}).items()},
        "arrays": {array: _packed(values) for array, values in (arrays or {}).items()},
        "asks": on_clicked is not None,
    }
    _component(key=key, data=data, on_clicked_change=on_clicked or _ignore)


def _packed(values: np.ndarray) -> dict[str, Any]:
    return {"bytes": base64.b64encode(values.astype(np.uint8).tobytes()).decode(), "shape": list(values.shape)}


def _ignore() -> None:
    """Take a trigger of a figure that nobody asks."""
