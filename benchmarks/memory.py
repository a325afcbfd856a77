"""The memory that many runs leave behind: `python -m benchmarks.memory [--json] [--runs N]`.

One person trains RUNS runs of different shapes, one after the other, as the page starts them: through `Jobs` with the
default cluster and `tend` every two seconds. Nothing is dropped that the app does not drop itself. A process of its own
stands in for the web process and has imported what the page imports.

After every run, and twice a second for the peak, the memory of this process and its descendants is summed up:

    total_mb           PSS: shared memory is counted once
    server_mb, workers_mb   of it, this process and the workers
    rss_mb             RSS, the same pages counted in every process that has them
    peak_mb            the largest total at any moment; the target is at most PEAK_MOST_MB
    drift_mb           total after the last run minus that after run BASE_RUN; the target is at most DRIFT_MOST_MB
    replaced           workers that were replaced by fresh ones; the target is at most REPLACED_MOST
    lost               runs that did not finish
    first_epoch_s, run_s   seconds from the start of a run to its first epoch, and to its end: median, p95 and the worst
    elsewhere_cores    cores that other programs kept busy

The curve has a row every CURVE_EVERY runs, with the slowest run since the row before.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from statistics import median
from typing import TYPE_CHECKING

import psutil

from benchmarks.command_line import add_count, parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.report import quantile, text_table
from core.analysis.axes import Axes
from core.experiment import Experiment, menus, read_query

if TYPE_CHECKING:
    from core.jobs.job import Job
    from core.jobs.jobs import Jobs

RUNS = 300
BASE_RUN = 20
CURVE_EVERY = 10
PEAK_MOST_MB = 2048
DRIFT_MOST_MB = 150
REPLACED_MOST = 10
EPOCHS = 20
DATA = ("moons", "iris", "circles", "digits", "spiral", "penguins")
ACTIVATIONS = ("tanh", "relu", "sigmoid", "elu", "swish")
TEND_SECONDS = 2.0
LOOK_SECONDS = 0.5
READY_SECONDS = 120.0
RUN_MOST_SECONDS = 60.0
TO_REACH = {
    "peak_mb": f"at most {PEAK_MOST_MB}",
    "drift_mb": f"at most {DRIFT_MOST_MB}",
    "replaced": f"at most {REPLACED_MOST}",
    "lost": "0",
}
CURVE_HEADINGS = {
    "run": "after run",
    "total_mb": "memory MB (PSS)",
    "server_mb": "server",
    "workers_mb": "workers",
    "rss_mb": "RSS",
    "replaced": "workers replaced",
    "slowest_s": "slowest run s",
}
_MB = 2**20


@dataclass(frozen=True)
class Memory:
    """Megabytes at one moment, and the workers there were."""

    server_mb: float
    workers_mb: float
    rss_mb: float
    workers: frozenset[int]

    @property
    def total_mb(self) -> float:
        return self.server_mb + self.workers_mb


@dataclass(frozen=True)
class Point:
    """The memory after a run."""

    run: int
    total_mb: float
    server_mb: float
    workers_mb: float
    rss_mb: float
    replaced: int
    slowest_s: float


@dataclass(frozen=True)
class Figures:
    """What was measured; see the module for what each figure is."""

    runs: int
    curve: tuple[Point, ...]
    peak_mb: float
    base_mb: float
    end_mb: float
    drift_mb: float
    replaced: int
    lost: int
    first_epoch_s: float
    first_epoch_s_p95: float
    first_epoch_s_worst: float
    run_s: float
    run_s_p95: float
    run_s_worst: float
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the memory and print curve and figures, or JSON."""
    parser = parser_of("benchmarks.memory", "What many runs leave in memory.")
    add_count(parser, "runs", RUNS, "how many", most=len(list(experiments())))
    options = parser.parse_args(arguments)
    print_measured(measure(options.runs), report, options.json)


