"""A run's weights after some of its epochs, within a budget of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np

Weights = TypeVar("Weights")

BUDGET = 32 * 2**20  # bytes a run
_MOST = 400  # however small the weights are: more epochs than a slider has stops
FULL_BUDGET = 16 * 2**20  # bytes a run, for states with the optimizer's variables
FULL_MOST = 64  # a run of 2000 epochs is trained again over 32 at most to get anywhere


@dataclass(frozen=True, eq=False)
class Snapshots(Generic[Weights]):
    """Weights by epoch: the first, the last, and as many evenly spaced ones between as fit. An immutable value.

    >>> snapshots = Snapshots[str].within(budget=50, bytes_each=10)
    >>> for epoch in range(10):
    ...     snapshots = snapshots.with_epoch(epoch, f"weights of {epoch}")
    >>> snapshots.epochs
    (0, 4, 8, 9)

    Attributes:
        most: how many are kept at most, at least two.
        stride: epochs between two that are kept.
    """

    most: int
    stride: int = 1
    _kept: dict[int, Weights] = field(default_factory=dict)  # rising

    @classmethod
    def within(cls, budget: int, bytes_each: int, most: int = _MOST) -> Snapshots[Weights]:
        """Return no snapshots yet, of which so many are kept as fit into a budget of bytes, and `most` at most."""
        return cls(max(2, min(most, budget // max(1, bytes_each))))

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are kept, rising; 0 is before the first."""
        return tuple(self._kept)

    def with_epoch(self, epoch: int, weights: Weights) -> Snapshots[Weights]:
        """Return the snapshots with the weights after an epoch, which no kept epoch is later than."""
        kept, stride = dict(self._kept), self.stride
        last = next(reversed(kept), None)
        if last is not None and last % stride:
            del kept[last]  # it was kept only as the last
        kept[epoch] = weights
        while len(kept) > self.most and len(kept) > 2:
            stride *= 2
            kept = {earlier: at for earlier, at in kept.items() if earlier % stride == 0 or earlier == epoch}
        return Snapshots(self.most, stride, kept)

    def up_to(self, epoch: int) -> Snapshots[Weights]:
        """Return the snapshots without those after an epoch, for a run that trains these epochs again."""
        return replace(self, _kept={kept: weights for kept, weights in self._kept.items() if kept <= epoch})

    def nearest(self, epoch: int) -> tuple[int, Weights]:
        """Return the kept epoch that is nearest to the given one, the later of two, and its weights."""
        found = min(reversed(self._kept), key=lambda kept: abs(kept - epoch))
        return found, self._kept[found]

    def last_up_to(self, epoch: int) -> tuple[int, Weights]:
        """Return the last kept epoch that is not later than the given one, and its weights."""
        found = max(kept for kept in self._kept if kept <= epoch)
        return found, self._kept[found]


def even_choice(epochs: Sequence[int], most: int) -> list[int]:
    """Return at most `most` of some epochs, spaced as evenly as they are, the first and the last among them.

    >>> even_choice((0, 1, 2, 3, 4), 3)
    [0, 2, 4]
    """
    places = np.linspace(0, len(epochs) - 1, min(most, len(epochs))).round().astype(int)
    return [epochs[place] for place in places]
