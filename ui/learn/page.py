"""The page "Learn": the gallery of lessons and recipes."""

from __future__ import annotations

import streamlit as st

from ui.learn import lesson_gallery, panel, recipe_gallery
from ui.server import shelf


def show() -> bool:
    """Draw the page; return whether something of it is to be opened in the lab."""
    st.title("Learn")
    chosen = shelf().lesson(lesson_gallery.show())
    if chosen is not None:
        panel.begin(chosen)
        return True
    return recipe_gallery.show()
