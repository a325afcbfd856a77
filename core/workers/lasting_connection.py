"""A connection to Dask that is opened again when it is lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from distributed import Future, WorkerPlugin

from core.errors import WorkersError
from core.workers.connection import Connection, WorkerState
from core.workers.dispatcher import Dispatcher

logger = logging.getLogger(__name__)

_BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 4.0)  # between attempts to connect; the last one again and again
_UNANSWERED_SECONDS = 10.0  # after which a scheduler elsewhere that does not answer counts as lost


class LastingConnection:
    """Keeps a connection open. What goes wrong with it is logged once, until it is open again.

    The dispatcher's thread calls the methods; any thread may read `is_away` and call `close`.

    Args:
        on_open: called when it is open again after it was lost.
        on_lost: called when it is lost.
    """

    def __init__(
        self,
        connection: Connection,
        dispatcher: Dispatcher,
        on_open: Callable[[], None],
        on_lost: Callable[[], None],
        topic: str,
        receive: Callable[[Any], None],
        plugin: WorkerPlugin,
    ) -> None:
        self._connection = connection
        self._dispatcher = dispatcher
        self._on_open, self._on_lost = on_open, on_lost
        self._listening = topic, receive, plugin
        self._attempts = 0  # to connect, since it was lost
        self._unanswered_since: float | None = None
        dispatcher.submit(self._connect)

    @property
    def is_away(self) -> bool:
        """Whether the scheduler could not be reached when that was last tried."""
        return self._attempts > 0

    @property
    def is_local(self) -> bool:
        """Whether the workers are our own."""
        return self._connection.local is not None

    def look(self) -> dict[str, WorkerState]:
        """Return the workers that are alive; none while there is no connection.

        Raises:
            WorkersError: where the scheduler does not answer within seconds.
        """
        if not self.is_open():
            return {}
        try:
            workers = self._connection.look()
        except WorkersError:
            now = time.monotonic()
            self._unanswered_since = self._unanswered_since or now
            if not self.is_local and now - self._unanswered_since > _UNANSWERED_SECONDS:
                self._lose()
            raise
        self._unanswered_since = None
        return workers

    def is_open(self) -> bool:
        """Return whether there is a connection; where it was lost, have it opened again."""
        if self._connection.is_open:
            return True
        if self._connection.client is not None:
            self._lose()
        return False

    def submit(self, address: str, call: Callable[..., Any], *arguments: object, anywhere: bool = False) -> Future[Any]:
        """Have a worker make a call, and return at once.

        Args:
            anywhere: whether another worker may do it too.
        """
        return self._connection.submit(call, *arguments, address=address, allow_other_workers=anywhere)

    def replace(self, address: str, at_once: bool, on_end: Callable[[], None]) -> None:
        """Have a worker replaced by a fresh one; see `Connection.replace`."""
        self._connection.replace(address, at_once, on_end)

    def processor_seconds(self) -> dict[str, float]:
        """Return the processor time that our own workers have taken, by address."""
        return self._connection.processor_seconds()

    def close(self) -> None:
        """Close it and stop the workers of our own; takes a few seconds at most."""
        self._connection.close(self._listening[2])

    def _connect(self) -> None:
        try:
            self._connection.open(*self._listening)
        except (OSError, TimeoutError, WorkersError) as error:
            if not self._attempts:
                logger.error("The training workers cannot be reached, and are tried again and again: %s", error)
            pause = _BACK_OFF_SECONDS[min(self._attempts, len(_BACK_OFF_SECONDS) - 1)]
            self._attempts += 1
            self._dispatcher.submit_later(pause, self._connect)
            return
        if self._attempts:
            logger.warning("The training workers are connected")
        self._attempts, self._unanswered_since = 0, None
        self._on_open()

    def _lose(self) -> None:
        logger.error("The connection to the training workers was lost")
        self._connection.drop()
        self._attempts = 1  # which is logged already
        self._dispatcher.submit(self._connect)
        self._on_lost()
