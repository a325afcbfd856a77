"""Waiting for what a worker answers, off the script thread or on it."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from distributed import KilledWorker

from core.errors import HiddenLayersError, WorkersError
from core.workers.cluster import Cluster

_LATE = "No training worker has answered within {seconds:.0f} s; they are busy. Try again in a moment."
_LOST = "The worker that was asked has died. Try again."
_FAILED = "The training worker failed with {kind}: {error}. The log has the details."


def wait_for_answer(cluster: Cluster, call: Callable[..., Any], *arguments: object, seconds: float = 60.0) -> Any:
    """Have any worker make a call and return what it returns; waits at most some seconds.

    Raises:
        WorkersError: where no worker answers in time, or the one that was asked has died.
    """
    answer: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
    cluster.ask(lambda result, error: answer.put((result, error)), call, *arguments)
    try:
        result, error = answer.get(timeout=seconds)
    except queue.Empty as late:
        raise WorkersError(_LATE.format(seconds=seconds)) from late
    raise_error(error, _LOST)
    return result


def raise_error(error: BaseException | None, lost: str) -> None:
    """Raise for a person what came instead of a worker's answer, if it did; `lost` says that the worker has died."""
    if isinstance(error, HiddenLayersError):
        raise error
    if isinstance(error, KilledWorker):
        raise WorkersError(lost) from error
    if error is not None:
        raise WorkersError(_FAILED.format(kind=type(error).__name__, error=error)) from error
