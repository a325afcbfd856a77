"""A study that gets its runs while it goes on, as the thread that drives it sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.jobs.live_study import LiveStudy
from core.messages.updates import FAILED
from core.studies.portions import Portion
from core.studies.results import MemberResult
from core.studies.snapshot import ASKING, LIVE


@dataclass(frozen=True, eq=False)
class Standing:
    """How a study stands.

    Attributes:
        is_over: whether nobody trains it any more, or another thread drives it.
        may_grow: whether new runs may begin: not while a person is asked.
        results: of all runs so far.
        seconds: for which it has trained.
        workers: how many there are.
        version: rises with every change.
    """

    is_over: bool
    may_grow: bool
    results: tuple[MemberResult, ...]
    seconds: float
    workers: int
    version: int


class Growing:
    """A study that goes on, until it is over or begins anew. Any thread may call this; nothing but `wait` waits.

    Args:
        changed: guards the study, and tells of its changes.
        study: what grows; this is noted in it.
        workers: returns how many workers there are.
        hand_out: gives idle workers what is left.
        tell: has the study written, with runs at some places, and wakes who waits; called with the lock.
        settle: notes where nothing is left; called with the lock.
        halt: stops a study with a status and a message; called with the lock.
        stop_portion: has a portion on a worker stop.
    """

    def __init__(
        self,
        changed: threading.Condition,
        study: LiveStudy,
        workers: Callable[[], int],
        hand_out: Callable[[], None],
        tell: Callable[[LiveStudy, Iterable[int]], None],
        settle: Callable[[LiveStudy], None],
        halt: Callable[[LiveStudy, str, str], None],
        stop_portion: Callable[[str], None],
    ) -> None:
        self._changed = changed
        self._study = study
        self._workers = workers
        self._hand_out = hand_out
        self._tell = tell
        self._settle = settle
        self._halt = halt
        self._stop_portion = stop_portion
        with changed:
            study.grower = self

    @property
    def _is_over(self) -> bool:
        return self._study.status not in LIVE or self._study.grower is not self

    def wait(self, version: int, seconds: float) -> Standing:
        """Return how it stands as soon as that is newer than a version, or after so many seconds."""
        study = self._study
        with self._changed:
            self._changed.wait_for(lambda: study.version > version or self._is_over, seconds)
            return Standing(
                self._is_over,
                study.status != ASKING,
                tuple(study.results),
                study.seconds,
                self._workers(),
                study.version,
            )

    def grow(self, results: Sequence[MemberResult], portions: Sequence[Portion]) -> None:
        """Add runs, and portions that are to be handed out; both may be empty."""
        with self._changed:
            if self._is_over:
                return
            first = len(self._study.results)
            self._study.grow(results, portions)
            self._tell(self._study, range(first, first + len(results)))
        self._hand_out()

    def prune(self, place: int, message: str) -> None:
        """End a run, and say why."""
        with self._changed:
            if self._is_over:
                return
            for key in self._study.prune(place, message):
                self._stop_portion(key)
            self._tell(self._study, (place,))

    def finish(self) -> None:
        """Note that no run will be added."""
        with self._changed:
            if not self._is_over:
                self._study.grower = None
                self._settle(self._study)

    def fail(self, message: str) -> None:
        """Let the study fail."""
        with self._changed:
            if not self._is_over:
                self._study.grower = None
                self._halt(self._study, FAILED, message)
