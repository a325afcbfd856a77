"""Studies on the workers, as pages have them: `python -m benchmarks.studies [--json]`; also part of `benchmarks.study`.

The server's own registries of jobs and studies, on two workers, without a page. Everything has been compiled before;
the figures are medians of TURNS turns, in which the study and the single run follow each other:

    study_ms, single_ms   from the start of a study of 20 seeds of moons, 100 epochs, or of one run of it, to its end as
                          the server sees it: of the study with all histories and boundaries, of the run with its plane
    ratio                 study_ms / single_ms; to be at most RATIO
    grid_s                4 rates × 4 networks of moons over 3 seeds, 48 runs of 100 epochs; to be at most GRID_S
    cold_s, grid_cold_s   seconds of the first of each, which compiles
    alone, beside         epochs a second of a run of sine in the lab, alone and while a study of sine trains
    share                 beside / alone; to be at least SHARE
    elsewhere_cores       cores that other programs kept busy
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.command_line import parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.report import text_table
from core.analysis.axes import Axes
from core.experiment import Experiment, read_query
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.updates import ENDED, FINISHED
from core.studies.plans import Plan
from core.studies.snapshot import StudySnapshot
from core.studies.study import Study
from core.studies.varied import Varied

WORKERS = 2
TURNS = 7
RATIO = 4.0
GRID_S = 6.0
SHARE = 0.5
SECONDS = 6.0  # that the run of sine is counted
_SETTLE_SECONDS = 3.0
_COMPILE_SECONDS = 8.0
_LOOK_SECONDS = 0.0005
_MOST_SECONDS = 200.0
OWNER = "benchmark"
MOONS = "recipe=moons&epochs=100"
SINE = "recipe=sine&epochs={epochs}"
GRID = ("lr=0.001,0.003,0.01,0.03", "layers=tanh-4;tanh-8;tanh-4,tanh-2;tanh-8,tanh-4")
HEADINGS = {
    "study_ms": "20 seeds, ms",
    "single_ms": "single run, ms",
    "ratio": "ratio",
    "ratio_reached": f"at most {RATIO:g}",
    "cold_s": "cold s",
    "grid_s": "4×4×3, s",
    "grid_reached": f"at most {GRID_S:g}",
    "grid_cold_s": "cold s",
    "alone": "alone, epochs/s",
    "beside": "beside a study",
    "share": "share",
    "share_reached": f"at least {SHARE:g}",
    "elsewhere_cores": "cores busy elsewhere",
}


@dataclass(frozen=True)
class OnWorkers:
    """The figures; see the module."""

    study_ms: float
    single_ms: float
    ratio: float
    ratio_reached: bool
    cold_s: float
    grid_s: float
    grid_reached: bool
    grid_cold_s: float
    alone: float
    beside: float
    share: float
    share_reached: bool
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table or JSON."""
    options = parser_of("benchmarks.studies", "Studies on the workers.").parse_args(arguments)
    print_measured(measure(), report, options.json)


def report(figures: OnWorkers) -> str:
    """Return the figures as a table."""
    return text_table([asdict(figures)], HEADINGS)


def measure() -> OnWorkers:
    """Start workers, measure, and stop them."""
    jobs = Jobs(WORKERS)
    try:
        _wait(lambda: len(jobs.cluster.portions.look().idle) == WORKERS)
        time.sleep(_SETTLE_SECONDS)  # the workers compile the first experiment
        return _measure(jobs)
    finally:
        jobs.close()


def _measure(jobs: Jobs) -> OnWorkers:
    elsewhere = Elsewhere()
    moons = read_query(MOONS)
    luck, rates, networks = Study(moons), *map(Varied.parse, GRID)
    grid = Study(moons, (rates, networks), seeds=3)
    cold_s, _ = _time_study(jobs, luck)
    _compile(jobs, moons)
    study_s, single_s = [], []
    for _ in range(TURNS):
        study_s.append(_time_study(jobs, luck)[0])
        single_s.append(_time_run(jobs, moons))
    grid_cold_s, _ = _time_study(jobs, grid)
    grid_s = median(_time_study(jobs, grid)[0] for _ in range(TURNS))
    alone, beside = _fairness(jobs)
    ratio = median(study_s) / median(single_s)
    return OnWorkers(
        study_ms=1000 * median(study_s),
        single_ms=1000 * median(single_s),
        ratio=ratio,
        ratio_reached=ratio <= RATIO,
        cold_s=cold_s,
        grid_s=grid_s,
        grid_reached=grid_s <= GRID_S,
        grid_cold_s=grid_cold_s,
        alone=alone,
        beside=beside,
        share=beside / alone,
        share_reached=beside / alone >= SHARE,
        elsewhere_cores=elsewhere.cores(),
    )


