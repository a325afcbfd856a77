"""The page "Learn": the gallery of lessons and recipes."""

from __future__ import annotations

import streamlit as st

from ui.learn import recipe_gallery


def show() -> bool:
    """Draw the page; return whether something of it is to be opened in the lab."""
    st.title("Learn")
    return recipe_gallery.show()
