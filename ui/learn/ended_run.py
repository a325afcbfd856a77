"""The session's run as goals are judged on it, once it has ended."""

from __future__ import annotations

import numpy as np

from core.datasets import prepare
from core.errors import DataError, RunsError
from core.experiment import Experiment, count_parameters
from core.jobs.job import Job
from core.lessons.finished_run import FinishedRun
from core.messages.updates import ENDED, FAILED
from core.runs.values import DIVERGED
from ui.server import run_writer


def mark_of(job: Job | None) -> str:
    """Return what tells apart runs, and the same run before and after it went on; "" for no run."""
    return "" if job is None else f"{job.key} {job.generation} {job.epoch} {job.status} {job.edit_count}"


def ended_run(job: Job) -> FinishedRun | None:
    """Return a run that has ended; None before it has, or where a worker's end has ended it."""
    if job.status not in ENDED or not job.epoch:
        return None
    history = job.history()
    status = job.status
    if status == FAILED:
        if np.isfinite(history["loss"][-1]) and job.is_lost:
            return None
        status = DIVERGED
    experiment = job.experiment
    return FinishedRun(
        key=job.key,
        experiments=(*_earlier(job), experiment),
        status=status,
        history=history,
        parameters=_parameters(experiment),
        was_edited=bool(job.edits),
        confusion=job.array("confusion"),
    )


def _earlier(job: Job) -> tuple[Experiment, ...]:
    """Return what was in force before the run was changed as it trained; nothing while the store does not know."""
    try:
        kept = run_writer().ask(lambda store: store.run(job.owner, job.key))
    except RunsError:
        return ()
    return tuple(experiment for _, experiment in kept.plan)


def _parameters(experiment: Experiment) -> int | None:
    try:
        split = prepare(experiment.data)
    except DataError:
        return None
    return count_parameters(experiment.network, split.inputs, split.classes)
