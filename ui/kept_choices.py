"""What people have chosen for all their pages, kept over a reload."""

from __future__ import annotations

import threading

_MOST = 10_000  # browsers; the one that chose longest ago is forgotten first


class KeptChoices:
    """Which browsers train on every change, and how fast they train. Safe to use from any thread."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._retraining: dict[str, None] = {}  # in the order of their choices
        self._speeds: dict[str, str] = {}  # likewise

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

    def speed(self, browser: str) -> str:
        """Return the name of the speed that a browser has chosen; "" where none is known."""
        with self._lock:
            return self._speeds.get(browser, "")

    def keep_speed(self, browser: str, name: str) -> None:
        """Remember the speed that a browser has chosen."""
        with self._lock:
            self._speeds.pop(browser, None)
            self._speeds[browser] = name
            while len(self._speeds) > self._most:
                del self._speeds[next(iter(self._speeds))]
