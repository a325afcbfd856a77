"""Jobs on real worker processes, as their tests start and follow them."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest
from distributed import Client

from core.analysis.axes import Axes
from core.engine.programs import Programs
from core.experiment import read_query
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.commands import Command
from core.messages.pace import Pace
from core.messages.updates import ENDED, PAUSED
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import QUICK
from tests.core.workers import sent_functions
from tests.waiting import PATIENCE, wait_until

AXES = Axes()

Begin = Callable[..., Job]


class Starter:
    """Starts jobs of one browser, and forgets them in the end."""

    def __init__(self, jobs: Jobs, owner: str) -> None:
        self._jobs = jobs
        self._owner = owner
        self._started: list[Job] = []

    def __call__(self, query: str = QUICK, axes: Axes | None = AXES, first: str = "train", pace: float = 0.0) -> Job:
        self._started.append(self._jobs.start(self._owner, read_query(query), axes, first, Pace(pace)))
        return self._started[-1]

    def forget_all(self) -> None:
        for job in self._started:
            self._jobs.forget(job)


def client_of(jobs: Jobs) -> Client:
    """Return Dask's client."""
    return jobs.cluster._connection._connection.client


def wait_for(job: Job, status: str) -> None:
    """Wait until a job has a status, or has ended with another one, which is a failure."""
    wait_until(lambda: job.status in {status, *ENDED}, f"the status {status!r}")
    assert job.status == status, job.message


@contextmanager
def placed_on(jobs: Jobs, address: str) -> Iterator[None]:
    """Have a worker take every run that begins here, whichever would be chosen, as it depends on how busy all are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.cluster._placement, "choose", lambda *_: address)
        yield
        flush(jobs)


def settle(jobs: Jobs, job: Job) -> None:
    """Wait until a run's worker has nothing left to do for it, and the server has heard of all that it has done.

    A run that has ended on the plain graph is replayed by the compiled program, which may round differently. A worker's
    answer may overtake its last update.
    """
    address = jobs.cluster._placement.get(job.run).address
    answers = partial(client_of(jobs).run, sent_functions.settled_at, job.run, workers=[address])
    wait_until(lambda: answers()[address] == (job.generation, job.epoch), "the end of all work for the run")


def train_here(query: str, programs: Programs) -> np.ndarray:
    """Return the history of the same run in this process."""
    record = Record()
    trainer = Trainer(read_query(query), record, programs)
    trainer.send(Command("train"))
    trainer.attend()
    return record.history


def history(job: Job) -> np.ndarray:
    return np.array(list(job.history().values()), np.float32).T


def seen_inside(job: Job) -> set[str]:
    """Return the names of the arrays that one who looks inside is shown."""
    return set(job.frame(0, 0, 0, inside=True).arrays)


def look_inside(jobs: Jobs, job: Job) -> None:
    """Look inside a job's network, and wait until it is shown."""
    jobs.look_inside(job)
    wait_until(lambda: "spaces" in seen_inside(job), "the network's inside")


def pause_at_epoch_2(jobs: Jobs, begin: Begin, query: str) -> Job:
    job = begin(query, first="step")
    wait_for(job, PAUSED)
    jobs.step(job)
    wait_until(lambda: job.epoch == 2 and job.status == PAUSED, "epoch 2")
    settle(jobs, job)
    return job


def open_runs(jobs: Jobs) -> list[str]:
    """Return the runs that the workers hold."""
    held = client_of(jobs).run(sent_functions.open_runs)
    return [run for runs in held.values() for run in runs]


def processes(jobs: Jobs) -> set[int]:
    """Return the workers' process numbers."""
    # A worker that is just being replaced does not answer.
    return {pid for pid in client_of(jobs).run(os.getpid, on_error="return").values() if isinstance(pid, int)}


def warm(jobs: Jobs) -> int:
    """Return how many workers are warm."""
    return len(jobs.cluster._placement.warm)


def scale(jobs: Jobs, workers: int) -> None:
    """Start or stop workers until there are so many, all warm."""
    cluster = jobs.cluster
    wait_until(lambda: cluster.ready, "the first worker")
    cluster._connection._connection.local.scale(workers)

    def is_scaled() -> bool:
        return cluster._alive() == cluster._placement.warm and warm(jobs) == workers

    wait_until(lambda: tend(jobs) or is_scaled(), f"{workers} warm workers")


def tend(jobs: Jobs) -> None:
    """Tend to the workers, but not to the jobs, which nobody watches here, and wait until that is done."""
    jobs.cluster.tend()
    flush(jobs)


def flush(jobs: Jobs) -> None:
    """Wait until everything that the cluster was asked for so far has been sent."""
    is_done = threading.Event()
    jobs.cluster._dispatcher.submit(is_done.set)
    assert is_done.wait(PATIENCE)
