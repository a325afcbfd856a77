"""How the goal of the present step stands: judged on the run that the lab shows, over seeds on the workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import HiddenLayersError
from core.lessons.finished_run import FinishedRun
from core.lessons.judge import REACHED, SEEDS, Verdict, judge, judge_seeds
from core.lessons.lesson import Step
from core.runs.lesson_progress import DONE
from core.studies.snapshot import StudySnapshot
from core.studies.study import Study
from ui.learn import progress
from ui.learn.ended_run import ended_run, mark_of
from ui.learn.opened_places import opened_by
from ui.server import studies
from ui.session import lesson as session
from ui.session import run


@dataclass(frozen=True, eq=False)
class Standing:
    """How a goal stands.

    Attributes:
        verdict: of the run, or of the study where that has ended.
        study: that goes on, or waits to; None where there is none.
        problem: why there is none though one is needed; "" otherwise.
    """

    verdict: Verdict
    study: StudySnapshot | None = None
    problem: str = ""


def judge_step(step: Step, page: str) -> Standing | None:
    """Return how the goal of the present step stands, and note where it is reached; None where it has no goal.

    Args:
        page: the place that the person is at.
    """
    found = session.present()
    if found is None or step.goal is None:
        return None
    found = _look(found, page)
    if found.run is None:
        standing, proof = Standing(judge(step, None, found.opened)), None
    else:
        mark, ended = found.run
        standing, proof = _judge_run(step, ended, mark, found)
    if standing.verdict.state == REACHED:
        progress.note(found.lesson, step.id, DONE, proof=proof)
        session.amend(reached="; ".join(standing.verdict.met))
    return standing


def _look(found: session.OpenLesson, page: str) -> session.OpenLesson:
    """Note what the person has opened, and the run that the lab shows if it has ended since the step began."""
    job = run.job()
    mark = mark_of(job)
    changes: dict[str, Any] = {"opened": opened_by(found.opened | {page})}
    if found.ignored is None:
        changes["ignored"] = mark
    elif job is not None and mark not in (found.ignored, found.run and found.run[0]):
        ended = ended_run(job)
        if ended is not None:
            changes["run"] = (mark, ended)
    return session.change(found, **changes)


def _judge_run(step: Step, ended: FinishedRun, mark: str, found: session.OpenLesson) -> tuple[Standing, str | None]:
    """Return how a goal stands that a run is judged by, and the key of what proves it."""
    verdict = judge(step, ended, found.opened)
    if verdict.state != SEEDS or verdict.study is None:
        return Standing(verdict), ended.key
    if found.study is None or found.study[1] != mark:
        try:
            found = _start(verdict.study, mark, found)
        except HiddenLayersError as error:
            return Standing(verdict, problem=str(error)), None
    assert found.study is not None
    key = found.study[0]
    try:
        snapshot = studies().snapshot(run.owner(), key)
    except HiddenLayersError as error:
        return Standing(verdict, problem=str(error)), None
    if snapshot.is_live or snapshot.can_resume:
        return Standing(verdict, snapshot), None
    return Standing(judge_seeds(step, ended, snapshot.results, found.opened)), key


def _start(study: Study, mark: str, found: session.OpenLesson) -> session.OpenLesson:
    """Start the study of a run in place of one about an earlier run.

    Raises:
        HiddenLayersError: where it cannot begin.
    """
    if found.study is not None:
        studies().stop(run.owner(), found.study[0])
    return session.change(found, study=(studies().start(run.owner(), study), mark))
