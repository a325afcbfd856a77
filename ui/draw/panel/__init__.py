"""The component for drawing points: a canvas with its tools. It sends the points at the end of every stroke."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.datasets.drawn_points import CLASSES_MOST, POINTS_MOST, DrawnPoints
from core.figures.palette import class_colour
from ui.components.served_script import LOADER
from ui.server import asset_url

_component = st.components.v2.component("hidden_layers_draw_panel", js=LOADER, isolate_styles=False)


def draw_panel(key: str, drawing: DrawnPoints, revision: int, on_drawn: Callable[[], None]) -> None:
    """Show the canvas with its tools.

    Args:
        key: of the component; its state holds "drawn", {"points": [[x1, x2, class], …], "revision": …}, during
            `on_drawn`.
        drawing: the points that a canvas shows if it is new or has another revision.
        revision: rises whenever the points change elsewhere than on the canvas.
        on_drawn: called when the points on the canvas have changed.
    """
    data = {
        "part": "draw",
        "script": asset_url("draw_panel.js"),
        "css": asset_url("draw_panel.css"),
        "points": drawing.points,
        "revision": revision,
        "most": POINTS_MOST,
        "colours": [class_colour(label) for label in range(CLASSES_MOST)],
    }
    _component(key=key, data=data, on_drawn_change=on_drawn)
