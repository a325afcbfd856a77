"""A Plotly figure on a page."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st


def draw(figure: go.Figure, key: str) -> None:
    """Draw a figure without Plotly's mode bar."""
    st.plotly_chart(figure, key=key, config={"displayModeBar": False})
