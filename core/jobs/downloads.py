"""The downloads of this server: which are under way, how far they are, and how they ended."""

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
    """How a download stands: the share that is here, from 0 to 1, or why it failed."""

    share: float = 0.0
    failure: str = ""


class Downloads:
    """Has a worker fetch each set once, however many people ask for it. Safe to use from any thread.

    Args:
        ask: has a worker make a call, and hands over its result or error, as `Cluster.ask` does.
    """

    def __init__(self, ask: Callable[..., None]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._begun: dict[str, float] = {}  # how many megabytes lay in the folder before
        self._failures: dict[str, str] = {}

    def start(self, name: str) -> None:
        """Begin to fetch a set, unless that is under way."""
        with self._lock:
            if name in self._begun:
                return
            self._begun[name] = megabytes_in_folder(name)
            self._failures.pop(name, None)
        self._ask(partial(self._ended, name), worker.fetch, name)

    def progress(self, name: str) -> Progress | None:
        """Return how the download of a set stands, or None where nobody has asked for it."""
        with self._lock:
            before = self._begun.get(name)
            failure = self._failures.get(name)
        if before is not None:
            return Progress(min(1.0, (megabytes_in_folder(name) - before) / DOWNLOADS[name].megabytes))
        return None if failure is None else Progress(failure=failure)

    def _ended(self, name: str, _: Any, error: BaseException | None) -> None:
        with self._lock:
            del self._begun[name]
            if isinstance(error, HiddenLayersError):
                self._failures[name] = str(error)
            elif error is not None:
                self._failures[name] = f"{DOWNLOADS[name].title}: the worker that fetched it was lost. Try again."
