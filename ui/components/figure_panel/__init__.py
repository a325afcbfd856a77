"""The component for a single figure that stays on the page while its content changes, and that reports clicks.

Streamlit's own chart is rebuilt at every change: it flickers, and loses a click during the rebuild.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.figures import Feed
from ui.components.served_script import LOADER
from ui.server import asset_url

_component = st.components.v2.component("hidden_layers_figure_panel", js=LOADER, isolate_styles=False)


def figure_panel(
    key: str,
    name: str,
    figure: go.Figure,
    *,
    feeds: Mapping[str, Feed] | None = None,
    arrays: Mapping[str, np.ndarray] | None = None,
    on_clicked: Callable[[], None] | None = None,
) -> None:
    """Show a figure, with buttons that save it.

    Args:
        key: of the component. During `on_clicked` its state holds "clicked": [x, y] in the units of the axes.
        name: what the figure is, for screen readers and for the names of saved files.
        figure: its layout has a height.
        feeds: by name of an array, how the array changes the figure.
        arrays: uint8, of any shape.
        on_clicked: is called after a click between the axes. Without it, clicks are ignored.
    """
    data = {
        "part": "figure",
        "script": asset_url("figure_panel.js"),
        "css": asset_url("figure_panel.css"),
        "plotly": asset_url("plotly.min.js"),
        "name": name,
        "figure": json.loads(figure.to_json()),
        "feeds": {array: feed.to_json() for array, feed in (feeds or {}).items()},
        "arrays": {array: _packed(values) for array, values in (arrays or {}).items()},
        "clickable": on_clicked is not None,
    }
    _component(key=key, data=data, on_clicked_change=on_clicked or _ignore)


def _packed(values: np.ndarray) -> dict[str, Any]:
    return {"bytes": base64.b64encode(values.astype(np.uint8).tobytes()).decode(), "shape": list(values.shape)}


def _ignore() -> None:
    """Take the trigger of a figure that has no callback."""
