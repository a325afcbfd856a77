"""One run, trained to its end in this process as a worker trains it, with a clock beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.axes import Axes
from core.experiment import Experiment

if TYPE_CHECKING:
    from core.engine.programs import Programs
    from core.messages.updates import Update


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Run:
    """How long a run took.

    Attributes:
        first_epoch_s: seconds from its start to the update that brings the first epoch.
        whole_s: … to its end.
        epoch_ms: milliseconds of an epoch alone, in the mean, as the page shows them.
        history: float32 (epochs, columns), by the names of `menus.HISTORY`.
    """

    first_epoch_s: float
    whole_s: float
    epoch_ms: float
    history: np.ndarray


def time_run(experiment: Experiment, shared: Programs, axes: Axes | None) -> Run:
    """Train an experiment with a `Trainer`, from making it to its last update; axes as the page would have them."""
    from core.messages.commands import Command
    from core.training.trainer import Trainer

    first_epoch_at: list[float] = []
    rows: list[np.ndarray] = []
    last: list[Update] = []

    def take(update: Update) -> None:
        if update.epoch and not first_epoch_at:
            first_epoch_at.append(time.perf_counter())
        rows[update.first_row :] = update.rows  # a new generation begins at row 0
        last[:] = [update]

    started = time.perf_counter()
    trainer = Trainer(experiment, take, shared, axes)
    trainer.send(Command("train"))
    trainer.attend()
    whole_s = time.perf_counter() - started
    if (last[0].status, last[0].epoch) != ("finished", experiment.training.epochs):
        raise RuntimeError(f"The run ended as {last[0].status} after epoch {last[0].epoch}: {last[0].message}")
    return Run(first_epoch_at[0] - started, whole_s, trainer.ms_per_epoch, np.array(rows))
