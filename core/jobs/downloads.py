"""The downloads of this server: their progress, and why one has failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.datasets.downloads import DOWNLOADS, megabytes_in_folder
from core.errors import HiddenLayersError
from core.workers import worker


@dataclass(frozen=True)
class Progress:
    """The share of a download that has arrived, from 0 to 1, or why it failed."""

    share: float = 0.0
    failure: str = ""


class Downloads:
    """Has a worker download each data set once, however many people ask for it. Safe to use from any thread.

    Args:
        ask: has a worker make a call and hands over its result or error, as `Cluster.ask` does.
    """

    def __init__(self, ask: Callable[..., None]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._running: dict[str, float] = {}  # the megabytes that were in the folder before
        self._failures: dict[str, str] = {}

    def start(self, name: str) -> None:
        """Start to download a data set, unless that is under way."""
        with self._lock:
            if name in self._running:
                return
            self._running[name] = megabytes_in_folder(name)
            self._failures.pop(name, None)
        self._ask(partial(self._end, name), worker.fetch, name)

    def progress(self, name: str) -> Progress | None:
        """Return the progress of a data set's download, or None where none is under way and the last has not failed."""
        with self._lock:
            before = self._running.get(name)
            failure = self._failures.get(name)
        if before is not None:
            return Progress(min(1.0, (megabytes_in_folder(name) - before) / DOWNLOADS[name].megabytes))
        return None if failure is None else Progress(failure=failure)

    def _end(self, name: str, _: Any, error: BaseException | None) -> None:
        with self._lock:
            del self._running[name]
            if isinstance(error, HiddenLayersError):
                self._failures[name] = str(error)
            elif error is not None:
                self._failures[name] = f"{DOWNLOADS[name].title}: the worker that downloaded it was lost. Try again."
