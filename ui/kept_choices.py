"""What people have chosen for all their pages, kept over a reload."""

from __future__ import annotations

import threading

_MOST = 10_000  # browsers; the one that chose longest ago is forgotten first


class KeptChoices:
    """Which browsers train on every change. Safe to use from any thread."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._retraining: dict[str, None] = {}  # in the order of their choices

    def retrains(self, browser: str) -> bool:
        """Return whether a browser trains on every change."""
        with self._lock:
            return browser in self._retraining

    def keep_retrains(self, browser: str, on: bool) -> None:
        """Remember whether a browser trains on every change."""
        with self._lock:
            self._retraining.pop(browser, None)
            if on:
                self._retraining[browser] = None
            while len(self._retraining) > self._most:
                del self._retraining[next(iter(self._retraining))]
