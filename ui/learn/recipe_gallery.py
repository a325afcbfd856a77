"""The recipes of the gallery: what the tutorial reached, and what the person has reached."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.errors import RunsError
from core.experiment import RECIPES, Experiment, menus, read_query
from core.runs.values import RunSummary
from ui.learn.card import card, cards
from ui.server import run_writer
from ui.session import current, run


def show() -> bool:
    """Draw the recipes; return whether one was opened, which the experiment then holds."""
    st.header("Recipes", anchor="recipes")
    st.write(
        "Each of these networks comes from a published tutorial. Open one, press Train, then try the changes that the "
        "tutorial could only describe."
    )
    experiments = {name: read_query(f"recipe={name}") for name in RECIPES}
    reached = _reached(experiments)
    chosen = ""
    with cards("recipes"):
        for name, recipe in RECIPES.items():
            with card(f"recipe-{name}"):
                st.markdown(f"**{recipe.title}**")
                st.caption(f"Tutorial: {recipe.reaches}{'' if recipe.reaches.endswith('?') else '.'}")
                if (found := reached.get(experiments[name])) is not None:
                    st.caption(_in_words(found), help="Your last finished run with exactly these settings.")
                if st.button("Open", key=f"open-{name}", icon=":material/arrow_forward:"):
                    chosen = name
    if chosen:
        current.set_experiment(experiments[chosen])
    return bool(chosen)


def _reached(experiments: Mapping[str, Experiment]) -> Mapping[Experiment, RunSummary]:
    """Return the person's finished runs of the recipes; none while the run store does not answer."""
    owner = run.owner()
    try:
        return run_writer().ask(lambda store: store.finished(owner, experiments.values()))
    except RunsError:
        return {}


def _in_words(reached: RunSummary) -> str:
    measure = "R²" if menus.DATA[reached.data].task == menus.NUMBERS else "accuracy"
    if reached.last_score is None:
        return "You: a run without a score."
    best = ""
    if reached.best_score is not None and reached.best_epoch != reached.epoch:
        best = f", {reached.best_score:.3f} at its best epoch"
    return f"**You: {measure} {reached.last_score:.3f}**{best}."
