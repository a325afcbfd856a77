"""A grid of pictures: ten beside each other, and five where the page is narrow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.figures import pictures_figures


def picture_grid(images: np.ndarray, captions: Sequence[str], photographs: bool, key: str) -> None:
    """Draw pictures as `pictures_figures` has them; Streamlit puts the second half below the first on a phone."""
    figures = pictures_figures(images, captions, photographs=photographs)
    for number, (half, figure) in enumerate(zip(st.columns(2, gap=None), figures, strict=False)):
        half.plotly_chart(figure, key=f"{key}-{number}", config={"displayModeBar": False})
