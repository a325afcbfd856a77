"""When a run ends before its epochs are done."""

from __future__ import annotations

import math

import numpy as np

from core.experiment import TrainingSpec, menus


class StoppingRule:
    """Early stopping and the target, looked at after every epoch.

    As Keras's EarlyStopping with `monitor="val_loss"`: only a smaller loss counts as better.

    Attributes:
        best_epoch: the one with the smallest held-out loss until now; 0 before the first.
    """

    def __init__(self, training: TrainingSpec, task: str) -> None:
        self._training = training
        names = menus.HISTORY[task]
        self._loss = names.index("val_loss")
        self._score = names.index("val_accuracy" if task == menus.CLASSES else "val_r2")
        self._score_name = "held-out accuracy" if task == menus.CLASSES else "held-out R²"
        self.best_epoch = 0
        self._best = math.inf

    @property
    def restores(self) -> bool:
        """Whether the weights of the best epoch come back where training ends, however it comes to that."""
        return bool(self._training.patience) and self._training.restore_best

    def look(self, epoch: int, figures: np.ndarray) -> str:
        """Return why the run ends with this epoch (1 is the first), or "" where it goes on."""
        training = self._training
        if figures[self._loss] < self._best or not self.best_epoch:
            self._best, self.best_epoch = min(self._best, figures[self._loss]), epoch
        if training.target and figures[self._score] >= training.target:
            score = f"{figures[self._score]:.3f}"
            return f"The {self._score_name} reached {score} in epoch {epoch}: the target was {training.target:g}."
        if training.patience and epoch - self.best_epoch >= training.patience:
            return (
                f"Stopped early: the held-out loss was best after epoch {self.best_epoch} and has not fallen below "
                f"that in {training.patience} epochs."
            )
        return ""
