"""What one person's session remembers: every session-state key, typed. Nothing outside this package touches them.

Here is what all pages share; `drawn` and `trials` have what belongs to the pages "Draw" and "Try it".
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.analysis.axes import Axes
from core.datasets import Split
from core.errors import ExperimentError
from core.experiment import DataSpec, Experiment, LayerSpec, read_address, to_params
from core.jobs.job import Job
from core.jobs.stream import BROWSER_COOKIE
from ui.server import jobs

_EXPERIMENT = "experiment"
_SHOWN = "shown"
_REVISION = "revision"
_REDRAWN = "redrawn"
_ADDRESSES = "addresses"
_PROBLEMS = "problems"
_TOKEN = "token"
_OWNER = "owner"
_LAYERS = "layers"
_AXES = "axes"
_PACE = "pace"
_RETRAIN = "retrain"
_RETRAINED = "retrained"
_NOTE = "note"

_FILES = "files"
_FILE_DATA = "file data"
_UPLOAD_PROBLEM = "upload problem"

_EDIT_PROBLEM = "edit problem"
_TAKEN_CHANGE = "taken change"

CAMERA_PANEL = "camera-panel"  # the key of the component that pictures are taken in
INSIDE_PANEL = "inside-panel"  # … that shows the inside of a network
SEED = "seed"  # the name of the control of the weights' seed

_Pairs = tuple[tuple[str, str], ...]


def experiment() -> Experiment:
    """Return the experiment as the controls stand."""
    chosen: Experiment = st.session_state.setdefault(_EXPERIMENT, Experiment())
    return chosen


def change_experiment(chosen: Experiment) -> None:
    """Take over what the controls say."""
    st.session_state[_EXPERIMENT] = st.session_state[_SHOWN] = chosen


def controls_lag() -> bool:
    """Return whether the experiment was changed elsewhere since its controls were drawn."""
    return st.session_state.get(_SHOWN) != experiment()


def set_experiment(chosen: Experiment) -> None:
    """Set the experiment from elsewhere than its controls, which are then drawn anew."""
    st.session_state[_EXPERIMENT] = chosen
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1
    st.session_state.pop(_LAYERS, None)
    st.session_state[_PROBLEMS] = ()


def widget_key(name: str) -> str:
    """Return the key of a control of the experiment; it changes when the control is to show another value."""
    redrawn: int = st.session_state.get(_REVISION, 0) + st.session_state.get(_REDRAWN, {}).get(name, 0)
    return f"{name}-{redrawn}"


def widget_value(name: str) -> Any:
    """Return what a control of the experiment stands at, for its callback."""
    return st.session_state.get(widget_key(name))


def follow_address() -> None:
    """Take the experiment from the address bar, unless the address is one that this session has put or found there.

    What a browser sends before it has the newest address brings an older one: that is late and changes nothing. Any
    other address was chosen, by a link or by hand. So was an older one if Back or Forward leads to it, which the
    browser says.
    """
    found, known = _address(), _addresses()
    if found in known and not (_came_by_history() and found != known[-1]):
        st.session_state[_ADDRESSES] = known[known.index(found) :]  # it can never again be at those before
    elif found:
        chosen, problems = read_address(found)
        set_experiment(chosen)
        st.session_state[_PROBLEMS] = problems
        st.session_state[_ADDRESSES] = (*known, found)


def write_address() -> None:
    """Put the whole experiment into the address bar."""
    written = tuple(to_params(experiment()).items())
    # The address found may be a late one: the browser is then about to have the newest.
    if written != _address() or (written,) != _addresses()[-1:]:
        st.query_params.from_dict(next_address())


def next_address() -> dict[str, str]:
    """Return the whole experiment as the address that the browser is about to have."""
    params = to_params(experiment())
    written, known = tuple(params.items()), _addresses()
    if (written,) != known[-1:]:
        st.session_state[_ADDRESSES] = (*known, written)
    return params


def _address() -> _Pairs:
    return tuple((key, text) for key in st.query_params for text in st.query_params.get_all(key))


def _addresses() -> tuple[_Pairs, ...]:
    """Return the addresses that the browser may have, as far as this session knows; the newest comes last."""
    known: tuple[_Pairs, ...] = st.session_state.get(_ADDRESSES, ())
    return known


def _came_by_history() -> bool:
    """Return whether this run of the page was asked for by Back or Forward."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def address_problems() -> tuple[ExperimentError, ...]:
    """Return what was wrong in the address that this session's experiment came from."""
    problems: tuple[ExperimentError, ...] = st.session_state.get(_PROBLEMS, ())
    return problems


def owner() -> str:
    """Return the name of this browser; of this session where there are no cookies, as in tests."""
    name = st.context.cookies.get(BROWSER_COOKIE) or st.session_state.setdefault(_OWNER, secrets.token_urlsafe(24))
    return str(name)


def job() -> Job | None:
    """Return the job this session shows, if it still exists."""
    token = st.session_state.get(_TOKEN)
    return jobs().get(token, owner()) if token else None


def show_job(shown: Job | None) -> None:
    """Show a job, or none."""
    st.session_state[_TOKEN] = shown.token if shown else None


def spare_layers(shown: tuple[LayerSpec, ...], most: int) -> tuple[LayerSpec, ...]:
    """Return `most` layers: those shown, then what stood in the places behind them before.

    So a layer taken away by the slider comes back as it was.
    """
    remembered: tuple[LayerSpec, ...] = st.session_state.get(_LAYERS, ())
    behind = remembered[len(shown) :] or ((shown[-1:] or (LayerSpec(4, "tanh"),)) * most)
    layers = (*shown, *behind, *(behind[-1:] * most))[:most]
    st.session_state[_LAYERS] = layers
    return layers


