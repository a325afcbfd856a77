"""The bar above the figures: what its buttons do, and keeping the shown job in step with the controls."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.analysis.axes import Axes
from core.analysis.decision import has_plane
from core.datasets import Split, prepare
from core.experiment import Experiment, can_become
from core.jobs.job import Job
from core.messages.updates import FINISHED, PAUSED, QUEUED, RUNNING
from core.trained.network import TrainedNetwork
from ui import session
from ui.components.live_panel import live_strip
from ui.server import jobs

_ACTIVE = (QUEUED, RUNNING)


def find_job() -> None:
    """Show this browser's run of the experiment where the session is new, as after a reload or in a second tab."""
    job = jobs().find(session.owner(), session.experiment()) if session.is_new() else None
    if job is not None:
        session.show_job(job)
        session.take_view(job)


def _job_for(experiment: Experiment) -> Job | None:
    """Return the job that shows an experiment, after doing about it what the controls changed."""
    job = _retrain(experiment) if session.retrain() else _follow(experiment)
    session.show_job(job)
    return job


def _run_of(experiment: Experiment) -> Job | None:
    """Return the job that the lab would show of an experiment as it stands; nothing is done about it."""
    job = session.job()
    return job if job is not None and job.experiment == experiment else jobs().find(session.owner(), experiment)


def _retrain(experiment: Experiment) -> Job | None:
    """Train every change of the experiment afresh; what was trained before gives way to it."""
    job = session.job()
    if not session.take_change():
        return job
    if job is not None:
        # Switched on while the experiment trains already.
        if job.experiment == experiment and job.status in _ACTIVE:
            return job
        jobs().forget(job)
    return _start(experiment)


def _follow(experiment: Experiment) -> Job | None:
    """Pass on to the job what it can take as it trains.

    Anything else makes a running job start afresh; a job that does not run stays as it is and is found again when
    the controls say its experiment again.
    """
    job = session.job()
    if job is not None and (job.experiment == experiment or _adjust(job, experiment)):
        return job
    if job is not None and job.status in _ACTIVE:
        session.leave_note(f"{_what_changed(job.experiment, experiment)} changed: training started afresh.")
        jobs().forget(job)
        return _start(experiment)
    return jobs().find(session.owner(), experiment)


def bar(experiment: Experiment, split: Split) -> Job | None:
    """Draw the buttons and the strip of the experiment's job, and return it: after doing what the controls changed."""
    job = _job_for(experiment)
    _follow_view(job, split)
    if note := session.take_note():
        st.toast(note, icon=":material/restart_alt:")
    status = job.status if job else ""  # read once: what changes while this is drawn, the strip reports
    buttons, strip = st.columns([11, 9], vertical_alignment="center")
    with buttons:
        _buttons(job, status)
    with strip:
        live_strip(job, status, experiment.training.epochs)
    return job


def title_with_strip(title: str) -> tuple[Job | None, str]:
    """Draw the title of a page with the strip of the experiment's job beside it, and return the job and its status.

    The status is read once: what changes while the page is drawn, the strip reports.
    """
    experiment = session.experiment()
    job = _run_of(experiment)
    status = job.status if job else ""
    words, strip = st.columns([11, 9], vertical_alignment="center")
    with words:
        st.title(title)
    if job is not None:
        with strip:
            live_strip(job, status, experiment.training.epochs)
    return job, status


def show_strip() -> None:
    """Draw the strip of the job that this session shows, where there is one, on a page about something else."""
    job = session.job()
    if job is not None:
        live_strip(job, job.status, job.experiment.training.epochs)


def _buttons(job: Job | None, status: str) -> None:
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


def _follow_view(job: Job | None, split: Split) -> None:
    """Pass on to a job the chosen speed, and the features its boundary is drawn over."""
    if job is None:
        return
    if job.pace != session.pace():
        jobs().set_pace(job, session.pace())
    if job.axes is not None and job.axes != session.axes(split):
        jobs().set_axes(job, session.axes(split))


def _adjust(job: Job, experiment: Experiment) -> bool:
    """Change a job that can take the change as it trains, or that has finished and gets more epochs."""
    if _has_more_epochs(job, experiment):
        jobs().change(job, experiment)
        jobs().resume(job)
        return True
    at_work = job.status in (*_ACTIVE, PAUSED)
    if at_work and can_become(job.experiment, experiment) and experiment.training.epochs >= job.epoch:
        jobs().change(job, experiment)
        return True
    return False


def _has_more_epochs(job: Job, experiment: Experiment) -> bool:
    """Return whether a job finished because its epochs were done, and nothing but more of them is asked for."""
    done = job.experiment.training
    longer = replace(job.experiment, training=replace(done, epochs=experiment.training.epochs))
    return job.status == FINISHED and job.epoch == done.epochs < experiment.training.epochs and longer == experiment


def _what_changed(before: Experiment, after: Experiment) -> str:
    parts = ("data", "network", "training")
    changed = [part for part in parts if getattr(before, part) != getattr(after, part)]
    return " and ".join(changed).capitalize()


def go_on(network: TrainedNetwork) -> None:
    """Train a network's experiment from its weights, and show that; the rows must be here."""
    session.set_experiment(network.experiment)
    session.take_change()  # it is not to be trained afresh
    session.show_job(jobs().start_from(session.owner(), network, _axes(network.experiment), session.pace()))


def _start(experiment: Experiment, first: str = "train") -> Job:
    return jobs().start(session.owner(), experiment, _axes(experiment), first, session.pace())


def _axes(experiment: Experiment) -> Axes | None:
    """Return the plane that is drawn, if there is one."""
    split = prepare(experiment.data)
    return session.axes(split) if split.image_shape is None and has_plane(split) else None


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
