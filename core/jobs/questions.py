"""Asking a job's worker about its run, and waiting for the answer."""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import Callable
from typing import Any

from core.errors import WorkersError
from core.jobs.job import Job
from core.messages.past import Past
from core.messages.updates import FAILED, INTERRUPTED
from core.workers import worker
from core.workers.cluster import Cluster
from core.workers.waiting import raise_if_failed

DIED = "The worker that trained this run has died, so the run ends here. Press Train to start it again."

_ASK_AGAIN_SECONDS = 0.1  # where the run is not open yet: it waits to begin, or is trained again elsewhere
_LATE = "The training worker has not answered within {seconds:.0f} s; it is busy. Try again in a moment."


def ask(cluster: Cluster, job: Job, call: Callable[..., Any], *arguments: object, seconds: float) -> Any:
    """Have a job's worker make a call about its run, and return what it returns; waits `seconds` at most.

    Args:
        call: of `core.workers.worker`; its first argument is the run's name, and it returns None where the run is not
            open yet.

    Raises:
        WorkersError: where the run has failed, its worker has died, or does not answer in time.
    """
    deadline = time.monotonic() + seconds
    try:
        while (answer := _ask_once(cluster, job, deadline, call, *arguments)) is None:
            _check_not_failed(job)
            time.sleep(_ASK_AGAIN_SECONDS)
    except queue.Empty as late:
        raise WorkersError(_LATE.format(seconds=seconds)) from late
    return answer


def _ask_once(cluster: Cluster, job: Job, deadline: float, call: Callable[..., Any], *arguments: object) -> Any:
    """Ask a job's worker; raises `queue.Empty` after the deadline."""
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
    cluster.ask_run(lambda answer, error: answers.put((answer, error)), job.run, call, *arguments)
    answer, error = answers.get(timeout=max(0.0, deadline - time.monotonic()))
    raise_if_failed(error, DIED)
    return answer


async def ask_past(cluster: Cluster, job: Job, epoch: int, inside: bool, seconds: float) -> Past:
    """Return what is drawn of a job's network after an epoch.

    Args:
        inside: whether its `weights` and `spaces` are wanted too.

    Raises:
        TimeoutError: where the worker does not answer within `seconds`.
        WorkersError: where it has died, or has never held the run.
    """
    async with asyncio.timeout(seconds):
        while (past := await _ask_past_once(cluster, job, epoch, inside)) is None:
            _check_not_failed(job)
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
    return past


async def _ask_past_once(cluster: Cluster, job: Job, epoch: int, inside: bool) -> Past | None:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[tuple[Past | None, BaseException | None]] = loop.create_future()

    def settle(past: Past | None, error: BaseException | None) -> None:
        if not answer.done():  # it is cancelled when nobody waits for it any more
            answer.set_result((past, error))

    def on_result(*result: Any) -> None:
        loop.call_soon_threadsafe(settle, *result)

    cluster.ask_run(on_result, job.run, worker.past_of, epoch, inside)
    past, error = await answer
    raise_if_failed(error, DIED)
    return past


def _check_not_failed(job: Job) -> None:
    if job.status in (FAILED, INTERRUPTED):
        raise WorkersError(job.message)
