"""Runs of one structure that train in one program, with what is drawn of them meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from core.datasets import prepare
from core.engine.many import many_program
from core.engine.program import metric_scale
from core.engine.programs import Programs
from core.engine.turns import PoliteTurn
from core.experiment import Experiment, count_parameters, menus
from core.messages.updates import FAILED, FINISHED, RUNNING, STOPPED
from core.studies.news import MemberNews
from core.studies.surfaces import Surfaces
from core.training.stopping import BestEpoch, StoppingRule

Tell = Callable[[list[MemberNews]], None]

_SURFACE_SECONDS = 0.5  # between two pictures of a run
_CALL_PRODUCTS_MOST = 100_000_000  # parameters times training rows times runs times epochs, in one call: about 0.1 s


def train_together(
    experiments: Mapping[int, Experiment], size: int, programs: Programs, tell: Tell, is_wanted: Callable[[], bool]
) -> None:
    """Train runs that share data, epochs and structure, and tell of them after every call of their program.

    Args:
        experiments: by place.
        size: of the program, at least as many as there are runs.
        tell: gets the news of all runs; the first is called before the first epoch, with what has no rows.
        is_wanted: asked before every call; once it returns False, all runs that have not ended are STOPPED.

    Raises:
        DataError: if the data cannot be split as the experiments ask.
    """
    places = list(experiments)
    group = list(experiments.values())
    group += group[-1:] * (size - len(group))
    first = group[0]
    split = prepare(first.data)
    rows = programs.rows(split, first.training.class_weight)
    products = count_parameters(first.network, split.inputs, split.classes) * len(split.x_train) * size
    program = many_program(first, split, size, max(1, _CALL_PRODUCTS_MOST // max(1, products)))
    scale, surfaces = metric_scale(split), Surfaces(split)
    turn = PoliteTurn(programs.turns)
    state = program.first_state(group)
    if not program.is_compiled:
        program.go_on(group, state, rows, 0)  # compiles; what comes of it is thrown away
    runs = {place: _Run(place, experiment) for place, experiment in experiments.items()}
    tell([run.news() for run in runs.values()])
    painted_at = time.perf_counter()
    for epoch in range(0, first.training.epochs, program.at_once):
        if not is_wanted():
            break
        with turn:
            state, metrics = program.go_on(group, state, rows, epoch)
            has_ended = epoch + program.at_once == first.training.epochs
            painted: np.ndarray | None = None
            if surfaces.are_drawn and (has_ended or time.perf_counter() - painted_at >= _SURFACE_SECONDS):
                painted_at = time.perf_counter()
                painted = program.outputs(state, surfaces.inputs)
        for number, place in enumerate(places):
            run = runs[place]
            if not run.has_ended:
                run.take(metrics[:, number] * scale)
                run.surface = None if painted is None else surfaces.paint(painted[number], program.structure.loss)
        tell([run.news() for run in runs.values() if run.is_new])
        if all(run.has_ended for run in runs.values()):
            return
    for run in runs.values():
        run.stop()
    tell([run.news() for run in runs.values() if run.is_new])


class _Run:
    """A run as far as its own rules let it go, and what was told of it."""

    def __init__(self, place: int, experiment: Experiment) -> None:
        self._place = place
        self._epochs = experiment.training.epochs
        self._rule = StoppingRule(experiment.training, experiment.data.task)
        self._best = BestEpoch()
        self._status = RUNNING
        self._epoch = 0
        self._rows = np.empty((0, len(menus.HISTORY[experiment.data.task])), np.float32)  # not told yet
        self._started = time.perf_counter()
        self.surface: np.ndarray | None = None
        self.is_new = True

    @property
    def has_ended(self) -> bool:
        """Whether its own run would have ended by now."""
        return self._status != RUNNING

    def take(self, rows: np.ndarray) -> None:
        """Take in more rows of its history, float32 (rows, columns), up to the epoch with which its own run ends."""
        for count, figures in enumerate(rows, start=1):
            self._epoch += 1
            self._status = self._status_after(figures)
            if self.has_ended:
                rows = rows[:count]
                break
        self._rows = np.concatenate([self._rows, rows.astype(np.float32)])
        self.is_new = True

    def stop(self) -> None:
        """End before its time, unless it has ended."""
        if not self.has_ended:
            self._status, self.is_new = STOPPED, True

    def news(self) -> MemberNews:
        """Return what was not told yet."""
        first = self._epoch - len(self._rows)
        seconds = time.perf_counter() - self._started
        news = MemberNews(self._place, self._status, first, self._rows, seconds, self.surface)
        self._rows, self.surface, self.is_new = self._rows[:0], None, False
        return news

    def _status_after(self, figures: np.ndarray) -> str:
        if not np.isfinite(figures[0]):
            return FAILED
        self._best = self._rule.best_after(self._best, self._epoch, figures)
        if self._epoch == self._epochs or self._rule.reason_to_stop(self._best, self._epoch, figures):
            return FINISHED
        return RUNNING
