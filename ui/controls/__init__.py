"""The sidebar: one function a control group, each takes and returns values of `core.experiment`."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.experiment import RECIPES, DataSpec, Experiment, NetworkSpec, TrainingSpec, menus, read_query, with_data
from ui import session
from ui.controls.data_controls import class_controls, data_controls, look_control
from ui.controls.network_controls import layer_controls, weight_controls
from ui.controls.training_controls import (
    loss_controls,
    schedule_controls,
    seed_control,
    stopping_controls,
    training_controls,
)
from ui.controls.widgets import fold

__all__ = ["choose_data", "experiment_controls"]

_PACES = {0.0: "as fast as it goes", 30.0: "30 epochs a second", 10.0: "10 epochs a second", 2.0: "2 epochs a second"}


def experiment_controls(experiment: Experiment) -> Experiment:
    """Draw the controls of an experiment, and of how it is looked at, and return what they say."""
    _recipe_control()
    # What comes and goes in one container leaves what is open in the others as it is.
    with st.container():
        experiment = choose_data(experiment)
        look_control(experiment.data)
    with st.container():
        st.subheader("Network")
        network = _network_controls(experiment.network)
    with st.container():
        st.subheader("Training")
        training = _training_controls(experiment.training, experiment.data)
    return Experiment(experiment.data, network, training)


def choose_data(experiment: Experiment) -> Experiment:
    """Draw the controls of an experiment's data alone, and return the experiment on what they say."""
    st.subheader("Data")
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
    return fold("Seed and speed", "seed", training, _seed_and_pace)


def _seed_and_pace(training: TrainingSpec) -> TrainingSpec:
    training = seed_control(training)
    _pace_control()
    return training


def _recipe_control() -> None:
    st.selectbox(
        "Recipe",
        list(RECIPES),
        index=None,
        format_func=lambda name: RECIPES[name].title,
        placeholder="Start from a recipe…",
        label_visibility="collapsed",
        key=session.widget_key("recipe"),
        on_change=_take_recipe,
    )


def _take_recipe() -> None:
    name = session.widget_value("recipe")
    if name is not None:
        session.set_experiment(read_query(f"recipe={name}"))


def _retrain_control() -> None:
    """Choose whether every change of a control trains a fresh network."""
    help = (
        "Every change of a control trains a fresh network to the end. While this is off, learning rate, epochs, "
        "batch size, momentum and the strengths of penalties and dropout reach a network as it trains."
    )
    session.set_retrain(st.toggle("Train on every change", session.retrain(), key="retrain-control", help=help))


def _pace_control() -> None:
    paces = list(_PACES)
    index = paces.index(session.pace())
    session.set_pace(st.selectbox("Speed", paces, index, format_func=_PACES.__getitem__, key="pace-control"))
