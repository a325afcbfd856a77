"""The command `python -m core lessons check`: train what stands beside the goals of lessons, and say what is wrong."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DataError

if TYPE_CHECKING:
    from core.lessons.checked import Checked
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
    is_right = [_tell(lesson, *result, options.json) for lesson, result in zip(whole, _results(whole), strict=True)]
    return 0 if all(is_right) and not broken else 1


def _found(paths: list[Path]) -> list[Lesson | BrokenLesson]:
    from core.lessons.shelf import Shelf, read_file

    for path in paths:
        if not path.is_file():
            raise DataError(f"There is no file {str(path)!r}.")
    return [read_file(path) for path in paths] if paths else list(Shelf().all())


def _results(found: list[Lesson]) -> Iterator[tuple[list[Checked], float]]:
    """Yield what comes of each lesson, as `_train` returns it, from several processes where there are several.

    Nearly all of the time goes to the compiler, which takes one processor in each process.
    """
    count = min(len(found), os.cpu_count() or 1)
    if count < 2:
        yield from map(_train, found)
        return
    with ProcessPoolExecutor(count, get_context("spawn")) as processes:
        yield from processes.map(_train, found)


def _train(lesson: Lesson) -> tuple[list[Checked], float]:
    """Return what comes of the addresses of a lesson, and the seconds that it took."""
    from core.workers.worker import programs

    shared = programs()
    from core.lessons.check import check_lesson

    started = time.perf_counter()
    return list(check_lesson(lesson, shared)), time.perf_counter() - started


def _tell(lesson: Lesson, checked: list[Checked], seconds: float, as_json: bool) -> bool:
    """Print what came of a lesson; return whether its addresses are as the author says."""
    for one in checked:
        if as_json:
            print(json.dumps(_line(lesson, one)), flush=True)
        elif not one.holds:
            print(f"{lesson.file}, {one.step}: {_words(one)}", flush=True)
    if not as_json:
        wrong, trained = sum(not one.holds for one in checked), sum(not one.is_unknown for one in checked)
        result = f"{wrong} of {trained} addresses are not as their author says" if wrong else "right"
        print(f"{lesson.file}: {trained} addresses trained in {seconds:.1f} s: {result}", flush=True)
        for step, problem in dict.fromkeys((one.step, one.problem) for one in checked if one.is_unknown):
            print(f"{lesson.file}, {step}: not checked. {problem}", flush=True)
    return all(one.holds for one in checked)


def _line(lesson: Lesson, one: Checked) -> dict[str, object]:
    found: dict[str, object] = {"file": lesson.file, "step": one.step, "expected": one.expected, "problem": one.problem}
    if one.verdict is not None:
        verdict = one.verdict
        found |= {"state": verdict.state, "missing": verdict.missing, "met": verdict.met, "mistake": verdict.mistake}
    return found


def _words(one: Checked) -> str:
    """Say what is wrong with an address."""
    if one.verdict is None:
        return one.problem
    how = one.verdict.sentence or f"It has: {'; '.join(one.verdict.met)}."
    return f"The address under `{one.expected} by` is {one.verdict.state}. {how} {one.verdict.mistake}".rstrip()
