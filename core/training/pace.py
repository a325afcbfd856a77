"""How fast a run may go."""

from __future__ import annotations

import time


class Pace:
    """Holds a run back to so many epochs a second. Used by the training thread alone.

    Attributes:
        rate: epochs a second, 0 for as many as possible.
    """

    def __init__(self, rate: float = 0.0) -> None:
        self.rate = rate
        self._epoch_started: float | None = None

    def start_epoch(self) -> None:
        """Note that an epoch begins now."""
        self._epoch_started = time.perf_counter()

    def let_next_start(self) -> None:
        """Let the next epoch begin at once, as where a run goes on after a rest."""
        self._epoch_started = None

    @property
    def seconds_to_wait(self) -> float:
        """The seconds until the next epoch may begin; 0 or less where it may begin now."""
        if not self.rate or self._epoch_started is None:
            return 0.0
        return self._epoch_started + 1 / self.rate - time.perf_counter()
