"""Runs of one structure that train in one program, with what is drawn of them meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.datasets import prepare
from core.engine.many import many_program
from core.engine.many_program import ManyProgram, Stacked
from core.engine.program import metric_scale
from core.engine.programs import Programs
from core.engine.structure import RowTensors
from core.engine.turns import Turn
from core.experiment import Experiment, count_parameters, menus
from core.messages.updates import FAILED, FINISHED, RUNNING, STOPPED
from core.studies.news import MemberNews
from core.studies.surfaces import Surfaces
from core.training.stopping import BestEpoch, StoppingRule, restores_best

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
    group = list(experiments.values())
    group += group[-1:] * (size - len(group))
    first = group[0]
    split = prepare(first.data)
    rows = programs.rows(split, first.training.class_weight)
    parameters = max(count_parameters(one.network, split.inputs, split.classes) for one in group)
    products = parameters * len(split.x_train) * size
    program = many_program(group, split, max(1, _CALL_PRODUCTS_MOST // max(1, products)))
    scale, surfaces = metric_scale(split), Surfaces(split)
    turn = Turn(programs.turns, polite=True)
    state = program.first_state(group)
    if not program.is_compiled:
        program.go_on(group, state, rows, 0)  # compiles; what comes of it is thrown away
    runs = [_Run(place, number, experiment) for number, (place, experiment) in enumerate(experiments.items())]
    tell([run.news() for run in runs])
    painted_at = time.perf_counter()
    for epoch in range(0, first.training.epochs, program.at_once):
        if not is_wanted():
            break
        turn.take()
        try:
            before = state
            state, metrics = program.go_on(group, before, rows, epoch)
            call = _Call(epoch, before, state)
            going = [run for run in runs if not run.has_ended]
            for run in going:
                run.take(metrics[:, run.number] * scale, call)
            if surfaces.are_drawn:
                if time.perf_counter() - painted_at >= _SURFACE_SECONDS:
                    painted_at = time.perf_counter()
                    outputs = program.outputs(group, state, surfaces.inputs)
                    for run in going:
                        run.surface = surfaces.paint(outputs[run.number], program.structure.loss)
                ended = [run for run in going if run.has_ended]
                _paint_ends(ended, call, group, program, rows, surfaces)
        finally:
            turn.give()
        tell([run.news() for run in going])
        if all(run.has_ended for run in runs):
            return
    tell([run.stopped() for run in runs if not run.has_ended])


def _paint_ends(
    ended: Sequence[_Run],
    last: _Call,
    group: Sequence[Experiment],
    program: ManyProgram,
    rows: RowTensors,
    surfaces: Surfaces,
) -> None:
    """Paint what runs that have ended predict, each after the epoch whose weights it keeps.

    That may be any epoch of a call, which is then made again with the state of each staying as it is from there on.

    Args:
        last: the call with which they have ended.
    """
    by_call: dict[int, list[_Run]] = {}
    for run in ended:
        by_call.setdefault(run.call.first, []).append(run)
    for first, runs in by_call.items():
        most = np.full(len(group), program.at_once, np.int32)
        for run in runs:
            most[run.number] = run.shown_epoch - first
        if first == last.first and (most == program.at_once).all():
            state = last.after
        else:
            state, _ = program.go_on(group, runs[0].call.before, rows, first, most)
        outputs = program.outputs(group, state, surfaces.inputs)
        for run in runs:
            run.surface = surfaces.paint(outputs[run.number], program.structure.loss)


@dataclass(frozen=True, eq=False)
class _Call:
    """A call of the program: the number of its first epoch, from 0, and the states before and after."""

    first: int
    before: Stacked
    after: Stacked


class _Run:
    """A run as far as its own rules let it go, and what was told of it.

    Attributes:
        number: of the run in the program.
        call: in which the epoch is whose weights the run keeps, as far as it has come.
        surface: what it predicts, if that was not told.
    """

    def __init__(self, place: int, number: int, experiment: Experiment) -> None:
        self.number = number
        self.call = _Call(0, (), ())
        self.surface: np.ndarray | None = None
        self._place = place
        self._epochs = experiment.training.epochs
        self._keeps_best = restores_best(experiment.training)
        self._rule = StoppingRule(experiment.training, experiment.data.task)
        self._best = BestEpoch()
        self._status = RUNNING
        self._epoch = 0
        self._rows = np.empty((0, len(menus.HISTORY[experiment.data.task])), np.float32)  # not told yet
        self._started = time.perf_counter()

    @property
    def has_ended(self) -> bool:
        """Whether its own run would have ended by now."""
        return self._status != RUNNING

    @property
    def shown_epoch(self) -> int:
        """The epoch whose weights it keeps, from 1."""
        return self._best.epoch if self._keeps_best and self._status != FAILED else self._epoch

    def take(self, rows: np.ndarray, call: _Call) -> None:
        """Take in more rows of its history, float32 (rows, columns), up to the epoch with which its own run ends."""
        for count, figures in enumerate(rows, start=1):
            self._epoch += 1
            self._status = self._status_after(figures)
            if self.has_ended:
                rows = rows[:count]
                break
        if self.shown_epoch > call.first:
            self.call = call
        self._rows = np.concatenate([self._rows, rows.astype(np.float32)])

    def news(self) -> MemberNews:
        """Return what was not told yet."""
        first = self._epoch - len(self._rows)
        seconds = time.perf_counter() - self._started
        news = MemberNews(self._place, self._status, first, self._rows, seconds, self.surface)
        self._rows, self.surface = self._rows[:0], None
        return news

    def stopped(self) -> MemberNews:
        """End before its time, and return that."""
        self._status = STOPPED
        return self.news()

    def _status_after(self, figures: np.ndarray) -> str:
        if not np.isfinite(figures[0]):
            return FAILED
        self._best = self._rule.best_after(self._best, self._epoch, figures)
        if self._epoch == self._epochs or self._rule.reason_to_stop(self._best, self._epoch, figures):
            return FINISHED
        return RUNNING
