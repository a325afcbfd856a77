"""The controls of an experiment; each group is a function that takes and returns values of `core.experiment`."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.datasets import prepare
from core.errors import DataError
from core.experiment import RECIPES, DataSpec, Experiment, NetworkSpec, TrainingSpec, menus, read_query, with_data
from core.experiment.control_limits import CONTROL_GROUPS
from ui.components.explained import help_of
from ui.controls.axes_controls import axes_controls
from ui.controls.data_controls import class_controls, data_controls
from ui.controls.network_controls import layer_controls, weight_controls
from ui.controls.training_controls import (
    loss_controls,
    schedule_controls,
    seed_control,
    stopping_controls,
    training_controls,
)
from ui.controls.widgets import fold, heading
from ui.session import coach, current, limits, run, widgets

__all__ = ["choose_data", "experiment_controls"]

_COACH = "coach-control"


def experiment_controls(experiment: Experiment) -> Experiment:
    """Draw the controls of an experiment and of how it is shown; return the experiment that they say."""
    _recipe_control()
    # Containers keep what is open in one group when controls appear or disappear in another.
    with st.container():
        experiment = choose_data(experiment)
        axes_controls(experiment.data)
    with st.container():
        heading("Network", "activation", "layers", "weights")
        network = _network_controls(experiment.network)
    with st.container():
        heading("Training", "", *CONTROL_GROUPS["Training"])
        training = _training_controls(experiment.training, experiment.data)
    return Experiment(experiment.data, network, training)


def choose_data(experiment: Experiment) -> Experiment:
    """Draw the controls of an experiment's data alone; return the experiment with that data."""
    heading("Data", "data_set", *(name for name in CONTROL_GROUPS["Data"] if name != "recipe"))
    experiment = with_data(experiment, data_controls(experiment.data))
    if experiment.data.task == menus.NUMBERS:
        return experiment
    return fold("Class balance and random labels", "classes", experiment, class_controls)


def _network_controls(network: NetworkSpec) -> NetworkSpec:
    with st.container():
        network = layer_controls(network)
    return fold("Weights and regularization", "weights", network, weight_controls)


def _training_controls(training: TrainingSpec, data: DataSpec) -> TrainingSpec:
    with st.container():
        training = training_controls(training, _training_rows(data))
    _retrain_control()
    _coach_control()
    training = fold("Schedule and clipping", "schedule", training, schedule_controls)
    training = fold("Loss", "loss", training, partial(loss_controls, task=data.task))
    training = fold("When to stop", "stopping", training, partial(stopping_controls, data=data))
    return fold("Seed", "seed", training, seed_control)


def _training_rows(data: DataSpec) -> int | None:
    """Return the number of training rows; None where they cannot be prepared, which the page says."""
    try:
        return len(prepare(data).x_train)
    except DataError:
        return None


def _recipe_control() -> None:
    if limits.hides("recipe"):
        return
    st.selectbox(
        "Recipe",
        list(RECIPES),
        index=None,
        format_func=lambda name: RECIPES[name].title,
        placeholder="Start from a recipe…",
        label_visibility="collapsed",
        key=current.widget_key("recipe"),
        on_change=_open_recipe,
        disabled=limits.locks("recipe"),
        help=help_of("recipe"),
    )


def _open_recipe() -> None:
    name = current.widget_value("recipe")
    if name is not None:
        current.set_experiment(read_query(f"recipe={name}"))


def _retrain_control() -> None:
    """Choose whether every change of a control trains a new network."""
    if limits.hides("retrain"):
        return
    help, is_locked = help_of("retrain"), limits.locks("retrain")
    run.set_retrains(
        st.toggle("Train on every change", run.retrains(), key="retrain-control", help=help, disabled=is_locked)
    )


def _coach_control() -> None:
    """Choose whether the coach speaks."""
    if limits.hides("coach"):
        return
    widgets.set_value(_COACH, coach.is_on())  # it may have been turned off beside the figures, or in another tab
    help, is_locked = help_of("coach"), limits.locks("coach")
    st.toggle("Coach", key=_COACH, help=help, on_change=_switch_coach, disabled=is_locked)


def _switch_coach() -> None:
    coach.switch(bool(widgets.value(_COACH)))
