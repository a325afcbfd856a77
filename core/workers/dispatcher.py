"""One thread that makes calls in order, now or later."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

_Call = tuple[float, int, Callable[..., None], tuple[Any, ...]]  # when it is due, and its place among equals


class Dispatcher:
    """Makes calls on a thread of its own, one at a time, in the order in which they are due.

    Any thread may call `submit`, `submit_later` and `stop`. A call should not wait: all others wait with it.

    Args:
        on_failure: called on the thread with a call, its arguments and the exception that it has raised.
    """

    def __init__(self, on_failure: Callable[[Callable[..., None], tuple[Any, ...], Exception], None]) -> None:
        self._on_failure = on_failure
        self._changed = threading.Condition()  # guards the two below
        self._calls: list[_Call] = []
        self._is_stopped = False
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self._thread.start()

    def submit(self, call: Callable[..., None], *arguments: object) -> None:
        """Make a call after all that are due before."""
        self.submit_later(0.0, call, *arguments)

    def submit_later(self, seconds: float, call: Callable[..., None], *arguments: object) -> None:
        """Make a call in so many seconds."""
        with self._changed:
            heapq.heappush(self._calls, (time.monotonic() + seconds, next(self._numbers), call, arguments))
            self._changed.notify()

    def stop(self, seconds: float) -> None:
        """Make no more calls; wait for the present one, at most so many seconds."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()
        self._thread.join(seconds)

    def _run(self) -> None:
        while (due := self._next()) is not None:
            call, arguments = due
            try:
                call(*arguments)
            except Exception as error:  # noqa: BLE001 the thread goes on
                self._on_failure(call, arguments, error)

    def _next(self) -> tuple[Callable[..., None], tuple[Any, ...]] | None:
        """Wait for the next call that is due; None where there will be none."""
        with self._changed:
            while not self._is_stopped:
                if not self._calls:
                    self._changed.wait()
                elif (wait := self._calls[0][0] - time.monotonic()) > 0:
                    self._changed.wait(wait)
                else:
                    _, _, call, arguments = heapq.heappop(self._calls)
                    return call, arguments
        return None
