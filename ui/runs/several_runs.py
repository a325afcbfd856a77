"""What can be done with several runs at once."""

from __future__ import annotations

import streamlit as st

from core.runs.store import RunStore
from ui.runs.one_run import change, delete


def show(store: RunStore, owner: str, keys: tuple[str, ...]) -> None:
    """Draw the buttons for the ticked runs."""

    def star(on: bool) -> None:
        def make(to: RunStore) -> None:
            for key in keys:
                to.star(owner, key, on)

        change(make)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{len(keys):,} runs are ticked.", width="content")
        st.button("Star", on_click=star, args=(True,), icon=":material/star:", key="star-runs")
        st.button("Remove stars", on_click=star, args=(False,), icon=":material/star_border:", key="unstar-runs")
        st.button("Delete", on_click=delete, args=(owner, keys), icon=":material/delete:", key="delete-runs")
