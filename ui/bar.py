"""The bar above the figures: the buttons of a run, and the strip that shows its progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.datasets import Split
from core.experiment import Experiment
from core.glossary import TERMS
from core.jobs.job import Job
from core.messages.pace import SPEEDS, speed_of
from core.messages.updates import PAUSED
from ui import training
from ui.components.live_panel import SPEED_KEY, live_speed, live_strip, live_watch
from ui.server import jobs
from ui.session import current, limits, run, speed, widgets

_TERMS = {"step": "one_epoch", "stop": "train"}  # the others are called as their term is
_ALWAYS_FAST = "Train on every change is always fast."
_LOCKED_SPEED = "The link to this page, or the lesson, has set the speed."


def show_bar(experiment: Experiment, split: Split, note: str = "", replays: bool = False) -> Job | None:
    """Draw the buttons and the strip of the experiment's job, and return the job.

    Args:
        note: Markdown about the rows, below the buttons; its place is kept beside that of the run's message.
        replays: whether the strip goes back to earlier epochs, as the page's figures do.
    """
    job = training.follow_experiment(experiment, split)
    if restarted := run.pop_note():
        st.toast(restarted, icon=":material/restart_alt:")
    status = job.status if job else ""  # read once: the strip reports any later change
    buttons, strip = st.columns([11, 9])
    with buttons:
        _show_buttons(job, status)
        if not limits.hides("speed"):
            live_speed(job, _speed_of_next(), _why_fixed(), _choose_speed)
        if note:
            st.caption(note)
    with strip:
        live_strip(job, status, experiment.training.epochs, replays)
    return job


def show_title(title: str) -> tuple[Job | None, str]:
    """Draw a page's title, with the strip of the experiment's job beside it; return the job and its status.

    The status is read once: the strip reports any later change.
    """
    experiment = current.experiment()
    job = training.job_of(experiment)
    status = job.status if job else ""
    words, strip = st.columns([11, 9], vertical_alignment="center")
    with words:
        st.title(title)
    if job is not None:
        with strip:
            live_strip(job, status, experiment.training.epochs)
    return job, status


def show_heading(title: str) -> None:
    """Draw a page's title, with the strip of the session's job beside it, if it has one."""
    job = run.job()
    words, strip = st.columns([11, 9], vertical_alignment="center")
    with words:
        st.title(title)
    if job is not None:
        with strip:
            live_strip(job, job.status, job.experiment.training.epochs)


def watch_run() -> None:
    """Keep the session's run going, if it has one, on a page where no run matters."""
    job = run.job()
    if job is not None:
        live_watch(job)


def _show_buttons(job: Job | None, status: str) -> None:
    active = status in training.ACTIVE
    can_step = not job or status == PAUSED
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="run-buttons"):
        if active:
            _button("train", "Pause", _pause, ":material/pause:", key="pause", type="primary", width=118)
        else:
            label, act = ("Resume", _resume) if status == PAUSED else ("Train", _train)
            _button("train", label, act, ":material/play_arrow:", type="primary", width=118)
        _button("step", "Step", _step, ":material/skip_next:", can_step)
        _button("stop", "Stop", _stop, ":material/stop:", active or status == PAUSED)
        _button("reset", "Reset", _reset, ":material/restart_alt:", job is not None)
        _button("new_weights", "New weights", current.next_seed, ":material/casino:", key="new-weights")


def _button(
    name: str, label: str, act: Callable[[], None], icon: str, is_useful: bool = True, key: str = "", **look: Any
) -> None:
    """Draw a button of the run, unless it is hidden; `key` is its name where none is given."""
    if not limits.hides(name):
        is_off = limits.locks(name) or not is_useful
        help = TERMS[_TERMS.get(name, name)].text
        st.button(label, on_click=act, disabled=is_off, icon=icon, key=key or name, help=help, **look)


def _why_fixed() -> str:
    """Return why the speed cannot be chosen now; "" where it can."""
    if run.retrains():
        return _ALWAYS_FAST
    return _LOCKED_SPEED if limits.locks("speed") else ""


def _speed_of_next() -> str:
    return speed_of(speed.pace())


def _choose_speed() -> None:
    name = widgets.component_value(SPEED_KEY, "speed")
    if not isinstance(name, str) or name not in SPEEDS or run.retrains() or limits.holds("speed"):
        return
    speed.choose(name)
    job = run.job()
    if job is not None:
        jobs().set_pace(job, SPEEDS[name])


def _train() -> None:
    job = run.job()
    if job is not None:
        jobs().forget(job)
    run.show(training.start(current.experiment()))


def _resume() -> None:
    job = run.job()
    if job is not None:  # it may go on already, as where it was paused because nobody was watching
        jobs().resume(job)


def _pause() -> None:
    job = run.job()
    if job is not None:
        jobs().pause(job)


def _step() -> None:
    job = run.job()
    if job is not None and job.status == PAUSED:
        jobs().step(job)
    elif job is None:
        run.show(training.start(current.experiment(), "step"))


def _stop() -> None:
    job = run.job()
    if job is not None:
        jobs().stop(job)


def _reset() -> None:
    job = run.job()
    if job is not None:
        jobs().forget(job)
    run.show(None)
