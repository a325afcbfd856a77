"""The controls of an experiment; each group is a function that takes and returns values of `core.experiment`."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.experiment import RECIPES, DataSpec, Experiment, NetworkSpec, TrainingSpec, menus, read_query, with_data
from core.experiment.control_limits import CONTROL_GROUPS
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
from ui.session import current, limits, run

__all__ = ["choose_data", "experiment_controls"]


def experiment_controls(experiment: Experiment) -> Experiment:
    """Draw the controls of an experiment and of how it is shown; return the experiment that they say."""
    _recipe_control()
    # Containers keep what is open in one group when controls appear or disappear in another.
    with st.container():
        experiment = choose_data(experiment)
        axes_controls(experiment.data)
    with st.container():
        heading("Network", "layers", "weights")
        network = _network_controls(experiment.network)
    with st.container():
        heading("Training", *CONTROL_GROUPS["Training"])
        training = _training_controls(experiment.training, experiment.data)
    return Experiment(experiment.data, network, training)


def choose_data(experiment: Experiment) -> Experiment:
    """Draw the controls of an experiment's data alone; return the experiment with that data."""
    heading("Data", *(name for name in CONTROL_GROUPS["Data"] if name != "recipe"))
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
        training = training_controls(training)
    _retrain_control()
    training = fold("Schedule and clipping", "schedule", training, schedule_controls)
    training = fold("Loss", "loss", training, partial(loss_controls, task=data.task))
    training = fold("When to stop", "stopping", training, partial(stopping_controls, data=data))
    return fold("Seed", "seed", training, seed_control)


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
    )


def _open_recipe() -> None:
    name = current.widget_value("recipe")
    if name is not None:
        current.set_experiment(read_query(f"recipe={name}"))


def _retrain_control() -> None:
    """Choose whether every change of a control trains a new network."""
    if limits.hides("retrain"):
        return
    help = (
        "Each change of a control trains a new network from start to finish. When this is off, changes to the learning "
        "rate, epochs, batch size, momentum, penalties, dropout and noise apply to the running network. These runs are "
        "always fast."
    )
    is_locked = limits.locks("retrain")
    run.set_retrains(
        st.toggle("Train on every change", run.retrains(), key="retrain-control", help=help, disabled=is_locked)
    )
