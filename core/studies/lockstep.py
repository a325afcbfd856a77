"""A race: runs that train side by side, none of them an epoch ahead of another."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from core.datasets import prepare
from core.engine.memory_check import check_memory
from core.engine.program import State
from core.engine.programs import Programs
from core.engine.turns import Turn
from core.experiment import Experiment, menus
from core.messages.pace import Pace
from core.messages.updates import FAILED, FINISHED, RUNNING, STOPPED
from core.studies.news import MemberNews
from core.studies.surfaces import Surfaces
from core.training.epoch_clock import EpochClock
from core.training.epoch_trainer import EpochTrainer
from core.training.plan import Plan
from core.training.stopping import BestEpoch, StoppingRule, restores_best

_TELL_SECONDS = 0.1  # between two pictures of the racers
_LOOK_SECONDS = 0.02  # between two looks whether the race is still wanted


def train_in_lockstep(
    experiments: Mapping[int, Experiment],
    pace: Pace,
    programs: Programs,
    tell: Callable[[list[MemberNews]], None],
    is_wanted: Callable[[], bool],
) -> None:
    """Train runs epoch by epoch, each epoch of all of them before the next of any.

    It begins when the programs of all are compiled, so that their histories are those of their own runs, bit for bit.
    See `train_together` for the arguments.

    Raises:
        HiddenLayersError: if data cannot be split as asked, or a network is too large.
    """
    turn = Turn(programs.turns, polite=True)
    racers = [_Racer(place, experiment, programs, turn) for place, experiment in experiments.items()]
    for racer in racers:
        racer.start_compiling()
    while not all(racer.is_ready for racer in racers) and is_wanted():
        time.sleep(_LOOK_SECONDS)
    for racer in racers:
        racer.stop_waiting()
    tell([racer.news() for racer in racers])
    epochs = max(experiment.training.epochs for experiment in experiments.values())
    clock = EpochClock()
    clock.pace = pace
    told_at = 0.0
    while any(racer.is_running for racer in racers):
        while (pause := clock.seconds_to_wait(epochs)) > 0 and is_wanted():
            time.sleep(min(pause, _LOOK_SECONDS))
        if not is_wanted():
            break
        clock.start_epoch(epochs)
        going = [racer for racer in racers if racer.is_running]
        for racer in going:
            racer.train_epoch(is_wanted)
        is_due = time.perf_counter() - told_at >= _TELL_SECONDS
        shown = [racer for racer in going if is_due or not racer.is_running]
        for racer in shown:
            racer.look()
        if shown:
            told_at = time.perf_counter()
            tell([racer.news() for racer in going])
    tell([racer.stopped() for racer in racers if racer.is_running])


class _Racer:
    """A run of a race."""

    def __init__(self, place: int, experiment: Experiment, programs: Programs, turn: Turn) -> None:
        self._place = place
        self._experiment = experiment
        split = prepare(experiment.data)
        training, network = experiment.training, experiment.network
        check_memory(network, split.inputs, split.classes, max(training.batch_size, len(split.x_val)))
        self._epochs = EpochTrainer(split, training, programs)
        self._epochs.turn = turn  # one for all racers, which train on one thread
        self._segment = Plan.of(programs, split, experiment).at(0)
        self._program = self._segment.program
        self._state: State = self._program.first_state(network, training.seed)
        self._kept = self._state  # the one whose weights it keeps
        self._surfaces = Surfaces(split)
        self._rule, self._best = StoppingRule(training, experiment.data.task), BestEpoch()
        self._keeps_best = restores_best(training)
        self._status, self._epoch = RUNNING, 0
        self._rows: list[np.ndarray] = []  # not told yet
        self._surface: np.ndarray | None = None
        self._seconds = 0.0

    @property
    def is_running(self) -> bool:
        """Whether it has epochs to train."""
        return self._status == RUNNING

    @property
    def is_ready(self) -> bool:
        """Whether its program is compiled, or cannot be."""
        return self._program.ready or self._program.failed

    def start_compiling(self) -> None:
        """Have its program compiled."""
        self._program.start_compiling(self._state, self._epochs.rows)

    def stop_waiting(self) -> None:
        """Wait for that no more."""
        self._program.stop_waiting()

    def train_epoch(self, is_wanted: Callable[[], bool]) -> None:
        """Train an epoch, piece by piece where it is long, as long as the race is wanted."""
        trained = None
        try:
            while trained is None and is_wanted():
                trained = self._epochs.train(self._segment, self._state, self._epoch)
        finally:
            self._epochs.turn.give()
        if trained is None:
            return
        self._state, record = trained
        self._epoch += 1
        self._seconds += record.seconds
        self._rows.append(record.figures)
        self._status = self._status_after(record.figures)

    def look(self) -> None:
        """Paint what it predicts now; once it has ended, with the weights that it keeps."""
        if self._surfaces.are_drawn:
            turn = self._epochs.turn
            turn.take()
            try:
                state = self._state if self.is_running else self._kept
                outputs = self._program.outputs(state, self._surfaces.inputs)
            finally:
                turn.give()
            self._surface = self._surfaces.paint(outputs, self._program.structure.loss)

    def news(self) -> MemberNews:
        """Return what was not told yet."""
        columns = len(menus.HISTORY[self._experiment.data.task])
        rows = np.array(self._rows, np.float32).reshape(-1, columns)
        news = MemberNews(self._place, self._status, self._epoch - len(rows), rows, self._seconds, self._surface)
        self._rows, self._surface = [], None
        return news

    def stopped(self) -> MemberNews:
        """End before its time, and return that."""
        self._status = STOPPED
        return self.news()

    def _status_after(self, figures: np.ndarray) -> str:
        if not np.isfinite(figures[0]):
            self._kept = self._state
            return FAILED
        self._best = self._rule.best_after(self._best, self._epoch, figures)
        if not self._keeps_best or self._best.epoch == self._epoch:
            self._kept = self._state
        has_ended = self._epoch == self._experiment.training.epochs
        return FINISHED if has_ended or self._rule.reason_to_stop(self._best, self._epoch, figures) else RUNNING
