"""A Plotly figure on a page."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st


def draw(figure: go.Figure, key: str, name: str, *, fills: bool = False) -> None:
    """Draw a figure without Plotly's mode bar.

    Args:
        figure: has a height in its layout, unless it fills.
        key: of the element.
        name: what the figure is, for screen readers; the page's JavaScript adds what it shows.
        fills: whether it is as high as the window allows; ui/style.css gives the element of this key its height.
    """
    config = {"displayModeBar": False}
    st.plotly_chart(figure, key=key, config=config, height="stretch" if fills else "content", alt=name)
