"""The only run of a learning-rate finder, as a worker trains it."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from core.engine.programs import Programs
from core.experiment import Experiment, menus
from core.messages.updates import FINISHED, RUNNING, STOPPED
from core.studies.news import MemberNews
from core.training.rate_sweep import sweep_rates


def train_sweep(
    place: int,
    experiment: Experiment,
    rates: np.ndarray,
    programs: Programs,
    tell: Callable[[list[MemberNews]], None],
    is_wanted: Callable[[], bool],
) -> None:
    """Sweep over learning rates, and tell of it while it goes on; see `train_together` for the arguments.

    A row of its history is a batch; all columns but the loss are NaN.

    Raises:
        HiddenLayersError: if the data cannot be split as asked, or the network is too large.
    """
    started = time.perf_counter()
    columns = len(menus.HISTORY[experiment.data.task])

    def report(losses: np.ndarray, status: str = RUNNING) -> None:
        rows = np.full((len(losses), columns), np.nan, np.float32)
        rows[:, 0] = losses  # `menus.HISTORY` begins with it
        tell([MemberNews(place, status, 0, rows, time.perf_counter() - started)])

    losses = sweep_rates(experiment, rates, programs, report, is_wanted)
    report(losses, FINISHED if is_wanted() else STOPPED)
