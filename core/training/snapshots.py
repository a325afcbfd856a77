"""A run's weights at some of its epochs, within a bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np

Weights = TypeVar("Weights")

BUDGET = 32 * 2**20  # bytes a run
_MOST = 400  # however small the weights are: more epochs than a slider has stops


class Snapshots(Generic[Weights]):
    """Weights by epoch: the first, the last, and as many evenly spaced ones between as the budget holds.

    One thread adds and forgets; any may read meanwhile, for what is kept is never changed, but replaced.

    >>> snapshots = Snapshots[str](bytes_each=10, budget=50)
    >>> for epoch in range(10):
    ...     snapshots.add(epoch, f"weights of {epoch}")
    >>> snapshots.epochs
    (0, 4, 8, 9)

    Args:
        bytes_each: what one snapshot takes.
        budget: bytes that all of them may take; at least the first and the last are kept.
    """

    def __init__(self, bytes_each: int, budget: int = BUDGET) -> None:
        self._most = max(2, min(_MOST, budget // max(1, bytes_each)))
        self._stride = 1
        self._kept: dict[int, Weights] = {}

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are here, rising; 0 is before the first."""
        return tuple(self._kept)

    def add(self, epoch: int, weights: Weights) -> None:
        """Keep the weights behind an epoch, which must not be earlier than one before."""
        kept = dict(self._kept)
        last = next(reversed(kept), None)
        if last is not None and last % self._stride:
            del kept[last]  # it was here only as the last
        kept[epoch] = weights
        while len(kept) > self._most and len(kept) > 2:
            self._stride *= 2
            kept = {earlier: at for earlier, at in kept.items() if earlier % self._stride == 0 or earlier == epoch}
        self._kept = kept

    def nearest(self, epoch: int) -> tuple[int, Weights]:
        """Return the kept epoch that is nearest to any epoch, the later of two, and its weights."""
        kept = self._kept
        found = min(reversed(kept), key=lambda one: abs(one - epoch))
        return found, kept[found]

    def forget_after(self, epoch: int) -> None:
        """Forget what came behind an epoch, as a run does that trains those epochs again."""
        self._kept = {kept: weights for kept, weights in self._kept.items() if kept <= epoch}


def even_choice(epochs: Sequence[int], most: int) -> list[int]:
    """Return at most `most` of some epochs, as evenly spaced as they are, the first and the last among them.

    >>> even_choice((0, 1, 2, 3, 4), 3)
    [0, 2, 4]
    """
    places = np.linspace(0, len(epochs) - 1, min(most, len(epochs))).round().astype(int)
    return [epochs[place] for place in places]
