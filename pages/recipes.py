"""The recipes: the networks that tutorials train, one click from the lab."""

from __future__ import annotations

import streamlit as st

from core.experiment import RECIPES, read_query
from ui import session, training
from ui.sidebar import turn_to_lab

training.show_strip()
st.title("Recipes")
st.write(
    "Each of these networks comes from a published tutorial. Open one, press Train, and then change what the "
    "tutorial could only describe."
)
columns = st.columns(2)
for place, (name, recipe) in enumerate(RECIPES.items()):
    with columns[place % 2].container(border=True):
        st.markdown(f"**{recipe.title}**")
        st.caption(f"Reaches: {recipe.reaches}.")
        if st.button("Open", key=f"open-{name}", icon=":material/arrow_forward:"):
            session.set_experiment(read_query(f"recipe={name}"))
            turn_to_lab()
