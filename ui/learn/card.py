"""A card of the gallery."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_FOLDER = Path(__file__).with_name("pictures")
_PICTURE_WIDTH = 104  # pixels


def picture_path(name: str) -> Path:
    """Return where the picture of a lesson, "lesson-ID", or a recipe, "recipe-ID", is kept."""
    return _FOLDER / f"{name}.webp"


def cards(name: str) -> DeltaGenerator:
    """Return a place for cards, as many side by side as fit."""
    return st.container(key=f"cards-{name}")


@contextmanager
def card(picture: str) -> Iterator[None]:
    """Draw a picture with what is drawn meanwhile beside it.

    Args:
        picture: a name of `picture_path`; one without a file is left out.
    """
    with st.container(border=True, horizontal=True, vertical_alignment="center", wrap=False):
        path = picture_path(picture)
        if path.exists():
            st.image(path, width=_PICTURE_WIDTH, alt="")  # the title beside it says what it is
        with st.container(gap="xxsmall"):
            yield
