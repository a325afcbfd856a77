"""A study of luck against a single run: `python -m benchmarks.study [--json]`.

First in one process, as from the terminal; then on the workers, as pages have it (`benchmarks.studies`). In one
process, every case is a process of its own, in which both have been compiled. A study is a whole call of
`train_study`, from making it to its summary; a single run is one of the `Trainer`, without a boundary. They take turns,
and the figures are medians:

    study_ms, single_ms   milliseconds from the start to the end
    ratio                 study_ms / single_ms; the target for moons is at most RATIO
    low, median, high     the figures of the study after its last epoch
    reached               for digits, whether the range contains MIDDLE, the middle of the range that is published
    cold_s                seconds of the first study, which traces and compiles
    elsewhere_cores       cores that other programs kept busy
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from statistics import median

from benchmarks import studies
from benchmarks.command_line import parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.report import text_table
from benchmarks.studies import OnWorkers
from benchmarks.training import time_run
from core.experiment import read_query
from core.studies.study import Study

SEEDS = 20
TURNS = 5
RATIO = 4.0
MIDDLE = (0.87 + 0.93) / 2
CASES = {"moons": "recipe=moons&epochs=100", "digits": "recipe=digits"}
HEADINGS = {
    "name": f"{SEEDS} seeds",
    "epochs": "epochs",
    "study_ms": "study, ms",
    "single_ms": "single run, ms",
    "ratio": "ratio",
    "reached": "as asked",
    "low": "lowest",
    "median": "median",
    "high": "highest",
    "cold_s": "cold s",
    "elsewhere_cores": "cores busy elsewhere",
}


@dataclass(frozen=True)
class Row:
    """The medians of a case; see the module for what each figure is.

    Attributes:
        reached: for moons, whether the ratio is at most RATIO; for digits, whether the range contains MIDDLE.
    """

    name: str
    epochs: int
    study_ms: float
    single_ms: float
    ratio: float
    reached: bool
    low: float
    median: float
    high: float
    cold_s: float
    elsewhere_cores: float


@dataclass(frozen=True)
class Figures:
    """What is measured.

    Attributes:
        terminal: a row for every case.
        workers: one row, of studies on the workers.
    """

    terminal: list[Row]
    workers: list[OnWorkers]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the cases and print them as a table or as JSON."""
    options = parser_of("benchmarks.study", "A study against a single run.").parse_args(arguments)
    print_measured(measure(), report, options.json)


def measure() -> Figures:
    """Return the figures of every case, and of the workers."""
    rows = []
    for name in CASES:
        print(f"study: {name}", file=sys.stderr, flush=True)
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            rows.append(process.submit(measure_case, name).result())
    print("study: on the workers", file=sys.stderr, flush=True)
    return Figures(rows, [studies.measure()])


def report(figures: Figures) -> str:
    """Return the figures as two tables."""
    tables = text_table([asdict(row) for row in figures.terminal], HEADINGS), studies.report(figures.workers[0])
    return "\n\n".join(tables)


def measure_case(name: str) -> Row:
    """Measure one case in this process, which must be a new one."""
    from core.workers.worker import programs

    shared = programs()
    from core.studies.training import train_study

    experiment = read_query(CASES[name])
    elsewhere = Elsewhere()
    started = time.perf_counter()
    train_study(Study(experiment, seeds=SEEDS), shared)
    cold_s = time.perf_counter() - started
    time_run(experiment, shared, None)  # which compiles it
    study_ms, single_ms = [], []
    for _ in range(TURNS):
        started = time.perf_counter()
        (summary,) = train_study(Study(experiment, seeds=SEEDS), shared).summaries()
        study_ms.append(1000 * (time.perf_counter() - started))
        single_ms.append(1000 * time_run(experiment, shared, None).whole_s)

    spread = summary.last
    if spread is None:
        raise RuntimeError(f"No run of the study of {name} has led to a figure.")
    ratio = median(study_ms) / median(single_ms)
    return Row(
        name=name,
        epochs=experiment.training.epochs,
        study_ms=median(study_ms),
        single_ms=median(single_ms),
        ratio=ratio,
        reached=ratio <= RATIO if name == "moons" else spread.low <= MIDDLE <= spread.high,
        low=spread.low,
        median=spread.median,
        high=spread.high,
        cold_s=cold_s,
        elsewhere_cores=elsewhere.cores(),
    )


if __name__ == "__main__":
    main()
