"""Whose turn it is to train, where several runs share a process."""

from __future__ import annotations

import threading
import time
from collections import deque

SLICE_SECONDS = 0.015  # a turn, when somebody else waits


class Turns:
    """One turn at a time, given on in the order in which it was asked for.

    TensorFlow would let the runs of one program wait for each other's variables too, but whoever has just finished an
    epoch would mostly begin the next: of eight runs the slowest got a seventh of what the fastest did.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self) -> None:
        """Wait for the turn."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()

    def give(self) -> None:
        """Give the turn to whoever has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)


class Turn:
    """One run's turn: taken for an epoch, kept for a slice of time, given when the run does other things."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._until: float | None = None  # while the turn is held

    def take(self) -> None:
        """Wait for the turn, unless it is held."""
        if self._until is None:
            self._turns.take()
            self._until = time.perf_counter() + SLICE_SECONDS

    def share(self) -> None:
        """Give the turn if the slice is over and somebody waits."""
        if self._until is not None and self._turns.waiting and time.perf_counter() >= self._until:
            self.give()

    @property
    def others(self) -> int:
        """How many wait for the turn."""
        return self._turns.waiting

    def give(self) -> None:
        """Give the turn, if it is held."""
        if self._until is not None:
            self._until = None
            self._turns.give()
