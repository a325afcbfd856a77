"""How much of the machine other programs used during a measurement."""

from __future__ import annotations

import time

import psutil


class Elsewhere:
    """Counts from its creation.

    >>> elsewhere = Elsewhere()
    >>> elsewhere.cores() < psutil.cpu_count()
    True
    """

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._busy = _busy_seconds()
        self._ours = _our_seconds()

    def cores(self) -> float:
        """Return the mean number of cores kept busy by programs that this process did not start."""
        busy = _busy_seconds() - self._busy - (_our_seconds() - self._ours)
        return max(0.0, busy / (time.monotonic() - self._started))


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)


def _our_seconds() -> float:
    """Return the processor time of this process and its descendants, ended ones included."""
    this = psutil.Process()
    seconds = 0.0
    for process in (this, *this.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system + times.children_user + times.children_system
    return seconds
