"""When a run's next epoch may begin."""

from __future__ import annotations

import time

from core.messages.pace import FAST, Pace

_LATE_SECONDS = 0.1  # by which a run may be late and still make up for it


class EpochClock:
    """Holds a run back to its pace. Used by the training thread alone.

    Attributes:
        pace: of the run.
        is_skipping: whether the run goes on without a limit until it comes to rest, whatever its pace is.
    """

    def __init__(self) -> None:
        self.pace: Pace = FAST
        self.is_skipping = False
        self._began: float | None = None  # the time at which the last epoch was due to begin

    @property
    def rests(self) -> bool:
        """Whether the run rests after every epoch."""
        return self.pace.rests and not self.is_skipping

    def is_limited(self, epochs: int) -> bool:
        """Return whether a run of so many epochs is held back."""
        return self._rate(epochs) > 0

    def start_epoch(self, epochs: int) -> None:
        """Note that an epoch begins now, of so many that were asked for."""
        now, due = time.perf_counter(), self._due(epochs)
        # Counted from when it was due, so that waits which last a little too long do not add up.
        self._began = now if due is None else max(due, now - _LATE_SECONDS)

    def let_next_start(self) -> None:
        """Let the next epoch begin at once, as where a run goes on after a rest."""
        self._began = None

    def seconds_to_wait(self, epochs: int) -> float:
        """Return the seconds until the next epoch may begin, of so many that were asked for; 0 where it may now."""
        due = self._due(epochs)
        return 0.0 if due is None else max(0.0, due - time.perf_counter())

    def _due(self, epochs: int) -> float | None:
        rate = self._rate(epochs)
        return None if not rate or self._began is None else self._began + 1 / rate

    def _rate(self, epochs: int) -> float:
        return 0.0 if self.is_skipping else self.pace.rate(epochs)
