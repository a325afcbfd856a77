"""Who watches a job, and since when nobody does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Watchers:
    """Wakes the tasks that wait for news of a job, in whatever event loop each one runs. Safe to use from any thread.

    Attributes:
        seen_at: when somebody last looked, by `time.monotonic`.
    """

    def __init__(self) -> None:
        self.seen_at = time.monotonic()
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def note(self) -> None:
        """Note that somebody looks."""
        self.seen_at = time.monotonic()

    @contextmanager
    def waiting(self) -> Iterator[asyncio.Event]:
        """Give an event of the running loop that `wake` sets; counts as looking, from the beginning to the end."""
        self.note()
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting.add(waiter)
        try:
            yield waiter[1]
        finally:
            self.note()
            with self._lock:
                self._waiting.discard(waiter)

    def wake(self) -> None:
        """Wake everybody who waits."""
        with self._lock:
            for loop, event in self._waiting:
                loop.call_soon_threadsafe(event.set)
