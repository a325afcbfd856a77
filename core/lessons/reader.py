"""A lesson's file to a `Lesson`. What is wrong is told with its line; `docs/writing-lessons.md` shows the form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from core.errors import ExperimentError, LessonError
from core.experiment import Experiment
from core.lessons.addresses import read_setup
from core.lessons.controls_reader import check_controls, read_controls
from core.lessons.goal import Goal
from core.lessons.goal_reader import read_goal, read_place
from core.lessons.lesson import Choice, Controls, Lesson, More, Prediction, Step
from core.lessons.markdown_sections import Item, Section, read_code, read_list, read_sections, split_header
from core.lessons.yaml_with_lines import Value, read_yaml

BYTES_MOST = 100_000  # of a file

_HEADER = ("id", "title", "minutes", "about", "setup", "controls", "remember", "more")
_MORE = ("place", "text")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TITLE_MOST, _SENTENCE_MOST, _ID_MOST = 80, 300, 60
_MINUTES_MOST = 120
_STEPS_MOST, _HINTS_MOST, _CHOICES_MOST = 20, 6, 6

_SET_UP, _PREDICT, _DO, _GOAL, _HINT, _MEANING = "Set-up", "Predict", "Do", "Goal", "Hint", "What it means"
_PARTS = (_SET_UP, _PREDICT, _DO, _GOAL, _HINT, _MEANING)


def read_lesson(text: str, file: str) -> Lesson:
    """Return the lesson that a file holds.

    Args:
        text: at most BYTES_MOST characters.
        file: its name, for messages.

    Raises:
        LessonError: with the file and the line of the first thing that is wrong.
    """
    try:
        return _read(text.replace("\r\n", "\n").removeprefix("\ufeff"), file)
    except LessonError as error:
        raise LessonError(error.line, error.problem, file) from error


def _read(text: str, file: str) -> Lesson:
    if len(text) > BYTES_MOST:
        raise LessonError(1, f"A lesson has at most {BYTES_MOST:,} characters.")
    if "\0" in text:
        raise LessonError(1, "This is not text.")
    header, body = split_header(text)
    whole = read_yaml(header.text, header.line)
    given = whole.mapping("the header", _HEADER)
    for key in ("id", "title", "minutes", "about", "setup", "remember"):
        if key not in given:
            raise LessonError(whole.line, f"The header needs `{key}`.")
    setup = _setup(given["setup"].address("setup"), given["setup"].line, None)
    controls = read_controls(given["controls"]) if "controls" in given else Controls()
    intro, sections = read_sections(body)
    steps = _steps(sections, setup, body.line)
    if "controls" in given:
        check_controls(controls, steps, given["controls"].line)
    return Lesson(
        id=_id(given["id"]),
        title=given["title"].text("title", _TITLE_MOST),
        minutes=_minutes(given["minutes"]),
        about=given["about"].text("about", _SENTENCE_MOST),
        setup=setup,
        controls=controls,
        intro=intro.markdown,
        steps=steps,
        remember=given["remember"].text("remember", _SENTENCE_MOST),
        more=_more(given["more"]) if "more" in given else None,
        file=file,
    )


def _id(value: Value) -> str:
    found = value.text("id", _ID_MOST)
    if not _ID.fullmatch(found):
        raise LessonError(value.line, "`id` must be words of small letters and digits, joined by dashes.")
    return found


def _minutes(value: Value) -> int:
    found = value.text("minutes", 10)
    if not (found.isascii() and found.isdigit() and 1 <= int(found) <= _MINUTES_MOST):
        raise LessonError(value.line, f"`minutes` must be a whole number from 1 to {_MINUTES_MOST}.")
    return int(found)


def _more(value: Value) -> More:
    given = value.mapping("more", _MORE)
    for key in _MORE:
        if key not in given:
            raise LessonError(value.line, f"`more` needs `{key}`.")
    return More(read_place("place", given["place"]), given["text"].text("text", _SENTENCE_MOST))


def _steps(sections: Sequence[Section], setup: Experiment, line: int) -> tuple[Step, ...]:
    if not 1 <= len(sections) <= _STEPS_MOST:
        raise LessonError(
            line, f"A lesson has 1 to {_STEPS_MOST} steps, each under a heading `## Title`. Received: {len(sections)}."
        )
    steps: list[Step] = []
    for section in sections:
        steps.append(_step(section, setup, is_first=not steps))
        setup = steps[-1].setup
        if steps[-1].id in [step.id for step in steps[:-1]]:
            raise LessonError(section.line, "Two steps have the same title.")
    return tuple(steps)


def _step(section: Section, before: Experiment, is_first: bool) -> Step:
    parts = _parts(section)
    hints = [_text(part) for part in section.sections if part.title == _HINT]
    if len(hints) > _HINTS_MOST:
        raise LessonError(section.line, f"A step has at most {_HINTS_MOST} hints.")
    setup = before
    if _SET_UP in parts:
        code = read_code(parts[_SET_UP].body)
        setup = _setup(code.markdown, code.line, before)
    return Step(
        id=_id_of(section),
        title=section.title,
        setup=setup,
        is_set_up=is_first or _SET_UP in parts,
        prediction=_prediction(parts[_PREDICT]) if _PREDICT in parts else None,
        task=_text(parts[_DO]),
        goal=_goal(parts[_GOAL], setup) if _GOAL in parts else None,
        hints=tuple(hints),
        meaning=_text(parts[_MEANING]) if _MEANING in parts else "",
    )


def _parts(section: Section) -> Mapping[str, Section]:
    """Return the parts of a step by their titles, of several hints the last."""
    if section.body.markdown:
        raise LessonError(section.line + 1, f"Text of a step stands under `### {_DO}` or another part of it.")
    found: dict[str, Section] = {}
    for part in section.sections:
        if part.title not in _PARTS:
            known = ", ".join(f"`### {title}`" for title in _PARTS)
            raise LessonError(part.line, f"There is no part `{part.title}`. Known: {known}.")
        if part.title in found and part.title != _HINT:
            raise LessonError(part.line, f"`### {part.title}` is given twice.")
        found[part.title] = part
    if _DO not in found:
        raise LessonError(section.line, f"A step needs a part `### {_DO}`.")
    return found


def _id_of(section: Section) -> str:
    if not 1 <= len(section.title) <= _TITLE_MOST:
        raise LessonError(section.line, f"A step's title has 1 to {_TITLE_MOST} characters.")
    found = "-".join(re.findall(r"[a-z0-9]+", section.title.lower()))[:_ID_MOST].strip("-")
    if not found:
        raise LessonError(section.line, "A step's title needs letters or digits.")
    return found


def _text(part: Section) -> str:
    if not part.body.markdown:
        raise LessonError(part.line, f"There is no text under `### {part.title}`.")
    return part.body.markdown


def _setup(address: str, line: int, before: Experiment | None) -> Experiment:
    try:
        return read_setup(address, before)
    except ExperimentError as error:
        raise LessonError(line, str(error)) from error


def _goal(part: Section, setup: Experiment) -> Goal:
    code = read_code(part.body)
    return read_goal(read_yaml(code.text, code.line), setup)


def _prediction(part: Section) -> Prediction:
    question, items = read_list(part.body)
    if not question.markdown:
        raise LessonError(part.line, "A prediction begins with a question.")
    if not 2 <= len(items) <= _CHOICES_MOST:
        raise LessonError(part.line, f"A prediction ends with a list of 2 to {_CHOICES_MOST} choices.")
    choices = tuple(_choices(items))
    if sum(choice.is_right for choice in choices) != 1:
        raise LessonError(part.line, "Exactly one choice must be right, `- [x]`.")
    return Prediction(question.markdown, choices)


def _choices(items: Sequence[Item]) -> Iterator[Choice]:
    for item in items:
        if item.is_checked is None:
            raise LessonError(item.line, "A choice begins with `- [ ]`, or the one that is right with `- [x]`.")
        if not item.text or not item.rest:
            raise LessonError(item.line, "Below a choice, indented, stands its answer.")
        yield Choice(item.text, item.rest, item.is_checked)
