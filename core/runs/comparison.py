"""Several runs beside each other: their settings, figures and curves. No number depends on which others are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.experiment import Experiment, to_params
from core.figures.compared_curves import LOOKS
from core.runs.naming import label_of
from core.runs.values import DIVERGED, KeptRun, RunSummary

LEAST, MOST = 2, LOOKS  # runs that are compared at once
BY = ("epoch", "step", "time")  # what a curve is drawn over


@dataclass(frozen=True)
class SettingRow:
    """A setting of several runs.

    Attributes:
        label: what it is called.
        values: one a run; "" where a run has no such setting.
    """

    label: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether not all runs have the same value."""
        return len(set(self.values)) > 1


@dataclass(frozen=True)
class Figures:
    """What a run has reached, or how far it is from what another one has; None where that is not known."""

    best_score: float | None
    last_score: float | None
    best_loss: float | None
    last_loss: float | None
    epochs: float | None
    parameters: float | None
    seconds: float | None


def looks_for(keys: Sequence[str], known: Mapping[str, int]) -> dict[str, int]:
    """Return the look of each run, a number below LOOKS, no two the same.

    A run keeps the look that it is known by, unless one before it in `keys` is known by the same.

    Args:
        keys: of the runs, at most MOST.
        known: looks of runs that were shown before.

    >>> looks_for(["a", "b", "c"], {"b": 0})
    {'a': 1, 'b': 0, 'c': 2}
    """
    looks: dict[str, int] = {}
    for key in keys:
        if key in known and known[key] not in looks.values():
            looks[key] = known[key]
    free = [look for look in range(LOOKS) if look not in looks.values()]
    # One that nobody is known by first, so that runs which are compared one after another differ as well.
    free.sort(key=lambda look: look in known.values())
    return {key: looks[key] if key in looks else free.pop(0) for key in keys}


def setting_rows(experiments: Sequence[Experiment]) -> list[SettingRow]:
    """Return all settings of the experiments, in the order of the address."""
    params = [to_params(experiment) for experiment in experiments]
    keys = dict.fromkeys(key for one in params for key in one)
    return [SettingRow(label_of(key), tuple(one.get(key, "") for one in params)) for key in keys]


def figures_of(run: RunSummary) -> Figures:
    """Return what a run has reached."""
    return Figures(run.best_score, run.last_score, run.best_loss, run.last_loss, run.epoch, run.parameters, run.seconds)


def difference(run: Figures, baseline: Figures) -> Figures:
    """Return a run's figures minus those of the baseline."""
    pairs = zip(vars(run).values(), vars(baseline).values(), strict=True)
    return Figures(*(None if one is None or other is None else one - other for one, other in pairs))


def has_diverged(run: KeptRun) -> bool:
    """Return whether a run's loss became NaN or infinite, at its end or before."""
    losses = (run.history[name] for name in ("loss", "val_loss"))
    return run.summary.status == DIVERGED or not all(map(math.isfinite, (value for one in losses for value in one)))


def progress(run: KeptRun, by: str, train_rows: int | None = None) -> NDArray[np.float64]:
    """Return where the end of each epoch is drawn: float64 (epochs,).

    Args:
        by: one of BY. A step is one update; the batch size of every epoch counts. Time is in seconds, as if all epochs
            had taken the same.
        train_rows: how many rows are trained on, for steps.
    """
    epochs = len(run.history["loss"])
    ends = np.arange(1, epochs + 1, dtype=np.float64)
    if by == "time":
        return ends * (run.summary.seconds / max(epochs, 1))
    if by == "step" and train_rows is not None:
        steps = np.zeros(epochs)
        for (first, experiment), (end, _) in pairwise((*run.plan, (epochs, run.plan[-1][1]))):
            steps[first:end] = math.ceil(train_rows / experiment.training.batch_size)
        return np.cumsum(steps)
    return ends
