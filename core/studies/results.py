"""What the runs of a study have led to, and their summaries.

The figure of a run is its held-out score: accuracy, or R² for regression.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np

from core.experiment import Experiment, menus
from core.messages.updates import FAILED, FINISHED, QUEUED
from core.studies.study import Member, Settings, Study


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class MemberResult:
    """How a run of a study stands, or has ended.

    Attributes:
        status: QUEUED, RUNNING, FINISHED, STOPPED or FAILED, as in `core.messages.updates`.
        history: float32 (epochs,) by the names of `menus.HISTORY`.
        seconds: that training it took, with all that trained in the same program; 0 where nobody measured.
        surface: what the network predicts over the plane of its data's two features, as bytes: of classes as
            `core.analysis.decision.paint` gives it, uint8 (2, side, side), of numbers as `regression.paint_values`
            does, uint8 (side, side); None for other data, and before it is known. It belongs to the epoch whose
            weights the run keeps.
        message: for the person; may be empty.
    """

    member: Member
    status: str
    history: Mapping[str, np.ndarray]
    seconds: float = 0.0
    surface: np.ndarray | None = None
    message: str = ""

    @classmethod
    def not_begun(cls, member: Member, status: str = QUEUED) -> MemberResult:
        """Return the result of a run without epochs."""
        names = menus.HISTORY[member.experiment.data.task]
        return cls(member, status, dict.fromkeys(names, np.empty(0, np.float32)))

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself, well or not; one that was stopped may go on."""
        return self.status in (FINISHED, FAILED)

    @property
    def epochs(self) -> int:
        """Epochs done, fewer than asked for where the run has stopped early or failed."""
        return len(self.history["loss"])

    @property
    def last(self) -> float | None:
        """The figure after the last epoch; None if there is none, or the run has failed."""
        return None if self.status == FAILED else _figure(self._scores, self.epochs)

    @cached_property
    def best_epoch(self) -> int:
        """The epoch with the lowest held-out loss, the first of equals; 0 if there is none."""
        losses = self.history["val_loss"]
        if not np.isfinite(losses).any():
            return 0
        return int(np.argmin(np.where(np.isfinite(losses), losses, np.inf))) + 1

    @property
    def best(self) -> float | None:
        """The figure after the best epoch; None if there is none."""
        return _figure(self._scores, self.best_epoch)

    @property
    def _scores(self) -> np.ndarray:
        return self.history[score_name(self.member.experiment)]


@dataclass(frozen=True)
class Spread:
    """The distribution of some figures.

    Attributes:
        count: at least 1.
        deviation: the sample standard deviation (n - 1); 0 for a single figure.
        lower, upper: the bounds of the middle half, the quartiles with linear interpolation.
        low, high: the bounds of the range.
    """

    count: int
    mean: float
    deviation: float
    median: float
    lower: float
    upper: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread | None:
        """Return the spread of finite figures, or None if there are none."""
        if not figures:
            return None
        values = np.asarray(figures, np.float64)
        low, lower, median, upper, high = map(float, np.quantile(values, (0, 0.25, 0.5, 0.75, 1)))
        deviation = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        return cls(len(values), float(values.mean()), deviation, median, lower, upper, low, high)


@dataclass(frozen=True, eq=False)
class Summary:
    """The runs of one combination of settings.

    Attributes:
        settings: () in a study of luck.
        results: of all its runs, in the order of their seeds.
        last: of the figures after the last epoch; None if no run has one. Runs that have failed have none.
        at_best: likewise, after the epoch with the lowest held-out loss.
    """

    settings: Settings
    results: tuple[MemberResult, ...]
    last: Spread | None
    at_best: Spread | None

    @classmethod
    def of(cls, settings: Settings, results: Sequence[MemberResult]) -> Summary:
        """Summarize some runs."""
        last = [result.last for result in results if result.last is not None]
        # A run that has failed leads to nothing, however good it was before.
        best = [result.best for result in results if result.best is not None and result.status != FAILED]
        return cls(settings, tuple(results), Spread.of(last), Spread.of(best))

    @property
    def failed(self) -> int:
        """How many runs have failed."""
        return sum(result.status == FAILED for result in self.results)

    @property
    def best(self) -> MemberResult | None:
        """The run with the highest last figure; of equals the one with the lowest held-out loss, then the first."""
        return max(self._with_figure, key=_rank, default=None)

    @property
    def worst(self) -> MemberResult | None:
        """The run with the lowest last figure, likewise; runs that have failed are left out."""
        return min(self._with_figure, key=_rank, default=None)

    @property
    def _with_figure(self) -> list[MemberResult]:
        return [result for result in self.results if result.last is not None]

    def sentence(self) -> str:
        """Say what the figures range over, to two decimals, and which is the most frequent.

        Such as "Between 0.87 and 0.93, most often 0.90: one run tells little."
        """
        if self.last is None:
            return "No run has led to a figure."
        low, high = round(self.last.low, 2), round(self.last.high, 2)
        if low == high:
            return f"Always {low:.2f}: one run tells enough."
        counts = Counter(round(result.last, 2) for result in self.results if result.last is not None)
        median = self.last.median
        often = max(counts, key=lambda figure: (counts[figure], -abs(figure - median), figure))
        return f"Between {low:.2f} and {high:.2f}, most often {often:.2f}: one run tells little."


@dataclass(frozen=True, eq=False)
class StudyResult:
    """A study that has been trained.

    Attributes:
        results: in the order of `study.members`.
        seconds: from its start to its last epoch.
    """

    study: Study
    results: tuple[MemberResult, ...]
    seconds: float

    def summaries(self) -> list[Summary]:
        """Return a summary for every combination of settings, in the order of the study; one for luck."""
        groups = groupby(self.results, key=lambda result: result.member.settings)
        return [Summary.of(settings, tuple(results)) for settings, results in groups]


def _rank(result: MemberResult) -> tuple[float, float]:
    """Return what a run is ranked by: its last figure, and of equal ones its last held-out loss."""
    loss = float(result.history["val_loss"][-1])
    return result.last or 0.0, -loss if math.isfinite(loss) else -math.inf


def score_name(experiment: Experiment) -> str:
    """Return the name of an experiment's held-out score in its history."""
    return "val_accuracy" if experiment.data.task == menus.CLASSES else "val_r2"


def _figure(scores: np.ndarray, epoch: int) -> float | None:
    """Return the finite score after an epoch, or None."""
    value = float(scores[epoch - 1]) if epoch else math.nan
    return value if math.isfinite(value) else None
