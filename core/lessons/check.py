"""Whether the goals of a lesson hold what their author says: both addresses beside each are trained and judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.datasets import prepare
from core.datasets.downloads import NotDownloadedError
from core.engine.programs import Programs
from core.errors import HiddenLayersError
from core.experiment import Experiment, count_parameters, menus
from core.lessons.finished_run import FinishedRun
from core.lessons.judge import MISSED, REACHED, SEEDS, Verdict, judge, judge_seeds, seeds_study
from core.lessons.lesson import Lesson, Step
from core.messages.commands import Command
from core.messages.updates import ENDED, FAILED, Update
from core.runs.values import DIVERGED
from core.studies.training import train_study
from core.training.trainer import Trainer


@dataclass(frozen=True)
class Checked:
    """What came of one address of a goal.

    Attributes:
        step: the title of its step.
        expected: REACHED or MISSED.
        verdict: None where it could not be trained.
        problem: why it could not; "" where it could.
        is_unknown: whether it could not because its pictures have not been downloaded, which says nothing of the goal.
    """

    step: str
    expected: str
    verdict: Verdict | None
    problem: str = ""
    is_unknown: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is as the author says."""
        return self.is_unknown or (self.verdict is not None and self.verdict.state == self.expected)


def check_lesson(lesson: Lesson, programs: Programs) -> Iterator[Checked]:
    """Train the addresses beside the goals of a lesson, and yield what comes of each."""
    for step in lesson.steps:
        if step.goal is None:
            continue
        for expected, experiment in ((REACHED, step.goal.reached_by), (MISSED, step.goal.missed_by)):
            if experiment is not None:
                yield _check(step, experiment, expected, programs)


def _check(step: Step, experiment: Experiment, expected: str, programs: Programs) -> Checked:
    try:
        return Checked(step.title, expected, verdict_on(step, experiment, programs))
    except NotDownloadedError as error:
        return Checked(step.title, expected, None, str(error), is_unknown=True)
    except HiddenLayersError as error:
        return Checked(step.title, expected, None, str(error))


def verdict_on(step: Step, experiment: Experiment, programs: Programs) -> Verdict:
    """Train an experiment and judge it, with all places that the goal asks for opened.

    Raises:
        HiddenLayersError: where it cannot be trained.
    """
    goal = step.goal
    if goal is None:
        raise ValueError(f"the step {step.id} has no goal")
    if goal.seeds is None:
        return judge(step, train_once(experiment, programs), goal.opened)
    split = prepare(experiment.data)
    parameters = count_parameters(experiment.network, split.inputs, split.classes)
    results = train_study(seeds_study(step, experiment), programs).results
    run = FinishedRun.of_member(results[0], parameters)
    verdict = judge(step, run, goal.opened)
    return judge_seeds(step, run, results, goal.opened) if verdict.state == SEEDS else verdict


def train_once(experiment: Experiment, programs: Programs) -> FinishedRun:
    """Train an experiment in this process; a small network on the plain graph alone, which needs no compiler.

    Raises:
        HiddenLayersError: where it cannot be trained.
    """
    rows: list[list[float]] = []
    updates: list[Update] = []

    def take(update: Update) -> None:
        if updates and updates[-1].status in ENDED:
            return
        del rows[update.first_row :]
        rows.extend(update.rows.tolist())
        updates[:] = [update]
        if update.status in ENDED:
            trainer.abandon()  # the compiled program would only train the same epochs again

    trainer = Trainer(experiment, take, programs, rest=np.inf)
    trainer.send(Command("train"))
    trainer.attend()
    last = updates[-1]
    columns = np.array(rows, np.float32).reshape(-1, len(menus.HISTORY[experiment.data.task])).T
    return FinishedRun(
        key="",
        experiments=(experiment,),
        status=DIVERGED if last.status == FAILED else last.status,
        history=dict(zip(menus.HISTORY[experiment.data.task], columns, strict=True)),
        parameters=trainer.parameters,
        confusion=last.arrays.get("confusion"),
    )
