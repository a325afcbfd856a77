"""A run as goals are judged on: what it trained, how it ended and what it reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.classification_report import report
from core.experiment import Experiment
from core.messages.updates import FAILED, FINISHED
from core.runs.values import DIVERGED, KeptRun
from core.studies.results import MemberResult
from core.trained.epoch import weights_epoch


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A run that has ended.

    Attributes:
        key: the run store's.
        experiments: that were in force, oldest first; at least one. The last one is the run's experiment.
        status: FINISHED, DIVERGED, or another outcome of `core.runs.values`, which no goal accepts.
        history: the columns of `menus.HISTORY`, one value an epoch.
        parameters: the network's parameter count.
        was_edited: whether weights were changed by hand.
        confusion: int (classes, classes) of the held-out rows, rows true, after the epoch whose weights are kept; None
            where nobody has computed it, and for regression.
    """

    key: str
    experiments: tuple[Experiment, ...]
    status: str
    history: Mapping[str, Sequence[float] | np.ndarray]
    parameters: int | None
    was_edited: bool = False
    confusion: np.ndarray | None = None

    @classmethod
    def of_kept(cls, kept: KeptRun, confusion: np.ndarray | None = None) -> FinishedRun:
        """Return a run of the store."""
        summary = kept.summary
        experiments = (*(one for _, one in kept.plan[:-1]), summary.experiment)
        return cls(
            summary.key, experiments, summary.status, kept.history, summary.parameters, bool(kept.edits), confusion
        )

    @classmethod
    def of_member(cls, result: MemberResult, parameters: int | None) -> FinishedRun:
        """Return a run of a study."""
        status = DIVERGED if result.status == FAILED else result.status
        return cls("", (result.member.experiment,), status, result.history, parameters)

    @property
    def experiment(self) -> Experiment:
        """The experiment in force in the end."""
        return self.experiments[-1]

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.history["loss"])

    @property
    def is_whole(self) -> bool:
        """Whether it trained to its own end."""
        return self.status == FINISHED

    @property
    def has_diverged(self) -> bool:
        """Whether its loss became NaN or infinite."""
        return self.status == DIVERGED

    def last(self, metric: str) -> float | None:
        """Return a metric after the epoch whose weights the run ends with; None where it has none."""
        return self._at(metric, weights_epoch(self.experiment, self.history))

    def best(self, metric: str) -> float | None:
        """Return a metric after the epoch with the lowest held-out loss; None where there is none."""
        losses = np.asarray(self.history["val_loss"], np.float64)
        if not np.isfinite(losses).any():
            return None
        return self._at(metric, int(np.argmin(np.where(np.isfinite(losses), losses, np.inf))) + 1)

    def recalls(self) -> NDArray[np.float64] | None:
        """Return the recall of every class that has held-out rows, float64; None where that is not known."""
        if self.confusion is None:
            return None
        found: NDArray[np.float64] = report(self.confusion).recall
        return np.asarray(found[np.isfinite(found)], np.float64)

    def _at(self, metric: str, epoch: int) -> float | None:
        if not epoch or metric not in self.history:
            return None
        value = float(self.history[metric][epoch - 1])
        return value if np.isfinite(value) else None
