"""A run of a study that shares its program with no other one: it trains as a run of its own."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from core.datasets import prepare
from core.engine.programs import Programs
from core.experiment import Experiment, menus
from core.messages.commands import Command
from core.messages.updates import ENDED, RUNNING, Update
from core.studies.news import MemberNews
from core.studies.surfaces import axes_of
from core.training.trainer import Trainer

_SURFACES = ("boundary", "surface")


def train_alone(
    place: int,
    experiment: Experiment,
    programs: Programs,
    tell: Callable[[list[MemberNews]], None],
    is_wanted: Callable[[], bool],
) -> None:
    """Train a run as its own, and tell of it while it goes on; see `train_together` for the arguments.

    Raises:
        HiddenLayersError: if the data cannot be split as asked, or the network is too large.
    """
    started = time.perf_counter()
    is_stopped = False

    def take(update: Update) -> None:
        nonlocal is_stopped
        surface = next((update.arrays[name] for name in _SURFACES if name in update.arrays), None)
        status = update.status if update.status in ENDED else RUNNING
        seconds = time.perf_counter() - started
        tell([MemberNews(place, status, update.first_row, update.rows, seconds, surface, update.message)])
        if not is_stopped and not is_wanted():
            is_stopped = True  # obeying publishes an update
            trainer.send(Command("stop"))

    trainer = Trainer(experiment, take, programs, axes_of(prepare(experiment.data)))
    columns = len(menus.HISTORY[experiment.data.task])
    tell([MemberNews(place, RUNNING, 0, np.empty((0, columns), np.float32), 0.0)])
    trainer.send(Command("train" if is_wanted() else "stop"))
    trainer.attend()
