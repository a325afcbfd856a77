"""A grid of pictures: ten in a row, or five where the page is narrow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.figures import pictures_figures


def picture_grid(images: np.ndarray, captions: Sequence[str], photographs: bool, key: str, name: str) -> None:
    """Draw pictures as two figures side by side; on a phone Streamlit puts the second below the first."""
    figures = pictures_figures(images, captions, photographs=photographs)
    for number, (half, figure) in enumerate(zip(st.columns(2, gap=None), figures, strict=False)):
        half.plotly_chart(figure, key=f"{key}-{number}", config={"displayModeBar": False}, alt=name)
