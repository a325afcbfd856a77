"""How a call to a worker has ended."""

from __future__ import annotations

import logging
from typing import Any

from distributed import Future
from distributed.client import FutureCancelledError

from core.errors import WorkersError

logger = logging.getLogger(__name__)

FETCH_SECONDS = 30.0  # to wait for a result that a worker has ready

_ANSWER_LOST = "The answer was lost because its worker was replaced. Try again."


def outcome(future: Future[Any]) -> tuple[Any, BaseException | None]:
    """Return what a call that has ended returned, or its error.

    The result is lost if the worker is replaced before it was fetched. Dask would wait for it for ever, on the one
    thread that runs all callbacks; so the wait has a limit.
    """
    try:
        if future.status == "finished":
            return future.result(FETCH_SECONDS), None
        if future.status == "error":
            return None, future.exception(FETCH_SECONDS)
    except (TimeoutError, FutureCancelledError):
        logger.warning("An answer was lost with its worker")
    return None, WorkersError(_ANSWER_LOST)
