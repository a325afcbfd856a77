"""How fast a run may go, and the speeds that a person chooses from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Pace:
    """How fast a run may go. It holds nobody back whose network is slower.

    >>> Pace(least=15, seconds=6).rate(300)
    50.0

    Attributes:
        least: epochs a second; 0 for as many as the network can.
        seconds: in which the epochs asked for are to be done, where that takes more than `least` epochs a second; 0
            where their number does not matter.
        rests: whether the run rests after every epoch.
    """

    least: float = 0.0
    seconds: float = 0.0
    rests: bool = False

    def rate(self, epochs: int) -> float:
        """Return how many epochs a second there are at most, of so many that were asked for; 0 for no limit."""
        return max(self.least, epochs / self.seconds) if self.seconds else self.least


STEP, SLOW, WATCH, FAST = Pace(rests=True), Pace(2.0), Pace(15.0, 6.0), Pace()
SPEEDS: Mapping[str, Pace] = MappingProxyType({"step": STEP, "slow": SLOW, "watch": WATCH, "fast": FAST})


def speed_of(pace: Pace) -> str:
    """Return the name of a pace among SPEEDS, or "" if it has none."""
    return next((name for name, named in SPEEDS.items() if named == pace), "")
