"""The bar above the figures: the buttons of a run, and the strip that shows its progress."""

from __future__ import annotations

import streamlit as st

from core.datasets import Split
from core.experiment import Experiment
from core.jobs.job import Job
from core.messages.pace import SPEEDS, speed_of
from core.messages.updates import PAUSED
from ui import training
from ui.components.live_panel import SPEED_KEY, live_speed, live_strip, live_watch
from ui.server import jobs
from ui.session import current, run, speed, widgets

_ALWAYS_FAST = "Train on every change is always fast."


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
        live_speed(job, _speed_of_next(), _ALWAYS_FAST if run.retrains() else "", _choose_speed)
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
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if active:
            st.button("Pause", on_click=_pause, type="primary", icon=":material/pause:", key="pause", width=118)
        else:
            label = "Resume" if status == PAUSED else "Train"
            st.button(label, on_click=_train, type="primary", icon=":material/play_arrow:", key="train", width=118)
        st.button("Step", on_click=_step, disabled=not can_step, icon=":material/skip_next:", key="step")
        st.button("Stop", on_click=_stop, disabled=not (active or status == PAUSED), icon=":material/stop:", key="stop")
        st.button("Reset", on_click=_reset, disabled=job is None, icon=":material/restart_alt:", key="reset")
        st.button("New weights", on_click=current.next_seed, icon=":material/casino:", key="new-weights")


def _speed_of_next() -> str:
    return speed_of(speed.pace())


def _choose_speed() -> None:
    name = widgets.component_value(SPEED_KEY, "speed")
    if not isinstance(name, str) or name not in SPEEDS or run.retrains():
        return
    speed.choose(name)
    job = run.job()
    if job is not None:
        jobs().set_pace(job, SPEEDS[name])


def _train() -> None:
    job = run.job()
    if job is not None and job.status == PAUSED:
        jobs().resume(job)
    else:
        if job is not None:
            jobs().forget(job)
        run.show(training.start(current.experiment()))


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
