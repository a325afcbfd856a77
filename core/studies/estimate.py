"""How long the rest of a study will take, from what its portions have taken so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.studies.news import PortionNews


@dataclass(frozen=True)
class Estimate:
    """What the portions have taken so far.

    Attributes:
        told: the last (training seconds, epochs of all runs) of each portion, by its key.
        compiled: the seconds that each program took to compile.
    """

    told: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    compiled: Mapping[object, float] = field(default_factory=dict)

    def after(self, key: str, program: object, news: PortionNews) -> Estimate:
        """Return the estimate with the news of a portion."""
        told = {**self.told, key: (news.training, news.epochs)}
        longest = max(news.compiling, self.compiled.get(program, 0.0))
        return replace(self, told=told, compiled={**self.compiled, program: longest})

    def seconds_left(self, epochs: int, programs: Sequence[object], workers: int) -> float | None:
        """Return how long the rest takes on some workers; None before the first epochs.

        Args:
            epochs: that are left, of all runs together.
            programs: that the portions which are left need, one for each.
        """
        trained = sum(epochs for _, epochs in self.told.values())
        if not trained:
            return None
        each = sum(seconds for seconds, _ in self.told.values()) / trained
        unknown = len(set(programs) - self.compiled.keys())
        compiling = unknown * sum(self.compiled.values()) / max(1, len(self.compiled))
        at_once = max(1, min(workers, len(programs) + 1))
        return (epochs * each + compiling) / at_once
