"""The command `python -m core lessons check`: train what stands beside the goals of lessons, and say what is wrong."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DataError

if TYPE_CHECKING:
    from core.lessons.check import Checked
    from core.lessons.lesson import BrokenLesson, Lesson


def add_lessons(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser("lessons", help="check lessons")
    actions = command.add_subparsers(dest="action", required=True)
    checked = actions.add_parser("check", help="read lessons, and train the addresses beside their goals")
    checked.add_argument(
        "file", nargs="*", type=Path, metavar="FILE", help="one or more lessons; all that the app shows without it"
    )
    checked.add_argument("--read-only", action="store_true", help="train nothing")
    checked.add_argument("--json", action="store_true", help="print one JSON object a line for every goal")


def lessons(options: argparse.Namespace) -> int:
    """Check lessons, and return 1 if something is wrong with one.

    Raises:
        DataError: where a file is not there.
    """
    from core.lessons.lesson import BrokenLesson, Lesson

    found = _found(options.file)
    broken = [one for one in found if isinstance(one, BrokenLesson)]
    for one in broken:
        print(one.problem, file=sys.stderr)
    whole = [one for one in found if isinstance(one, Lesson)]
    if options.read_only:
        for lesson in whole:
            print(f"{lesson.file}: {lesson.title}, {len(lesson.steps)} steps")
        return 1 if broken else 0
    is_right = [_train(lesson, options.json) for lesson in whole]
    return 0 if all(is_right) and not broken else 1


def _found(paths: list[Path]) -> list[Lesson | BrokenLesson]:
    from core.lessons.shelf import Shelf, read_file

    for path in paths:
        if not path.is_file():
            raise DataError(f"There is no file {str(path)!r}.")
    return [read_file(path) for path in paths] if paths else list(Shelf().all())


def _train(lesson: Lesson, as_json: bool) -> bool:
    from core.workers.worker import programs

    shared = programs()
    from core.lessons.check import check_lesson

    started = time.perf_counter()
    checked = []
    for one in check_lesson(lesson, shared):
        checked.append(one)
        if as_json:
            print(json.dumps(_line(lesson, one)), flush=True)
        elif not one.holds or one.is_unknown:
            print(f"{lesson.file}, {one.step}: {_words(one)}", flush=True)
    if not as_json:
        wrong = sum(not one.holds for one in checked)
        result = f"{wrong} of {len(checked)} addresses are not as their author says" if wrong else "right"
        print(f"{lesson.file}: {len(checked)} addresses trained in {time.perf_counter() - started:.1f} s: {result}")
    return all(one.holds for one in checked)


def _line(lesson: Lesson, one: Checked) -> dict[str, object]:
    found: dict[str, object] = {"file": lesson.file, "step": one.step, "expected": one.expected, "problem": one.problem}
    if one.verdict is not None:
        verdict = one.verdict
        found |= {"state": verdict.state, "missing": verdict.missing, "met": verdict.met, "mistake": verdict.mistake}
    return found


def _words(one: Checked) -> str:
    """Say what came of an address."""
    if one.verdict is None:
        return f"not checked. {one.problem}" if one.is_unknown else one.problem
    if one.verdict.state == one.expected:
        return f"{one.expected}, as it should be"
    how = one.verdict.sentence or f"It has: {'; '.join(one.verdict.met)}."
    return f"The address under `{one.expected} by` is {one.verdict.state}. {how} {one.verdict.mistake}".rstrip()
