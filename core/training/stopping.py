"""When a run ends before its epochs are done."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.experiment import TrainingSpec, menus
from core.training.notices import StoppedEarly, TargetReached


@dataclass(frozen=True)
class BestEpoch:
    """The epoch with the lowest held-out loss so far; epoch 0 before the first."""

    epoch: int = 0
    loss: float = math.inf


def restores_best(training: TrainingSpec) -> bool:
    """Return whether the weights of the best epoch are restored when training ends, early or not."""
    return bool(training.patience) and training.restore_best


class StoppingRule:
    """Early stopping and the target, checked after every epoch.

    Early stopping is that of Keras's `EarlyStopping(monitor="val_loss")`: only a smaller loss is better. Nothing in it
    changes.
    """

    def __init__(self, training: TrainingSpec, task: str) -> None:
        self._training = training
        self._task = task
        names = menus.HISTORY[task]
        self._loss = names.index("val_loss")
        self._score = names.index("val_accuracy" if task == menus.CLASSES else "val_r2")

    def best_after(self, best: BestEpoch, epoch: int, figures: np.ndarray) -> BestEpoch:
        """Return the best epoch after one more (1 is the first), whose row of the history is given."""
        loss = float(figures[self._loss])
        if loss < best.loss or not best.epoch:
            return BestEpoch(epoch, min(best.loss, loss))  # a first loss of NaN leaves infinity
        return best

    def reason_to_stop(self, best: BestEpoch, epoch: int, figures: np.ndarray) -> TargetReached | StoppedEarly | None:
        """Return why the run ends with this epoch, or None where it goes on.

        Args:
            best: what `best_after` returned for this epoch.
        """
        training = self._training
        if training.target and figures[self._score] >= training.target:
            return TargetReached(epoch, float(figures[self._score]), training.target, self._task)
        if training.patience and epoch - best.epoch >= training.patience:
            return StoppedEarly(best.epoch, training.patience)
        return None
