"""Steps as the run's worker explains them, kept for a while."""

from __future__ import annotations

from core.analysis.one_step import ExplainedStep, GradientCheck, LossLine
from core.byte_cache import ByteCache
from core.jobs.job import Job
from core.workers import worker
from ui.server import jobs

_SECONDS = 60.0  # what is asked takes turns with the runs of its worker
# Of all sessions. A step that is asked for once more after it has left is explained anew, with its epoch.
_CACHE = ByteCache(256 * 2**20)


@_CACHE.cached
def explained_step(job: Job, number: str, rows: tuple[int, ...] | None) -> ExplainedStep:
    """Return a step of a job, explained for the network as it is when this is first called with the number.

    Raises:
        ExperimentError: where there are no such rows.
        WorkersError: where the worker does not answer.
    """
    step: ExplainedStep = jobs().ask(job, worker.explain_step, rows, seconds=_SECONDS)
    return step


@_CACHE.cached
def loss_line(job: Job, number: str, rows: tuple[int, ...] | None) -> LossLine:
    """Return the loss along the direction of that step."""
    line: LossLine = jobs().ask(job, worker.loss_line, explained_step(job, number, rows), seconds=_SECONDS)
    return line


@_CACHE.cached
def checked_gradient(
    job: Job, number: str, rows: tuple[int, ...] | None, name: str, index: tuple[int, ...]
) -> GradientCheck:
    """Return the gradient of one weight in that step beside a finite difference."""
    step = explained_step(job, number, rows)
    check: GradientCheck = jobs().ask(job, worker.check_gradient, step, name, index, seconds=_SECONDS)
    return check
