"""The session's experiment, and the keys of the controls that set it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import ExperimentError
from core.experiment import Experiment, LayerSpec

SEED = "seed"  # the name of the weight seed's control

_EXPERIMENT = "experiment"
_DRAWN = "shown"  # the experiment that the controls were last drawn for
_REVISION = "revision"
_REDRAWN = "redrawn"
_LAYERS = "layers"
_PROBLEMS = "problems"

_FIRST_LAYER = LayerSpec(4, "tanh")


def experiment() -> Experiment:
    """Return the experiment."""
    current: Experiment = st.session_state.setdefault(_EXPERIMENT, Experiment())
    return current


def is_new() -> bool:
    """Return whether the session has had no experiment so far but the default one."""
    return _EXPERIMENT not in st.session_state


def set_from_controls(experiment: Experiment) -> None:
    """Set the experiment to what its controls show."""
    st.session_state[_EXPERIMENT] = st.session_state[_DRAWN] = experiment


def set_experiment(experiment: Experiment, problems: tuple[ExperimentError, ...] = ()) -> None:
    """Set the experiment from elsewhere than its controls, which are then drawn anew.

    Args:
        experiment: the new experiment.
        problems: what was wrong in the address that it comes from.
    """
    st.session_state[_EXPERIMENT] = experiment
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1
    st.session_state.pop(_LAYERS, None)
    st.session_state[_PROBLEMS] = problems


def address_problems() -> tuple[ExperimentError, ...]:
    """Return what was wrong in the address that the experiment comes from."""
    problems: tuple[ExperimentError, ...] = st.session_state.get(_PROBLEMS, ())
    return problems


def dismiss_address_problems() -> None:
    """Forget what was wrong in the address."""
    st.session_state[_PROBLEMS] = ()


def controls_are_stale() -> bool:
    """Return whether the experiment has changed since its controls were drawn."""
    return st.session_state.get(_DRAWN) != experiment()


def has_drawn_controls() -> bool:
    """Return whether this session has drawn the experiment's controls, on any page."""
    return _DRAWN in st.session_state


def widget_key(name: str) -> str:
    """Return the key of one of the experiment's controls; a new key makes the control show the experiment's value."""
    redrawn: int = st.session_state.get(_REVISION, 0) + st.session_state.get(_REDRAWN, {}).get(name, 0)
    return f"{name}-{redrawn}"


def widget_value(name: str) -> Any:
    """Return the value of one of the experiment's controls, for its callback."""
    return st.session_state.get(widget_key(name))


def next_seed() -> None:
    """Choose the next weight seed; only that control is drawn anew."""
    current = experiment()
    training = replace(current.training, seed=(current.training.seed + 1) % 2**31)
    st.session_state[_EXPERIMENT] = replace(current, training=training)
    redrawn = st.session_state.get(_REDRAWN, {})
    st.session_state[_REDRAWN] = redrawn | {SEED: redrawn.get(SEED, 0) + 1}


def layer_slots(shown: tuple[LayerSpec, ...], count: int) -> tuple[LayerSpec, ...]:
    """Return `count` layers: those shown, then those that stood in the later places before.

    So a layer that the slider removed comes back as it was.
    """
    remembered: tuple[LayerSpec, ...] = st.session_state.get(_LAYERS, ())
    later = remembered[len(shown) :] or ((shown[-1:] or (_FIRST_LAYER,)) * count)
    layers = (*shown, *later, *(later[-1:] * count))[:count]
    st.session_state[_LAYERS] = layers
    return layers
