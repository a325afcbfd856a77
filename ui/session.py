"""What one person's session remembers: every session-state key, typed. Nothing else touches them."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.analysis.axes import Axes
from core.datasets import Split
from core.datasets.drawing import Drawing
from core.errors import ExperimentError
from core.experiment import DataSpec, Experiment, LayerSpec, read_address, to_params
from core.live.stream import BROWSER_COOKIE
from core.runs.what_if import Trial
from core.training.job import Job
from ui.server import jobs

if TYPE_CHECKING:
    from core.runs.bundle import Bundle
    from core.runs.rows import Predictions

_EXPERIMENT = "experiment"
_SHOWN = "shown"
_REVISION = "revision"
_REDRAWN = "redrawn"
_WRITTEN = "written"
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

_BUNDLE = "bundle"
_BUNDLE_PROBLEM = "bundle problem"
_TRIAL = "trial"
_PREDICTIONS = "predictions"

_DRAWING = "drawing"
_DRAWING_REVISION = "drawing revision"
_DRAWING_PROBLEM = "drawing problem"
_DRAWING_LINK = "drawing link"
_DRAWING_KEY = "drawn"  # in the address of the page "Draw"

_EDIT_PROBLEM = "edit problem"

DRAW_PANEL = "draw-panel"  # the key of the component that is drawn in
CELLS = "results-cells"  # the key of the confusion matrix that is clicked
CAMERA_PANEL = "camera-panel"  # the key of the component that pictures are taken in
INSIDE_PANEL = "inside-panel"  # … and of the one that shows the inside of a network
SEED = "seed"  # the name of the control of the weights' seed

_LATE_SECONDS = 2.0
_WRITTEN_MOST = 50

_Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Written:
    """What this session has put into the address bar, and when it did last."""

    last: _Pairs = ()
    earlier: tuple[_Pairs, ...] = ()
    at: float = 0.0


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
    """Take the experiment from the address bar where it says another than this session wrote there last.

    A person who goes back in the browser gets the experiment from before. A run of the page that was asked for
    while the last change was still on its way to the browser brings an older address too: it is not followed.
    """
    pairs = _address()
    written = st.session_state.get(_WRITTEN, _Written())
    late = pairs in written.earlier and time.monotonic() - written.at < _LATE_SECONDS
    if pairs and pairs != written.last and not late:
        chosen, problems = read_address(pairs)
        set_experiment(chosen)
        st.session_state[_PROBLEMS] = problems


def write_address() -> None:
    """Put the whole experiment into the address bar."""
    params = to_params(experiment())
    pairs = tuple(params.items())
    if pairs != _address():
        st.query_params.from_dict(params)
        written = st.session_state.get(_WRITTEN, _Written())
        earlier = (*written.earlier, written.last)[-_WRITTEN_MOST:]
        st.session_state[_WRITTEN] = _Written(pairs, earlier, time.monotonic())


def _address() -> _Pairs:
    return tuple((key, text) for key in st.query_params for text in st.query_params.get_all(key))


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


def drawing() -> Drawing:
    """Return the points that this session has drawn."""
    drawn: Drawing = st.session_state.get(_DRAWING, Drawing())
    return drawn


def keep_drawing(drawn: Drawing) -> None:
    """Remember points as the canvas has them."""
    st.session_state[_DRAWING] = drawn
    st.session_state[_DRAWING_PROBLEM] = ""


def set_drawing(drawn: Drawing) -> None:
    """Set the points from elsewhere than the canvas, which then takes them."""
    keep_drawing(drawn)
    st.session_state[_DRAWING_REVISION] = drawing_revision() + 1


def drawing_revision() -> int:
    """Return how often the points were set from elsewhere than the canvas."""
    revision: int = st.session_state.get(_DRAWING_REVISION, 0)
    return revision


def drawn_message() -> Any:
    """Return what the canvas has sent for this run of the page: anything, since a browser sent it; None for nothing."""
    return st.session_state.get(DRAW_PANEL, {}).get("drawn")


def take_drawing_link() -> str | None:
    """Return the points in the address as they are written there, once; None where there are none, or no new ones."""
    text: str | None = st.query_params.get(_DRAWING_KEY)
    if text is None or text == st.session_state.get(_DRAWING_LINK):
        return None
    st.session_state[_DRAWING_LINK] = text
    return text


def drawing_query(text: str) -> str:
    """Return the query of an address that holds these points."""
    return f"{_DRAWING_KEY}={text}"


def set_drawing_problem(text: str) -> None:
    """Say what is wrong with points that came by a link or from the canvas, until others come."""
    st.session_state[_DRAWING_PROBLEM] = text


def drawing_problem() -> str:
    """Return what is wrong with points that came, or ""."""
    text: str = st.session_state.get(_DRAWING_PROBLEM, "")
    return text


def cell_keys(token: str) -> tuple[str, str]:
    """Return the keys of the controls that choose a cell of a run's confusion matrix: its true and predicted class."""
    return f"true-{token}", f"predicted-{token}"


