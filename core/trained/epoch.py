"""The epoch that a run's final weights belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.experiment import Experiment, menus


def weights_epoch(experiment: Experiment, history: Mapping[str, Sequence[float] | np.ndarray]) -> int:
    """Return the last epoch of a history, or the best one where the run ended and restored its weights; 0 for none.

    Args:
        history: the columns of `menus.HISTORY`.
    """
    losses = np.asarray(history["val_loss"], np.float32)
    training = experiment.training
    if not (training.patience and training.restore_best and len(losses)):
        return len(losses)
    best = int(np.argmin(np.where(np.isnan(losses), np.inf, losses))) + 1
    is_over = len(losses) >= training.epochs or len(losses) - best >= training.patience
    if training.target:
        score = history["val_accuracy" if experiment.data.task == menus.CLASSES else "val_r2"]
        is_over = is_over or bool(np.float32(score[-1]) >= training.target)
    return best if is_over else len(losses)


def longest_wait(losses: Sequence[float] | np.ndarray) -> int:
    """Return the most epochs in a row that brought no lower held-out loss: a larger patience stops no such run.

    >>> longest_wait([0.9, 0.7, 0.8, 0.8, 0.6, 0.7])
    2
    """
    longest = waited = 0
    lowest = np.inf
    for loss in np.asarray(losses, np.float32):
        waited = 0 if loss < lowest else waited + 1
        lowest, longest = min(lowest, loss), max(longest, waited)
    return longest
