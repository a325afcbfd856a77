"""The bar above the figures: what its buttons do, and keeping the shown job in step with the controls."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.datasets import Split
from core.experiment import Experiment
from core.training.jobs import Job
from core.training.updates import PAUSED, QUEUED, RUNNING
from ui import session
from ui.server import jobs, split_of

_ACTIVE = (QUEUED, RUNNING)


def find_job() -> None:
    """Show this browser's run of the experiment where the session is new, as after a reload or in a second tab."""
    job = jobs().find(session.owner(), session.experiment()) if session.is_new() else None
    if job is not None:
        session.show_job(job)
        session.take_view(job)


def job_for(experiment: Experiment) -> Job | None:
    """Return the job that shows an experiment, after passing on to it what the controls changed.

    Learning rate and epochs reach a job as it runs. Anything else makes a running job start afresh; a job that
    does not run stays as it is and is found again when the controls say its experiment again.
    """
    job = session.job()
    if job is None or (job.experiment != experiment and not _adjust(job, experiment)):
        restart = job is not None and job.status in _ACTIVE
        if job is not None and restart:
            session.leave_note(f"{_what_changed(job.experiment, experiment)} changed: training started afresh.")
            jobs().forget(job)
        job = _start(experiment) if restart else jobs().find(session.owner(), experiment)
    session.show_job(job)
    return job


def action_bar(job: Job | None, status: str) -> None:
    """Draw the buttons for a job of this status, or for none."""
    active = status in _ACTIVE
    idle = not job or status == PAUSED
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if active:
            st.button("Pause", on_click=_pause, type="primary", icon=":material/pause:", key="pause", width=118)
        else:
            label = "Resume" if status == PAUSED else "Train"
            st.button(label, on_click=_train, type="primary", icon=":material/play_arrow:", key="train", width=118)
        st.button("Step", on_click=_step, disabled=not idle, icon=":material/skip_next:", key="step")
        st.button("Stop", on_click=_stop, disabled=not (active or status == PAUSED), icon=":material/stop:", key="stop")
        st.button("Reset", on_click=_reset, disabled=job is None, icon=":material/restart_alt:", key="reset")
        st.button("New weights", on_click=session.next_seed, icon=":material/casino:", key="new-weights")


def follow_view(job: Job | None, split: Split) -> None:
    """Pass on to a job the chosen speed, and the features its boundary is drawn over."""
    if job is None:
        return
    if job.pace != session.pace():
        jobs().set_pace(job, session.pace())
    if job.axes is not None and job.axes != session.axes(split.features):
        jobs().set_axes(job, session.axes(split.features))


def _adjust(job: Job, experiment: Experiment) -> bool:
    """Change a job's learning rate or epochs where nothing else differs and it can still take them."""
    training = experiment.training
    wanted = replace(
        job.experiment,
        training=replace(job.experiment.training, learning_rate=training.learning_rate, epochs=training.epochs),
    )
    if wanted != experiment or job.status not in (*_ACTIVE, PAUSED) or training.epochs < job.epoch:
        return False
    if training.learning_rate != job.experiment.training.learning_rate:
        jobs().set_learning_rate(job, training.learning_rate)
    if training.epochs != job.experiment.training.epochs:
        jobs().set_epochs(job, training.epochs)
    return True


def _what_changed(before: Experiment, after: Experiment) -> str:
    parts = ("data", "network", "training")
    changed = [part for part in parts if getattr(before, part) != getattr(after, part)]
    return " and ".join(changed).capitalize()


def _start(experiment: Experiment, first: str = "train") -> Job:
    split = split_of(experiment.data)
    axes = None if split.image_shape else session.axes(split.features)
    return jobs().start(session.owner(), experiment, axes, first, session.pace())


def _train() -> None:
    job = session.job()
    if job is not None and job.status == PAUSED:
        jobs().resume(job)
    else:
        if job is not None:
            jobs().forget(job)
        session.show_job(_start(session.experiment()))


def _pause() -> None:
    job = session.job()
    if job is not None:
        jobs().pause(job)


def _step() -> None:
    job = session.job()
    if job is not None and job.status == PAUSED:
        jobs().step(job)
    elif job is None:
        session.show_job(_start(session.experiment(), "step"))


def _stop() -> None:
    job = session.job()
    if job is not None:
        jobs().stop(job)


def _reset() -> None:
    job = session.job()
    if job is not None:
        jobs().forget(job)
    session.show_job(None)
