"""The learning-rate finder: its form, and the view with the loss against the rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.errors import ExperimentError
from core.experiment import Experiment, menus
from core.experiment.keys import format_number
from core.figures.rate_finder import rate_finder_figure
from core.studies.rate_sweep import STEPS, RateSweep
from core.studies.snapshot import StudySnapshot
from ui.components.figure_panel import figure_panel
from ui.components.markdown import literal
from ui.session import current
from ui.sidebar import turn_to_lab
from ui.studies.setting_choice import say_what_to_change

_HELP = (
    "The weights are those that the experiment begins with, and its batches come in their order; each has a slightly "
    "higher rate than the one before. The run in the lab stays as it is."
)


def rate_finder_form(base: Experiment) -> RateSweep | None:
    """Choose between which rates to look, and in how many batches."""
    low, high, steps = st.columns(3)
    key = menus.LEARNING_RATE
    begin = low.number_input(
        "From", value=RateSweep.low, format="%g", step=None, key="finder-low", persist_state="session"
    )
    end = high.number_input(
        "To", value=RateSweep.high, format="%g", step=None, key="finder-high", persist_state="session", help=key.allowed
    )
    count = steps.number_input(
        "Batches", STEPS.low, STEPS.high, RateSweep.steps, key="finder-steps", persist_state="session", help=_HELP
    )
    try:
        return RateSweep(base, float(begin or 0), float(end or 0), int(count))
    except ExperimentError as error:
        say_what_to_change(error)
        return None


def batches_in_words(plan: RateSweep) -> str:
    """Say how much is trained."""
    return f"One sweep of up to {plan.steps} batches"


def show(snapshot: StudySnapshot) -> None:
    """Draw the loss against the rate, with the suggestion and the way to take it."""
    plan = snapshot.plan
    assert isinstance(plan, RateSweep)
    losses = snapshot.results[0].history["loss"] if snapshot.results else np.empty(0, np.float32)
    curve = plan.curve(losses)
    lab = current.experiment()
    suggestion = None if snapshot.is_live else curve.suggestion
    if not snapshot.is_live:
        _show_suggestion(plan, suggestion, curve.reason, lab)
    figure = rate_finder_figure(
        curve.rates, curve.losses, curve.smoothed, (plan.low, plan.high), lab.training.learning_rate, suggestion
    )
    figure_panel(f"study-{snapshot.key}-rates", "Loss against learning rate", figure)
    st.caption(
        "Where the curve falls, the network learns; where it turns up, training becomes unstable. The suggestion is a "
        "tenth of the rate with the lowest smoothed loss: fast, at a safe distance."
    )


def _show_suggestion(plan: RateSweep, suggestion: float | None, reason: str, lab: Experiment) -> None:
    if suggestion is None:
        st.info(literal(reason), icon=":material/help:")
        return
    text = format_number(suggestion)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(f"Use {text}", type="primary", icon=":material/check:", key="use-rate"):
            current.set_experiment(replace(lab, training=replace(lab.training, learning_rate=suggestion)))
            turn_to_lab()
        st.markdown(f"Suggested learning rate: **{text}**. The lab has {format_number(lab.training.learning_rate)}.")
    if not _is_same(plan.base, lab):
        st.caption("The experiment in the lab is another one by now; a new sweep would tell more about it.")


def _is_same(base: Experiment, lab: Experiment) -> bool:
    """Return whether two experiments differ in nothing that a sweep depends on."""
    own, other = (
        replace(one, training=replace(one.training, learning_rate=1.0, epochs=1, patience=0, target=0.0))
        for one in (base, lab)
    )
    return own == other
