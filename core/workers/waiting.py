"""Waiting for a worker's answer."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from distributed import KilledWorker

from core.errors import HiddenLayersError, WorkersError
from core.workers.cluster import Cluster

_LATE = "No training worker answered within {seconds:.0f} s; they are busy. Try again in a moment."
_DIED = "The worker that was asked has died. Try again."
_FAILED = "The training worker failed with {kind}: {error}. The log has the details."


def wait_for_answer(cluster: Cluster, call: Callable[..., Any], *arguments: object, seconds: float = 60.0) -> Any:
    """Have any worker make a call and return what it returns; waits `seconds` at most.

    Raises:
        WorkersError: where no worker answers in time, or the one that was asked has died.
    """
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
    cluster.ask(lambda answer, error: answers.put((answer, error)), call, *arguments)
    try:
        answer, error = answers.get(timeout=seconds)
    except queue.Empty as late:
        raise WorkersError(_LATE.format(seconds=seconds)) from late
    raise_if_failed(error, _DIED)
    return answer


def raise_if_failed(error: BaseException | None, died: str) -> None:
    """Raise a call's error, if there is one, as one that a user can read.

    Args:
        died: the message where the worker has died.
    """
    if isinstance(error, HiddenLayersError):
        raise error
    if isinstance(error, KilledWorker):
        raise WorkersError(died) from error
    if error is not None:
        raise WorkersError(_FAILED.format(kind=type(error).__name__, error=error)) from error
