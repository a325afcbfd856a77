"""The command `python -m core study`: train an experiment many times and print how the results spread."""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import TYPE_CHECKING, Any

from core.commands.experiment import add_experiment, asked_experiment
from core.errors import ExperimentError
from core.experiment import menus
from core.experiment.keys import Whole
from core.studies.study import SEEDS_MOST, WEIGHTS, Study
from core.studies.varied import Varied

if TYPE_CHECKING:
    from core.studies.results import MemberResult, Spread, StudyResult, Summary
    from core.studies.training import StudyProgress

_SEEDS = 20
_SEEDS_EACH = 3  # where settings vary
_HEADINGS = ("runs", "mean", "deviation", "best", "worst", "mean at best epoch", "diverged")


def add_study(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser("study", help="train an experiment many times and print how the results spread")
    add_experiment(command)
    command.add_argument(
        "--seeds",
        metavar="N",
        help=f"runs of each: 2 to {SEEDS_MOST}, {_SEEDS} by default; from 1 and {_SEEDS_EACH} where settings vary",
    )
    command.add_argument("--luck", default=WEIGHTS, help="what another seed changes: weights (default), data or both")
    varied = command.add_mutually_exclusive_group()
    varied.add_argument(
        "--vary",
        metavar="KEY=VALUES",
        help='one setting: "lr=0.001,0.01,0.1", "layers=tanh-4;tanh-4,tanh-2" or a range of five, '
        '"lr=0.001..0.1:5" or with equal ratios "lr=0.001..0.1:5:log"',
    )
    varied.add_argument(
        "--grid", metavar="KEY=VALUES×KEY=VALUES", help="every combination of two settings; * does for ×"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def study(options: argparse.Namespace) -> int:
    """Train the runs and print the results; return 1 if one has diverged or was stopped.

    Raises:
        HiddenLayersError: where an option or a value is not allowed, or an experiment cannot be trained.
    """
    from core.messages.updates import FINISHED

    with asked_experiment(options) as experiment:
        varied = _varied(options)
        seeds = _SEEDS_EACH if varied else _SEEDS
        if options.seeds is not None:
            seeds = Whole("seeds", 1, SEEDS_MOST).parse(options.seeds)
        done = train(Study(experiment, varied, seeds, options.luck), quiet=options.json)
    print(json.dumps(_json(done)) if options.json else report(done))
    return 0 if all(result.status == FINISHED for result in done.results) else 1


def _varied(options: argparse.Namespace) -> tuple[Varied, ...]:
    if options.vary is not None:
        return (Varied.parse(options.vary),)
    if options.grid is None:
        return ()
    parts = re.split("[×*]", options.grid)
    if len(parts) != 2:
        raise ExperimentError("grid", "two settings with their values, KEY=VALUES×KEY=VALUES", options.grid)
    return tuple(map(Varied.parse, parts))


def train(asked: Study, quiet: bool) -> StudyResult:
    """Train a study in this process, with its progress unless `quiet`; missing data are downloaded.

    Ctrl+C stops it: what has been trained by then is returned.

    Raises:
        HiddenLayersError: where an experiment cannot be trained.
    """
    from core.workers.worker import programs

    shared = programs()
    from core.studies.training import train_study
    from core.workers.fetching import fetch_pictures

    for name in {member.experiment.data.name for member in asked.members}:
        if menus.DATA[name].downloaded:
            fetch_pictures(name)
    if not quiet:
        print(f"{len(asked.members)} runs", file=sys.stderr)
    with _stopped_by_interrupt() as is_wanted:
        done = train_study(asked, shared, (lambda progress: None) if quiet else _draw_progress, is_wanted)
    if not quiet:
        print(file=sys.stderr)
    return done


@contextmanager
def _stopped_by_interrupt() -> Iterator[Callable[[], bool]]:
    """Yield what returns False once Ctrl+C has been pressed; a second time it ends the process as usual."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # which alone may say what a signal does
        yield lambda: True
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: not stopped.is_set()
    finally:
        signal.signal(signal.SIGINT, before)


def _draw_progress(progress: StudyProgress) -> None:
    left = progress.seconds_left
    line = f"{progress.ended} of {progress.members} runs, {progress.epochs_done / progress.epochs:.0%} of the epochs"
    if left:
        line += f", about {left:.0f} s left"
    print(f"\r{line:<70}", end="", file=sys.stderr, flush=True)


def report(done: StudyResult) -> str:
    """Return a study as text for the terminal: a table of the held-out figures after the last epoch."""
    summaries = done.summaries()
    keys = [varied.key for varied in done.study.varied]
    rows = [[*keys, *_HEADINGS]]
    for summary in summaries:
        rows.append([*(text for _, text in summary.settings), *_cells(summary)])
    lines = [
        f"{len(done.results)} runs in {done.seconds:.2f} s; {_score(done)} after the last epoch",
        "",
        *_table(rows, left=len(keys)),
    ]
    if not keys:
        lines += ["", summaries[0].sentence()]
    return "\n".join(lines)


def _score(done: StudyResult) -> str:
    names = {"held-out accuracy": menus.CLASSES, "held-out R²": menus.NUMBERS}
    tasks = {result.member.experiment.data.task for result in done.results}
    return " or ".join(name for name, task in names.items() if task in tasks)


def _cells(summary: Summary) -> list[str]:
    def mean(spread: Spread | None) -> str:
        return "-" if spread is None else f"{spread.mean:.4f}"

    best, worst = (_with_seed(result) for result in (summary.best, summary.worst))
    deviation = "-" if summary.last is None else f"{summary.last.deviation:.4f}"
    counts = str(len(summary.results)), str(summary.failed)
    return [counts[0], mean(summary.last), deviation, best, worst, mean(summary.at_best), counts[1]]


def _with_seed(result: MemberResult | None) -> str:
    return "-" if result is None else f"{result.last:.4f} (seed {result.member.seed})"


def _table(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Return rows as lines, the first `left` columns to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _json(done: StudyResult) -> dict[str, Any]:
    summaries = [
        {
            "settings": dict(summary.settings),
            "last": None if summary.last is None else asdict(summary.last),
            "at_best": None if summary.at_best is None else asdict(summary.at_best),
            "failed": summary.failed,
        }
        for summary in done.summaries()
    ]
    members = [
        {
            "experiment": asdict(result.member.experiment),
            "settings": dict(result.member.settings),
            "seed": result.member.seed,
            "best": result.best,
            "best_epoch": result.best_epoch,
            "last": result.last,
            "epochs": result.epochs,
            "status": result.status,
        }
        for result in done.results
    ]
    return {"study": done.study.to_json(), "summaries": summaries, "members": members, "seconds": done.seconds}
