"""Jobs on real worker processes, as their tests follow them."""

import os
import time

import numpy as np

from core.analysis.axes import Axes
from core.engine.programs import Programs
from core.experiment import read_query
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.commands import Command
from core.messages.updates import ENDED
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.waiting import wait_until

AXES = Axes()


def wait_for(job: Job, status: str) -> None:
    wait_until(lambda: job.status == status or (job.status in ENDED and job.status != status))
    assert job.status == status, job.message


def train_here(query: str, programs: Programs) -> np.ndarray:
    record = Record()
    trainer = Trainer(read_query(query), record, programs)
    trainer.send(Command("train"))
    trainer.attend()
    return record.history


def history(job: Job) -> np.ndarray:
    return np.array(list(job.history().values()), np.float32).T


def processes(jobs: Jobs) -> set[int]:
    # A worker that is just being replaced does not answer.
    return {pid for pid in jobs.cluster._dask.run(os.getpid, on_error="return").values() if isinstance(pid, int)}


def warm(jobs: Jobs) -> int:
    return len(jobs.cluster._warm)


def all_replaced(jobs: Jobs, before: set[int]) -> bool:
    """Tend to the two workers, and return whether others are there instead of those before."""
    if warm(jobs) < 2:  # the server tends so seldom that the last one is back before
        time.sleep(1)
    jobs.tend()
    jobs.cluster._dispatcher.submit(lambda: None).result()
    return len(after := processes(jobs)) == 2 and not after & before
