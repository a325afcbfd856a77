"""After which epoch a run has the weights it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.experiment import Experiment


def weights_epoch(experiment: Experiment, history: Mapping[str, Sequence[float]]) -> int:
    """Return the last epoch of a history, or the best one where early stopping has gone back to it; 0 is none.

    Args:
        history: the columns of `menus.HISTORY`.
    """
    losses = np.asarray(history["val_loss"])
    training = experiment.training
    if training.patience and training.restore_best and len(losses):
        best = int(losses.argmin()) + 1
        if len(losses) - best >= training.patience:
            return best
    return len(losses)