def measure(runs: int = RUNS) -> Figures:
    """Return the figures of so many runs."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(measure_here, runs).result()


def report(figures: Figures) -> str:
    """Return the curve and the figures as tables."""
    values = {name: value for name, value in asdict(figures).items() if name != "curve"}
    rows = [{"name": name, "measured": value, "to_reach": TO_REACH.get(name, "")} for name, value in values.items()]
    curve = text_table([asdict(point) for point in figures.curve], CURVE_HEADINGS)
    return f"{curve}\n\n{text_table(rows, {'name': 'many runs', 'measured': 'measured', 'to_reach': 'to reach'})}"


def experiments() -> Iterator[Experiment]:
    """Yield experiments of different shapes."""
    for units, activation, data in itertools.product(range(4, 36, 2), ACTIVATIONS, DATA):
        yield read_query(f"data={data}&layers={activation}-{units},tanh-{units // 2}&epochs={EPOCHS}")


# In a process of its own


def measure_here(runs: int) -> Figures:
    """Measure in this process, which must be a new one."""
    from core.messages.updates import FINISHED
    from ui import server

    jobs = server.jobs()
    elsewhere = Elsewhere()
    statuses, first_epoch_s, run_s, behind = [], [], [], []
    with _tended(jobs), Memories() as memories:
        _wait_for_workers(jobs)
        memories.look()
        for number, experiment in enumerate(itertools.islice(experiments(), runs), 1):
            started = time.perf_counter()
            job = _start(jobs, experiment)
            first_epoch_s.append(_wait(job, started, first=True))
            run_s.append(_wait(job, started))
            statuses.append(job.status)
            behind.append((memories.look(), memories.replaced))
            if number % CURVE_EVERY == 0:
                print(f"run {number} of {runs}: {behind[-1][0].total_mb:,.0f} MB", file=sys.stderr, flush=True)
        peak_mb = memories.peak_mb
    jobs.close()
    base_mb, end_mb = (behind[place][0].total_mb for place in (min(BASE_RUN, runs) - 1, -1))
    return Figures(
        runs=runs,
        curve=tuple(
            Point(
                run=number,
                total_mb=memory.total_mb,
                server_mb=memory.server_mb,
                workers_mb=memory.workers_mb,
                rss_mb=memory.rss_mb,
                replaced=replaced,
                slowest_s=max(run_s[max(0, number - CURVE_EVERY) : number]),
            )
            for number, (memory, replaced) in enumerate(behind, 1)
            if number % CURVE_EVERY == 0 or number in (1, runs)
        ),
        peak_mb=peak_mb,
        base_mb=base_mb,
        end_mb=end_mb,
        drift_mb=end_mb - base_mb,
        replaced=behind[-1][1],
        lost=sum(status != FINISHED for status in statuses),
        first_epoch_s=median(first_epoch_s),
        first_epoch_s_p95=quantile(first_epoch_s, 0.95),
        first_epoch_s_worst=max(first_epoch_s),
        run_s=median(run_s),
        run_s_p95=quantile(run_s, 0.95),
        run_s_worst=max(run_s),
        elsewhere_cores=elsewhere.cores(),
    )


def _start(jobs: Jobs, experiment: Experiment) -> Job:
    """Start a run as the page does."""
    axes = None if menus.DATA[experiment.data.name].group == "images" else Axes()
    return jobs.start("benchmark", experiment, axes)


def _wait(job: Job, started: float, first: bool = False) -> float:
    """Watch a run to its first epoch or to its end, for RUN_MOST_SECONDS at most; returns the seconds it took."""
    from core.messages.updates import ENDED

    while job.status not in ENDED and not (first and job.epoch) and time.perf_counter() - started < RUN_MOST_SECONDS:
        job.watch()
        time.sleep(0.005)
    return time.perf_counter() - started


def _wait_for_workers(jobs: Jobs) -> None:
    latest = time.monotonic() + READY_SECONDS
    while not jobs.cluster.ready:
        if time.monotonic() > latest:
            raise RuntimeError("No training worker became ready.")
        time.sleep(0.1)


@contextmanager
def _tended(jobs: Jobs) -> Iterator[None]:
    """Look after the jobs and the workers meanwhile, as app.py does."""
    over = threading.Event()

    def tend() -> None:
        while not over.wait(TEND_SECONDS):
            jobs.tend()

    thread = threading.Thread(target=tend)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Memories:
    """Looks at the memory of this process and its children, twice a second while it is open and when asked."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._workers: set[int] = set()
        self._alive = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking)

    def __enter__(self) -> Memories:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def replaced(self) -> int:
        """The number of workers that are gone."""
        return len(self._workers) - self._alive

    def look(self) -> Memory:
        """Return the memory as it is now."""
        with self._lock:
            memory = memory_now()
            self.peak_mb = max(self.peak_mb, memory.total_mb)
            self._workers |= memory.workers
            self._alive = len(memory.workers)
            return memory

    def _keep_looking(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.look()


def memory_now() -> Memory:
    """Return the memory of this process and of all that it started."""
    this = psutil.Process()
    own = this.memory_full_info()
    workers_mb, rss_mb, workers = 0.0, own.rss / _MB, set()
    for child in this.children(recursive=True):
        try:
            memory = child.memory_full_info()
            is_worker = any("spawn_main" in word for word in child.cmdline())
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        workers_mb += memory.pss / _MB
        rss_mb += memory.rss / _MB
        if is_worker:
            workers.add(child.pid)
    return Memory(own.pss / _MB, workers_mb, rss_mb, frozenset(workers))


if __name__ == "__main__":
    main()