def choose_clicked_cell(token: str, classes: int) -> None:
    """Set these controls to the cell that was clicked last."""
    for point in st.session_state.get(CELLS, {}).get("selection", {}).get("points", []):
        cell = point.get("y"), point.get("x")
        for key, label in zip(cell_keys(token), cell, strict=True):
            if isinstance(label, int) and 0 <= label < classes:  # since a browser sent it
                st.session_state[key] = label


def bundle() -> tuple[str, Bundle] | None:
    """Return the bundle that was brought to be tried, with its file's name; None where the lab's run is tried."""
    brought: tuple[str, Bundle] | None = st.session_state.get(_BUNDLE)
    return brought


def set_bundle(brought: tuple[str, Bundle] | None) -> None:
    """Try a bundle, or again the lab's run."""
    st.session_state[_BUNDLE] = brought
    st.session_state[_BUNDLE_PROBLEM] = ""


def set_bundle_problem(text: str) -> None:
    """Say what is wrong with the last bundle that was brought, until another comes."""
    st.session_state[_BUNDLE_PROBLEM] = text


def bundle_problem() -> str:
    """Return what is wrong with the last bundle that was brought, or ""."""
    text: str = st.session_state.get(_BUNDLE_PROBLEM, "")
    return text


def trial(of: str, typical: np.ndarray) -> Trial:
    """Return what is tried of a run or bundle; at first its typical row."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    if kept is None or kept.of != of or kept.row.shape != typical.shape:
        kept = st.session_state[_TRIAL] = Trial(of, typical, revision=kept.revision + 1 if kept else 0)
    return kept


def set_trial(of: str, row: np.ndarray, held_out: int | None = None) -> None:
    """Start from another row."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    st.session_state[_TRIAL] = Trial(of, row, held_out, kept.revision + 1 if kept else 0)


def set_trial_problem(text: str) -> None:
    """Say what is wrong with a picture that was brought, until another row is tried."""
    kept: Trial | None = st.session_state.get(_TRIAL)
    if kept is not None:
        st.session_state[_TRIAL] = replace(kept, problem=text)


def predictions(of: str) -> Predictions | None:
    """Return what a run or bundle has said of the last file of rows."""
    whose, said = st.session_state.get(_PREDICTIONS, ("", None))
    return said if whose == of else None


def keep_predictions(of: str, said: Predictions | None) -> None:
    """Remember what a run or bundle says of a file of rows."""
    st.session_state[_PREDICTIONS] = (of, said)


def state(key: str) -> Any:
    """Return what a control that is keyed by its own name stands at, for its callback."""
    return st.session_state.get(key)


def edit_message() -> Any:
    """Return what the inside panel has sent for this run of the page: anything, or None for nothing."""
    return st.session_state.get(INSIDE_PANEL, {}).get("edit")


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
    """Return whether this session has not drawn its controls yet."""
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
