"""Train the members of a study: those that share a structure in one program, all others one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.engine.many import train_many
from core.engine.programs import Programs
from core.experiment import Experiment, menus
from core.messages.commands import Command
from core.messages.updates import FAILED, FINISHED, STOPPED, Update
from core.studies.portions import groups_of
from core.studies.results import MemberResult, StudyResult
from core.studies.study import Study
from core.training.stopping import BestEpoch, StoppingRule
from core.training.trainer import Trainer


@dataclass(frozen=True)
class StudyProgress:
    """How far a study has come.

    Attributes:
        ended, members: runs that have ended, of so many.
        epochs_done, epochs: epochs of all runs, of so many; those that a run does not need any more count as done.
        seconds: since the start.
    """

    ended: int
    members: int
    epochs_done: int
    epochs: int
    seconds: float

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes if its epochs take as long as those so far; None before the first of them."""
        if not self.epochs_done:
            return None
        return self.seconds * (self.epochs - self.epochs_done) / self.epochs_done


def train_study(
    study: Study,
    programs: Programs,
    report: Callable[[StudyProgress], None] = lambda progress: None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> StudyResult:
    """Train all members of a study.

    A member's history is that of its own run, to about 1e-4 where it shares a program with others (see `train_many`),
    and ends where its own run ends: with early stopping, the target, or a loss that is not finite.

    Args:
        report: called from several threads, one at a time, whenever some epochs are done.
        is_wanted: asked likewise; once it returns False, runs stop after the epochs that they are at, and those that
            have not begun stay without epochs. Both are STOPPED.

    Raises:
        HiddenLayersError: before anything is trained, if data cannot be split as asked or a network is too large.
    """
    training = _StudyTraining(study, programs, report, is_wanted)
    for places in groups_of(training.experiments):
        if not is_wanted():
            break
        if len(places) > 1:
            training.train_together(places)
        else:
            training.train_alone(places[0])
    return training.result()


class _StudyTraining:
    """The members of a study while they train."""

    def __init__(
        self,
        study: Study,
        programs: Programs,
        report: Callable[[StudyProgress], None],
        is_wanted: Callable[[], bool],
    ) -> None:
        self.experiments = [member.experiment for member in study.members]
        self._study = study
        self._programs = programs
        self._report = report
        self._is_wanted = is_wanted
        self._started = time.perf_counter()
        self._lock = threading.Lock()  # held while the figures below change and are reported
        self._results: dict[int, MemberResult] = {}
        self._epochs_ended = 0  # of runs that have ended, all that they were asked for
        self._epochs_begun = 0  # of runs that have not

    def train_together(self, places: Sequence[int]) -> None:
        """Train members of one structure and the same data."""

        def after(epochs: int) -> bool:
            with self._lock:
                self._epochs_begun += epochs
                self._tell()
                return self._is_wanted()

        trained = train_many([self.experiments[place] for place in places], after)
        ended = []
        for place, one in zip(places, trained, strict=True):
            member = self._study.members[place]
            status, epochs = _end_of_own_run(member.experiment, one.history)
            history = {name: column[:epochs] for name, column in one.history.items()}
            ended.append((place, MemberResult(member, status, history)))
        self._end(ended)

    def train_alone(self, place: int) -> None:
        """Train one member as its own run."""
        experiment = self.experiments[place]
        rows: list[np.ndarray] = []
        status, is_stopped = STOPPED, False

        def take(update: Update) -> None:
            nonlocal status, is_stopped
            status = update.status
            rows[update.first_row :] = update.rows
            with self._lock:
                self._epochs_begun = update.epoch
                self._tell()
                if not is_stopped and not self._is_wanted():
                    is_stopped = True  # obeying publishes an update
                    trainer.send(Command("stop"))

        trainer = Trainer(experiment, take, self._programs)
        trainer.send(Command("train"))
        trainer.attend()
        names = menus.HISTORY[experiment.data.task]
        columns = np.array(rows, np.float32).reshape(-1, len(names)).T
        result = MemberResult(self._study.members[place], status, dict(zip(names, columns, strict=True)))
        self._end([(place, result)])

    def result(self) -> StudyResult:
        """Return how all members have ended; those that have not begun are stopped."""
        seconds = time.perf_counter() - self._started
        results = [
            self._results.get(place) or MemberResult.not_begun(member, STOPPED)
            for place, member in enumerate(self._study.members)
        ]
        return StudyResult(self._study, tuple(results), seconds)

    def _end(self, results: Sequence[tuple[int, MemberResult]]) -> None:
        with self._lock:
            self._results.update(results)
            self._epochs_ended += sum(self.experiments[place].training.epochs for place, _ in results)
            self._epochs_begun = 0
            self._tell()

    def _tell(self) -> None:
        done = self._epochs_ended + self._epochs_begun
        epochs = sum(experiment.training.epochs for experiment in self.experiments)
        seconds = time.perf_counter() - self._started
        self._report(StudyProgress(len(self._results), len(self.experiments), done, epochs, seconds))


def _end_of_own_run(experiment: Experiment, history: dict[str, np.ndarray]) -> tuple[str, int]:
    """Return the status and the number of epochs with which the run of its own would have ended.

    Args:
        history: of all epochs, or of fewer if the study was stopped.
    """
    training, task = experiment.training, experiment.data.task
    rule, best = StoppingRule(training, task), BestEpoch()
    rows = np.stack([history[name] for name in menus.HISTORY[task]], axis=1)
    for epoch, figures in enumerate(rows, start=1):
        if not np.isfinite(figures[0]):
            return FAILED, epoch
        best = rule.best_after(best, epoch, figures)
        if rule.reason_to_stop(best, epoch, figures):
            return FINISHED, epoch
    return FINISHED if len(rows) == training.epochs else STOPPED, len(rows)