def name_file(file: str, name: str) -> None:
    """Remember what a file is called at home."""
    st.session_state[_FILES] = st.session_state.get(_FILES, {}) | {file: name}


def file_name(file: str) -> str:
    """Return what a file is called at home, or its fingerprint where it came by a link."""
    name: str = st.session_state.get(_FILES, {}).get(file, f"file {file[:8]}…")
    return name


def knows_file(file: str) -> bool:
    """Return whether this session knows what a file is called at home."""
    return file in st.session_state.get(_FILES, {})


def keep_file_data(data: DataSpec) -> None:
    """Remember what was done with a file, for when a person comes back to it from another data set."""
    st.session_state[_FILE_DATA] = data


def last_file_data() -> DataSpec:
    """Return what was done last with a file; without one, data that wait for a file."""
    data: DataSpec = st.session_state.get(_FILE_DATA, DataSpec("file"))
    return data


def set_upload_problem(text: str) -> None:
    """Say what is wrong with the last file that was brought; "" where nothing is."""
    st.session_state[_UPLOAD_PROBLEM] = text


def upload_problem() -> str:
    """Return what is wrong with the last file that was brought, or ""."""
    text: str = st.session_state.get(_UPLOAD_PROBLEM, "")
    return text


def state(key: str) -> Any:
    """Return what a control that is keyed by its own name stands at, for its callback."""
    return st.session_state.get(key)


def set_state(key: str, value: Any) -> None:
    """Set such a control, from the callback of another."""
    st.session_state[key] = value


def edit_message() -> Any:
    """Return what the inside panel has sent for this run of the page: anything, or None for nothing."""
    return st.session_state.get(INSIDE_PANEL, {}).get("edit")


def is_new_change(panel: str, number: int) -> bool:
    """Return whether a change by hand was not taken before, and remember that it is now.

    Args:
        panel: the name of the panel that tells of it.
        number: of the change, counted by that panel.
    """
    taken = taken_change()
    if taken is not None and taken["panel"] == panel and number <= taken["number"]:
        return False
    st.session_state[_TAKEN_CHANGE] = {"panel": panel, "number": number}
    return True


def taken_change() -> dict[str, Any] | None:
    """Return the change by hand that was taken last, {"panel": …, "number": …}."""
    taken: dict[str, Any] | None = st.session_state.get(_TAKEN_CHANGE)
    return taken


def set_edit_problem(text: str) -> None:
    """Say once what is wrong with a change by hand."""
    st.session_state[_EDIT_PROBLEM] = text


def take_edit_problem() -> str:
    """Return what is wrong with the last change by hand, once, or ""."""
    text: str = st.session_state.pop(_EDIT_PROBLEM, "")
    return text


def axes(split: Split) -> Axes:
    """Return the plane the boundary is drawn over; the first two features where the data do not have the chosen one."""
    chosen: Axes = st.session_state.get(_AXES, Axes())
    if split.features <= 2 or max(chosen.across, chosen.up) >= split.features:
        return Axes()
    return chosen if (chosen.row or 0) < len(split.y_train) else replace(chosen, row=None)


def set_axes(chosen: Axes) -> None:
    """Draw the boundary over another plane."""
    st.session_state[_AXES] = chosen


def take_view(shown: Job) -> None:
    """Look at a job as it is looked at already: at its pace, over its two features."""
    set_pace(shown.pace)
    if shown.axes is not None:
        set_axes(shown.axes)


def is_new() -> bool:
    """Return whether this session has not drawn its controls yet, so that nobody has chosen in it how to look at a run.

    On the pages without controls it stays new: its first visit to the lab takes over the view that other tabs have.
    """
    return _SHOWN not in st.session_state


def pace() -> float:
    """Return how many epochs a second are trained at most; 0 for as many as there can be."""
    chosen: float = st.session_state.setdefault(_PACE, 0.0)
    return chosen


def set_pace(chosen: float) -> None:
    """Train at another pace."""
    st.session_state[_PACE] = chosen


def retrain() -> bool:
    """Return whether every change of the experiment is to train afresh."""
    on: bool = st.session_state.get(_RETRAIN, False)
    return on


def set_retrain(on: bool) -> None:
    """Train afresh at every change, or no longer."""
    st.session_state[_RETRAIN] = on
    if not on:
        st.session_state.pop(_RETRAINED, None)


def take_change() -> bool:
    """Return whether the experiment has changed since the last call, or since `retrain` was switched on."""
    before = st.session_state.get(_RETRAINED)
    st.session_state[_RETRAINED] = experiment()
    return before != experiment()


def leave_note(text: str) -> None:
    """Say something once, at the next drawing of the page."""
    st.session_state[_NOTE] = text


def take_note() -> str:
    """Return what is to be said once, or ""."""
    text: str = st.session_state.pop(_NOTE, "")
    return text


def next_seed() -> None:
    """Choose other first weights; of the controls, only that of the seed is drawn anew."""
    chosen = experiment()
    training = replace(chosen.training, seed=(chosen.training.seed + 1) % 2**31)
    st.session_state[_EXPERIMENT] = replace(chosen, training=training)
    redrawn = st.session_state.get(_REDRAWN, {})
    st.session_state[_REDRAWN] = redrawn | {SEED: redrawn.get(SEED, 0) + 1}
