"""Whose turn it is to train, where several runs share a process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from core.errors import WorkersError

SLICE_SECONDS = 0.015  # a turn, when somebody else waits
LONGEST_SECONDS = 0.4  # … of work beside the runs, which a person waits for, where their own turns take half as long

_GIVEN_UP = "This run was given up meanwhile."

Result = TypeVar("Result")


class Turns:
    """One turn at a time, given on in the order in which it was asked for.

    TensorFlow would let the runs of one program wait for each other's variables too, but whoever has just finished an
    epoch would mostly begin the next: of eight runs the slowest got a seventh of what the fastest did.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self) -> int:
        """Wait for the turn; returns how many had it before."""
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
    """One run's turn: taken for an epoch, kept for a slice of time, given when the run does other things.

    Args:
        longest: seconds that it may be kept where the turns of others are long: twice as long as those, or a slice.
    """

    def __init__(self, turns: Turns, longest: float = 0.0) -> None:
        self._turns = turns
        self._longest = longest
        self._until: float | None = None  # while the turn is held

    def take(self) -> None:
        """Wait for the turn, unless it is held."""
        if self._until is None:
            asked = time.perf_counter()
            before = self._turns.take()
            now = time.perf_counter()
            theirs = (now - asked) / max(1, before)
            self._until = now + max(SLICE_SECONDS, min(self._longest, 2 * theirs))

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


class BackgroundWork:
    """Work beside the runs of a process, in pieces that take turns with them.

    A context around pieces that follow each other at once: it gives the turn at its end. What takes long and is no
    piece belongs outside, for the runs would wait for it.

    Args:
        is_wanted: whether the work is still of use.
    """

    def __init__(self, turns: Turns, is_wanted: Callable[[], bool]) -> None:
        self._turn = Turn(turns, LONGEST_SECONDS)
        self._is_wanted = is_wanted

    def __enter__(self) -> BackgroundWork:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turn.give()

    def do(self, piece: Callable[[], Result]) -> Result:
        """Do a piece of the work in a turn.

        Raises:
            WorkersError: where it is not wanted any more.
        """
        self._turn.take()
        if not self._is_wanted():
            raise WorkersError(_GIVEN_UP)
        result = piece()
        self._turn.share()
        return result
