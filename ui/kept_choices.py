"""What people have chosen for all their pages, kept over a reload."""

from __future__ import annotations

import threading
from typing import TypeVar

_Value = TypeVar("_Value")

_MOST = 10_000  # browsers; the one that chose longest ago is forgotten first


class KeptChoices:
    """Which browsers train on every change, how fast they train, and what their coach says. Safe from any thread."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._retraining: dict[str, None] = {}  # in the order of their choices
        self._speeds: dict[str, str] = {}  # likewise
        self._without_coach: dict[str, None] = {}
        self._dismissed: dict[str, str] = {}  # the key of the last run whose advice is not wanted

    def retrains(self, browser: str) -> bool:
        """Return whether a browser trains on every change."""
        with self._lock:
            return browser in self._retraining

    def keep_retrains(self, browser: str, on: bool) -> None:
        """Remember whether a browser trains on every change."""
        with self._lock:
            _set(self._retraining, browser, None, kept=on, most=self._most)

    def speed(self, browser: str) -> str:
        """Return the name of the speed that a browser has chosen; "" where none is known."""
        with self._lock:
            return self._speeds.get(browser, "")

    def keep_speed(self, browser: str, name: str) -> None:
        """Remember the speed that a browser has chosen."""
        with self._lock:
            _set(self._speeds, browser, name, most=self._most)

    def has_coach(self, browser: str) -> bool:
        """Return whether the coach speaks to a browser."""
        with self._lock:
            return browser not in self._without_coach

    def keep_coach(self, browser: str, on: bool) -> None:
        """Remember whether the coach speaks to a browser."""
        with self._lock:
            _set(self._without_coach, browser, None, kept=not on, most=self._most)

    def dismissed(self, browser: str) -> str:
        """Return the key of the last run about which a browser wants no advice; "" where there is none."""
        with self._lock:
            return self._dismissed.get(browser, "")

    def keep_dismissed(self, browser: str, key: str) -> None:
        """Remember about which run a browser wants no advice."""
        with self._lock:
            _set(self._dismissed, browser, key, most=self._most)


def _set(choices: dict[str, _Value], browser: str, value: _Value, *, kept: bool = True, most: int) -> None:
    """Put a browser's choice at the end of the choices, or only take it out, and drop those that are too many."""
    choices.pop(browser, None)
    if kept:
        choices[browser] = value
    while len(choices) > most:
        del choices[next(iter(choices))]
