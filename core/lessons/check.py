"""Whether the goals of a lesson hold what their author says: both addresses beside each are trained and judged."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np

from core.datasets import prepare
from core.datasets.downloads import NotDownloadedError
from core.engine.programs import Programs
from core.errors import HiddenLayersError
from core.experiment import Experiment, menus
from core.lessons.checked import Checked
from core.lessons.finished_run import FinishedRun
from core.lessons.goal import Seeds
from core.lessons.judge import MISSED, REACHED, SEEDS, Verdict, judge, judge_seeds, reaches, seeds_study
from core.lessons.lesson import Lesson, Step
from core.messages.commands import Command
from core.messages.updates import FAILED, Update
from core.runs.values import DIVERGED
from core.studies.results import MemberResult
from core.training.plan import Plan
from core.training.trainer import Trainer

_LOOK_SECONDS = 0.02  # between two looks at the compiler


def check_lesson(lesson: Lesson, programs: Programs) -> Iterator[Checked]:
    """Train the addresses beside the goals of a lesson, and yield what comes of each."""
    goals = [step.goal for step in lesson.steps if step.goal is not None]
    _compile([one for goal in goals for one in (goal.reached_by, goal.missed_by) if one is not None], programs)
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
    return _verdict_over_seeds(step, goal.seeds, experiment, programs)


def _verdict_over_seeds(step: Step, seeds: Seeds, experiment: Experiment, programs: Programs) -> Verdict:
    """Train an experiment with one seed after another, until it is certain whether enough of them reach the goal."""
    run = train_once(experiment, programs)
    opened = step.goal.opened if step.goal else ()
    verdict = judge(step, run, opened)
    if verdict.state != SEEDS:
        return verdict
    members = seeds_study(step, experiment).members
    results: list[MemberResult] = []
    reached = 0
    for member in members:
        one = run if member.experiment == experiment else train_once(member.experiment, programs)
        history = {name: np.asarray(column, np.float32) for name, column in one.history.items()}
        results.append(MemberResult(member, FAILED if one.has_diverged else one.status, history))
        reached += reaches(step, one)
        if reached >= seeds.least or len(results) - reached > seeds.of - seeds.least:
            break
    return judge_seeds(step, run, results, opened)


def _compile(experiments: Sequence[Experiment], programs: Programs) -> None:
    """Have the programs of experiments compiled, side by side, and wait for them.

    Runs would begin on the plain graph otherwise, and train the same epochs once more when their program is ready.
    """
    awaited = []
    for experiment in experiments:
        with suppress(HiddenLayersError):  # which is told when the experiment is to be trained
            split = prepare(experiment.data)
            program = Plan.of(programs, split, experiment).at(0).program
            rows = programs.rows(split, experiment.training.class_weight)
            program.start_compiling(program.first_state(experiment.network, experiment.training.seed), rows)
            awaited.append(program)
    while not all(program.failed or program.ready for program in awaited):
        time.sleep(_LOOK_SECONDS)
    for program in awaited:
        program.stop_waiting()


def train_once(experiment: Experiment, programs: Programs) -> FinishedRun:
    """Train an experiment in this process.

    Raises:
        HiddenLayersError: where it cannot be trained.
    """
    rows: list[list[float]] = []
    updates: list[Update] = []

    def take(update: Update) -> None:
        del rows[update.first_row :]
        rows.extend(update.rows.tolist())
        updates[:] = [update]

    trainer = Trainer(experiment, take, programs)
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
