"""The page "Recipes": every recipe with its result, and a button that opens it."""

from __future__ import annotations

import streamlit as st

from core.experiment import RECIPES, read_query
from ui.session import current


def show() -> bool:
    """Draw the page; return whether a recipe was opened, which the experiment then holds."""
    st.title("Recipes")
    st.write(
        "Each of these networks comes from a published tutorial. Open one, press Train, then try the changes that the "
        "tutorial could only describe."
    )
    columns = st.columns(2)
    for place, (name, recipe) in enumerate(RECIPES.items()):
        with columns[place % 2].container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap="xxsmall"):
                st.markdown(f"**{recipe.title}**")
                st.caption(f"Result: {recipe.reaches}{'' if recipe.reaches.endswith('?') else '.'}")
            if st.button("Open", key=f"open-{name}", icon=":material/arrow_forward:"):
                current.set_experiment(read_query(f"recipe={name}"))
                return True
    return False
