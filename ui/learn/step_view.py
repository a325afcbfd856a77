"""One step of a lesson: predict, do, see whether the goal is reached, and read what it means."""

from __future__ import annotations

import streamlit as st

from core.lessons.judge import MISSED, REACHED, asked, must_go_back
from core.lessons.lesson import Lesson, Step
from core.lessons.places import PLACES
from core.runs.lesson_progress import BEGUN, DONE, SKIPPED, Progress, StepProgress
from core.studies.snapshot import ASKING
from ui.components.markdown import literal
from ui.learn import progress
from ui.learn.judging import Standing, judge_step
from ui.server import studies
from ui.session import current, limits, run, widgets
from ui.session import lesson as session

_EVERY_SECONDS = 0.5  # how often a study over seeds is looked at
_CHOICE = "lesson-prediction"


def show_step(lesson: Lesson, step: Step, found: session.OpenLesson, page: str) -> None:
    """Draw the present step."""
    known = progress.all_progress()
    standing = None if progress.state_of(lesson, step, known) == DONE else judge_step(step, page)
    if standing is not None and standing.verdict.state == REACHED:
        known = progress.all_progress()
    stands = known.get((lesson.id, step.id))
    if lesson.intro and step is lesson.steps[0]:
        st.markdown(lesson.intro)
    st.markdown(f"#### {literal(step.title)}")
    if not _show_prediction(lesson, step, found, stands):
        _show_turns(lesson, step, known)
        return
    st.markdown(step.task)
    _show_set_up(step)
    is_done = stands is not None and stands.state == DONE
    if is_done:
        _show_done()
    elif standing is not None:
        _show_goal(step, standing)
        _show_hints(step, found)
    if step.meaning and (is_done or step.goal is None):
        st.markdown(f"**What it means**\n\n{step.meaning}")
    _show_turns(lesson, step, known)


def _show_prediction(lesson: Lesson, step: Step, found: session.OpenLesson, stands: StepProgress | None) -> bool:
    """Draw the question and what was answered; return whether the task is to be shown."""
    prediction = step.prediction
    if prediction is None:
        return True
    predicted = None if stands is None else stands.predicted
    st.markdown(prediction.question)
    if predicted is not None and predicted < len(prediction.choices):
        choice = prediction.choices[predicted]
        st.markdown(f"You said: **{choice.text}**")
        show = st.success if choice.is_right else st.warning
        show(choice.reply, icon=":material/check:" if choice.is_right else ":material/psychology_alt:")
        return True
    if found.shows_task or (stands is not None and stands.state == DONE):
        return True
    st.radio(
        "Your prediction",
        range(len(prediction.choices)),
        index=None,
        format_func=lambda place: prediction.choices[place].text,
        key=f"{_CHOICE}-{lesson.id}-{step.id}",
        on_change=_predict,
        args=(lesson.id, step.id),
    )
    st.button(
        "I don't know",
        on_click=session.amend,
        kwargs={"shows_task": True},
        type="tertiary",
        key="lesson-dont-know",
    )
    return False


def _predict(lesson: str, step: str) -> None:
    chosen = widgets.value(f"{_CHOICE}-{lesson}-{step}")
    if chosen is not None:
        progress.note(lesson, step, BEGUN, predicted=chosen)


def _show_set_up(step: Step) -> None:
    """Offer the step's set-up where it cannot be done in what the lab has, as after a look at something else."""
    if must_go_back(step, current.experiment(), limits.in_force()):
        st.button(
            "Set the lab up for this step",
            on_click=current.set_experiment,
            args=(step.setup,),
            icon=":material/replay:",
            key="lesson-set-up",
        )


def _show_goal(step: Step, standing: Standing) -> None:
    assert step.goal is not None
    phrases = [*asked(step.goal), *(f"open {PLACES[place]}" for place in step.goal.opened)]
    lines = "\n".join(f"- {literal(phrase)}" for phrase in phrases)
    st.markdown(f"**Goal**\n\n{lines}")
    verdict = standing.verdict
    if standing.study is not None:
        st.fragment(_follow_seeds, run_every=_EVERY_SECONDS)(standing.study.key)
    elif standing.problem:
        st.warning(literal(standing.problem))
        st.button("Try again", key="lesson-again", icon=":material/refresh:")
    elif verdict.state == MISSED:
        text = literal(verdict.sentence)
        st.warning(f"Not yet. {text}\n\n{literal(verdict.mistake)}".strip(), icon=":material/target:")
    elif step.goal.needs_run and not verdict.met:
        st.caption("The app checks this as soon as a run has ended.")
    else:
        st.info(literal(verdict.sentence), icon=":material/target:")


def _follow_seeds(key: str) -> None:
    """Draw how far a study is; once it has ended, the page judges it."""
    snapshot = studies().snapshot(run.owner(), key)
    if not snapshot.is_live and not snapshot.can_resume:
        st.rerun()
    if snapshot.can_resume:
        st.caption("The runs with other seeds were stopped.")
        st.button("Go on", on_click=studies().resume, args=(run.owner(), key), key="lesson-resume")
        return
    st.progress(
        snapshot.ended / snapshot.total, f"Your run is right. Other seeds: {snapshot.ended} of {snapshot.total}"
    )
    if snapshot.status == ASKING:
        st.button("Train them all", on_click=studies().confirm, args=(run.owner(), key), key="lesson-confirm")


def _show_done() -> None:
    found = session.present()
    text = f": {found.reached}" if found is not None and found.reached else ""
    st.success(f"Goal reached{literal(text)}.", icon=":material/check_circle:")


def _show_hints(step: Step, found: session.OpenLesson) -> None:
    for place, hint in enumerate(step.hints[: found.hints]):
        st.markdown(f"**Hint {place + 1}.** {hint}")
    left = len(step.hints) - found.hints
    if left > 0:
        st.button(
            f"Another hint ({left} left)" if found.hints else "Give me a hint",
            on_click=session.amend,
            kwargs={"hints": found.hints + 1},
            icon=":material/lightbulb:",
            key="lesson-hint",
        )


def _show_turns(lesson: Lesson, step: Step, known: Progress) -> None:
    """Draw the buttons that lead to the step before and the next one."""
    place = lesson.steps.index(step)
    is_done = progress.state_of(lesson, step, known) == DONE
    following = lesson.steps[place + 1] if place + 1 < len(lesson.steps) else None
    with st.container(horizontal=True, key="lesson-turns"):
        if place:
            st.button("Back", on_click=_turn, args=(lesson, lesson.steps[place - 1], step, ""), key="lesson-back")
        if is_done or step.goal is None:
            args = (lesson, following, step, DONE)
            st.button("Next", on_click=_turn, args=args, type="primary", key="lesson-next")
        else:
            args = (lesson, following, step, SKIPPED)
            st.button("Skip this step", on_click=_turn, args=args, key="lesson-skip")


def _turn(lesson: Lesson, to: Step | None, left: Step, state: str) -> None:
    """Go to another step, None for the end, and note how the one that is left stands; "" for nothing."""
    if state:
        progress.note(lesson.id, left.id, state)
    is_next = to is not None and to.is_set_up and bool(state)
    session.open_lesson(lesson.id, session.END if to is None else to.id, sets_up=is_next)