def _time_study(jobs: Jobs, plan: Plan) -> tuple[float, StudySnapshot]:
    """Train a study, and return the seconds to its end as somebody sees it who waits for news."""
    started = time.perf_counter()
    key = jobs.studies.start(OWNER, plan)
    snapshot = jobs.studies.snapshot(OWNER, key)
    while snapshot.is_live:
        snapshot = jobs.studies.wait(OWNER, key, snapshot.version, 1.0)
        if time.perf_counter() - started > _MOST_SECONDS:
            raise RuntimeError(f"The study takes too long: {snapshot.ended} of {snapshot.total} runs have ended.")
    seconds = time.perf_counter() - started
    if snapshot.status != FINISHED or any(result.surface is None for result in snapshot.results):
        raise RuntimeError(f"The study ended as {snapshot.status}: {snapshot.message}")
    return seconds, snapshot


def _compile(jobs: Jobs, experiment: Experiment) -> None:
    """Have every worker compile a run's program, which begins after a rest."""
    held = [jobs.start(OWNER, experiment, Axes()) for _ in range(2 * WORKERS)]
    time.sleep(_COMPILE_SECONDS)
    for job in held:
        jobs.forget(job)


def _time_run(jobs: Jobs, experiment: Experiment) -> float:
    started = time.perf_counter()
    job = jobs.start(OWNER, experiment, Axes())
    _wait(lambda: job.status in ENDED)
    seconds = time.perf_counter() - started
    jobs.forget(job)
    return seconds


def _fairness(jobs: Jobs) -> tuple[float, float]:
    """Return the epochs a second of a run of sine alone, and beside a study of sine."""
    sine = read_query(SINE.format(epochs=2000))
    study = Study(sine, (Varied.parse("lr=0.001..0.1:16:log"),), seeds=100)
    _compile(jobs, read_query(SINE.format(epochs=50)))
    alone = _epochs_a_second(jobs, sine)
    key = jobs.studies.start(OWNER, study)
    try:
        _wait(lambda: not jobs.cluster.portions.look().idle and _training(jobs.studies.snapshot(OWNER, key)) > 10)
        beside = _epochs_a_second(jobs, sine)
        if not jobs.studies.snapshot(OWNER, key).is_live:
            raise RuntimeError("The study ended before the run that it is to disturb.")
    finally:
        jobs.studies.stop(OWNER, key)
    return alone, beside


def _training(snapshot: StudySnapshot) -> int:
    """Return how many runs train: more than ten are those of two workers."""
    return sum(result.epochs > 0 and not result.has_ended for result in snapshot.results)


def _epochs_a_second(jobs: Jobs, experiment: Experiment) -> float:
    """Count the epochs that a person sees, of one run after another."""
    runs: list[Job] = [jobs.start(OWNER, experiment, Axes())]
    counted, seconds = 0, 0.0
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        job, started, first = runs[-1], time.perf_counter(), runs[-1].epoch
        while job.status not in ENDED and time.perf_counter() - started <= 1.0:
            time.sleep(_LOOK_SECONDS)
        counted, seconds = counted + job.epoch - first, seconds + time.perf_counter() - started
        if job.status in ENDED:
            jobs.forget(job)
            runs.append(jobs.start(OWNER, experiment, Axes()))
    jobs.forget(runs[-1])
    return counted / seconds


def _wait(condition: Callable[[], object]) -> None:
    end = time.perf_counter() + _MOST_SECONDS
    while not condition():
        if time.perf_counter() > end:
            raise RuntimeError("What the benchmark waits for did not come.")
        time.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    main()
