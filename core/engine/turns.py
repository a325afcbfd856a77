"""Runs that share a process take turns to train."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from core.errors import WorkersError

SLICE_SECONDS = 0.015  # a turn is at least so long, even when others wait
LONGEST_SECONDS = 0.4  # and at most so long for background work, while the turns of runs take half as long
AWAY = 2.0  # how long a polite turn stays away, in the time that it had

_ABANDONED = "This run was given up in the meantime."

Result = TypeVar("Result")


class Turns:
    """A fair lock: whoever has waited longest gets the turn next.

    With an ordinary lock, the run that has just finished an epoch mostly gets the next one too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self) -> int:
        """Wait for the turn; return how many others had it meanwhile."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return 0
            mine = threading.Event()
            self._waiting.append(mine)
            before = len(self._waiting)
        mine.wait()
        return before

    def give(self) -> None:
        """Hand the turn to whoever has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    @property
    def waiting(self) -> int:
        """How many wait for the turn."""
        return len(self._waiting)


class Turn:
    """One run's use of `Turns`: take the turn for an epoch, keep it for a slice of time, give it for other work.

    Args:
        longest: seconds. Where the turns of others are long, this one may be twice as long as theirs, up to this
            limit. A slice of time is always allowed.
        polite: whether it stays away for AWAY times as long as it has had the turn where others wait for it then, so
            that they have two thirds of its worker's time, and half of it on a machine that is busy besides.
    """

    def __init__(self, turns: Turns, longest: float = 0.0, *, polite: bool = False) -> None:
        self._turns = turns
        self._longest = longest
        self._polite = polite
        self._until: float | None = None  # while the turn is held
        self._since = self._not_before = 0.0

    def take(self) -> None:
        """Wait for the turn, unless this run has it."""
        if self._until is None:
            asked = time.perf_counter()
            if asked < self._not_before:
                time.sleep(self._not_before - asked)
            before = self._turns.take()
            self._since = now = time.perf_counter()
            theirs = (now - asked) / max(1, before)
            self._until = now + max(SLICE_SECONDS, min(self._longest, 2 * theirs))

    def share(self) -> None:
        """Give the turn if the slice of time is over and others wait."""
        if self._until is not None and self._turns.waiting and time.perf_counter() >= self._until:
            self.give()

    @property
    def others(self) -> int:
        """How many others wait for the turn."""
        return self._turns.waiting

    def give(self) -> None:
        """Give the turn, if this run has it."""
        if self._until is not None:
            self._until = None
            if self._polite and self._turns.waiting:
                now = time.perf_counter()
                self._not_before = now + AWAY * (now - self._since)
            self._turns.give()


class BackgroundWork:
    """Work besides training, done in pieces that take turns with the runs of the process.

    Use it as a context around pieces that follow each other immediately, which may then share a turn; it is given at
    the end. Keep other slow work outside, since the runs would wait for it.

    Args:
        is_wanted: whether the result is still needed.
    """

    def __init__(self, turns: Turns, is_wanted: Callable[[], bool]) -> None:
        self._turn = Turn(turns, LONGEST_SECONDS)
        self._is_wanted = is_wanted
        self._is_entered = False

    def __enter__(self) -> BackgroundWork:
        self._is_entered = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_entered = False
        self._turn.give()

    def do(self, piece: Callable[[], Result]) -> Result:
        """Do a piece of the work, holding the turn.

        Raises:
            WorkersError: if the result is no longer needed.
        """
        self._turn.take()
        try:
            if not self._is_wanted():
                raise WorkersError(_ABANDONED)
            return piece()
        finally:
            if self._is_entered:
                self._turn.share()
            else:
                self._turn.give()
