"""A person's progress in lessons: in the run store, and while that does not answer, in the session."""

from __future__ import annotations

import time

from core.errors import RunsError
from core.lessons.lesson import Lesson, Step
from core.runs.lesson_progress import Progress, StepKey, StepProgress
from ui.server import run_writer
from ui.session import lesson as session
from ui.session import run


def all_progress() -> Progress:
    """Return how all steps stand that this person has begun."""
    owner = run.owner()
    try:
        kept = run_writer().ask(lambda _: run_writer().lessons.progress(owner))
    except RunsError:
        kept = {}
    found: dict[StepKey, StepProgress] = dict(kept)
    for key, state in session.noted().items():
        found[key] = found[key].then(state) if key in found else state
    return found


def note(lesson: str, step: str, state: str, predicted: int | None = None, proof: str | None = None) -> None:
    """Note how a step stands; the session remembers it where the run store does not answer."""
    session.note((lesson, step), StepProgress(state, predicted, proof, time.time()))
    try:
        run_writer().lessons.note(run.owner(), lesson, step, state, predicted, proof)
    except RunsError:
        return


def forget(lesson: str) -> None:
    """Forget a lesson's progress, so that it begins again."""
    session.forget(lesson)
    try:
        run_writer().lessons.forget(run.owner(), lesson)
    except RunsError:
        return


def next_step(lesson: Lesson, progress: Progress, passed: tuple[str, ...]) -> Step | None:
    """Return the first step whose state is none of `passed`; None where there is none."""
    return next((step for step in lesson.steps if state_of(lesson, step, progress) not in passed), None)


def state_of(lesson: Lesson, step: Step, progress: Progress) -> str:
    """Return the state of a step; "" before it has begun."""
    found = progress.get((lesson.id, step.id))
    return "" if found is None else found.state
