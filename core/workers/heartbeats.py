"""Which workers are silent. Plain values: no Dask, no threads, no clock."""

from __future__ import annotations

from collections.abc import Mapping

SILENT_SECONDS = 10.0  # after which a worker counts as frozen; it sends a sign of life twice a second
# The same for one whose process works: on a machine that is overloaded, it may be busy with loading Keras.
BUSY_SECONDS = 60.0
QUIET_SECONDS = 2.0  # after which it takes no new runs
_LOOK_MOST_SECONDS = 4.0  # that count between two looks: the server itself may have been frozen for longer


class Heartbeats:
    """Counts for how long each worker has sent no sign of life."""

    def __init__(self) -> None:
        self._looked_at: float | None = None
        self._seen: dict[str, float] = {}  # the last sign of life of each worker, by the scheduler's clock
        self._worked: dict[str, float] = {}  # the processor time of its process
        self._silent: dict[str, float] = {}  # seconds without a sign of life
        self._idle: dict[str, float] = {}  # seconds without either

    def look(self, seen: Mapping[str, float], worked: Mapping[str, float], now: float) -> set[str]:
        """Return the workers that count as frozen.

        Args:
            seen: when the scheduler heard each worker last; only whether that changes counts.
            worked: the processor time that each has taken, where that is known.
            now: the time, by any clock that does not jump.
        """
        passed = 0.0 if self._looked_at is None else min(now - self._looked_at, _LOOK_MOST_SECONDS)
        silent, idle = {}, {}
        for worker, at in seen.items():
            is_silent = self._seen.get(worker) == at
            is_idle = is_silent and self._worked.get(worker) == worked.get(worker)
            silent[worker] = self._silent[worker] + passed if is_silent else 0.0
            idle[worker] = self._idle[worker] + passed if is_idle else 0.0
        self._looked_at, self._seen, self._worked = now, dict(seen), dict(worked)
        self._silent, self._idle = silent, idle
        return {worker for worker in seen if idle[worker] >= SILENT_SECONDS or silent[worker] >= BUSY_SECONDS}

    @property
    def quiet(self) -> set[str]:
        """The workers that have sent no sign of life for QUIET_SECONDS."""
        return {worker for worker, seconds in self._silent.items() if seconds >= QUIET_SECONDS}
