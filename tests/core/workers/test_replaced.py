"""A worker that is replaced, or dies, while somebody looks inside a run there."""

import asyncio
import os
import queue
import signal
import threading

import numpy as np
import pytest

from core.errors import WorkersError
from core.jobs import job as job_module
from core.jobs import jobs as jobs_module
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.commands import Command
from core.messages.edits import Freeze, SetWeight, Silence, Undo
from core.messages.updates import FINISHED, INTERRUPTED, PAUSED, RUNNING
from core.training.trainer import Trainer
from core.workers import cluster as cluster_module
from core.workers import worker
from tests.core.training.record import Record
from tests.core.training.runs import QUICK, open_run, tell
from tests.core.workers.worker_processes import all_replaced, history, processes, wait_for, warm
from tests.waiting import wait_until

EDITS = [Silence(0, 1, True), SetWeight("output/kernel", (2, 0), 0.5), Freeze(0, 0, True)]


word = threading.Event()


def wait_for_word(run: str) -> str:
    word.wait()
    return run


def give_word() -> None:
    word.set()


@pytest.fixture(autouse=True)
def _somebody_looks_all_the_while(monkeypatch):
    monkeypatch.setattr(job_module, "INSIDE_SECONDS", 1000.0)


@pytest.fixture
def replace_workers(jobs, monkeypatch):
    """Have all workers, two, replaced because they have grown."""

    def replace() -> None:
        jobs.cluster._local.scale(2)
        wait_until(lambda: warm(jobs) == 2)
        before = processes(jobs)
        with monkeypatch.context() as patch:
            patch.setattr(cluster_module, "MEMORY_BOUND", 0)
            wait_until(lambda: all_replaced(jobs, before))

    monkeypatch.setattr(jobs_module, "REPLAY_SECONDS", 200.0)
    return replace


def rest_inside(jobs: Jobs, begin, query: str) -> Job:
    """Train two epochs, do something by hand, and look inside."""
    job = begin(query, first="step")
    wait_for(job, PAUSED)
    jobs.step(job)
    wait_until(lambda: job.epoch == 2 and job.status == PAUSED)
    for edit in EDITS:
        jobs.edit(job, edit)
    jobs.look_inside(job)
    wait_until(lambda: "spaces" in seen(job))
    return job


def seen(job: Job) -> set[str]:
    return set(job.frame(0, 0, 0, inside=True).arrays)


def undisturbed(query: str, programs) -> Trainer:
    """Return a run here that has done the same."""
    trainer = open_run(query, programs, Record())
    for _ in range(2):
        tell(trainer, "step")
    for edit in EDITS:
        trainer.send(Command("edit", edit))
    tell(trainer, "train")
    return trainer


def test_a_run_goes_on_and_shows_its_inside_on_another_worker(jobs, begin, replace_workers, programs):
    query = f"{QUICK}&epochs=8"
    job = rest_inside(jobs, begin, query)
    weights = job.array("weights")
    before = asyncio.run(jobs.replay(job, epoch=1, inside=True)).arrays
    replace_workers()
    np.testing.assert_array_equal(job.array("weights"), weights)  # what was there is shown as long as it rests

    past = asyncio.run(jobs.replay(job, epoch=1, inside=True))
    assert past.epoch == 1
    for name in ("weights", "boundary", "confusion"):
        np.testing.assert_array_equal(past.arrays[name], before[name])
    assert job.edits == tuple((2, edit) for edit in EDITS)
    assert jobs.ask(job, worker.health_of, seconds=200.0).epochs == (0, 1, 2)
    assert jobs.ask(job, worker.landscape_of, seconds=200.0)[0].epochs == (0, 1, 2)

    jobs.resume(job)
    wait_until(lambda: job.epoch == 8)
    wait_for(job, FINISHED)
    expected = undisturbed(query, programs)
    np.testing.assert_array_equal(history(job), np.array(expected._course.history))
    latest = expected.look_back(8, inside=True).arrays["weights"]
    wait_until(lambda: np.array_equal(job.array("weights"), latest))
    jobs.edit(job, Undo())
    assert len(job.edits) == 2


def test_a_worker_is_not_replaced_while_it_is_asked_something(jobs, begin, monkeypatch):
    wait_until(lambda: warm(jobs))
    jobs.cluster._local.scale(2)
    wait_until(lambda: warm(jobs) == 2)
    job = begin(f"{QUICK}&epochs=2")
    wait_for(job, FINISHED)
    address, answers = jobs.cluster._places[job.run].address, queue.SimpleQueue()
    jobs.cluster.ask_run(lambda *said: answers.put(said), job.run, wait_for_word)
    monkeypatch.setattr(cluster_module, "MEMORY_BOUND", 0)
    wait_until(lambda: jobs.tend() or jobs.cluster._retiring == address)
    for _ in range(3):
        jobs.tend()
    jobs.cluster._dispatcher.submit(lambda: None).result()
    jobs.cluster._dask.run(give_word, workers=[address])
    assert answers.get(timeout=200) == (job.run, None)
    wait_until(lambda: jobs.tend() or jobs.cluster._places[job.run].record is not None)


def test_what_was_lost_with_a_worker_that_was_replaced_holds_no_answer_up(jobs, begin, replace_workers):
    """Dask runs all callbacks on one thread, in the order in which what they are about is over."""
    wait_until(lambda: warm(jobs))
    let_go, answers = threading.Event(), queue.SimpleQueue()
    jobs.cluster._dask.submit(give_word, pure=False).add_done_callback(lambda _: let_go.wait())
    wait_for(begin(f"{QUICK}&epochs=2"), FINISHED)
    task = next(task for task in jobs.cluster._tasks if str(task.key).startswith("open_run"))
    wait_until(lambda: task.status == "finished")
    replace_workers()
    wait_until(lambda: task.status == "lost")
    let_go.set()
    jobs.cluster.ask(lambda *said: answers.put(said), os.getpid)
    assert answers.get(timeout=200)[0] in processes(jobs)


def test_a_worker_that_has_grown_a_little_goes_where_little_would_be_lost(jobs, begin, monkeypatch):
    wait_until(lambda: warm(jobs))
    jobs.cluster._local.scale(2)
    wait_until(lambda: warm(jobs) == 2)
    cluster = jobs.cluster
    running = begin(f"{QUICK}&epochs=2000", pace=8)
    wait_until(lambda: running.epoch >= 1)
    at_work = cluster._places[running.run].address
    resting = begin(f"{QUICK}&epochs=3&l2=0.1")  # of another shape, so that it goes to the other worker
    wait_for(resting, FINISHED)
    at_rest = cluster._places[resting.run].address
    assert at_rest != at_work
    seconds = cluster._places[resting.run].seconds
    assert 0 < seconds < 10

    def tend_twice() -> None:
        for _ in range(2):
            jobs.tend()
        cluster._dispatcher.submit(lambda: None).result()

    monkeypatch.setattr(cluster_module, "GROWTH_BOUND", -(2**40))
    monkeypatch.setattr(cluster_module, "_LITTLE_SECONDS", seconds / 2)
    tend_twice()
    assert not cluster._retiring  # what rests there took too long
    assert cluster._places[resting.run].record is None

    monkeypatch.setattr(cluster_module, "_LITTLE_SECONDS", seconds)
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "_local", None)  # as where the workers are a scheduler's, which others use too
        tend_twice()
    assert not cluster._retiring

    tend_twice()
    assert cluster._places[resting.run].record is not None
    wait_until(lambda: warm(jobs) == 2 and at_rest not in cluster._warm)
    assert cluster._places[running.run].address == at_work
    assert running.status == RUNNING


def test_a_run_that_nobody_looks_into_any_more_shows_nothing_there(jobs, begin, replace_workers):
    job = rest_inside(jobs, begin, f"{QUICK}&epochs=8")
    replace_workers()
    job._looked_inside_at -= 1001
    jobs.tend()
    jobs.resume(job)
    wait_until(lambda: job.epoch == 8)
    wait_for(job, FINISHED)
    held = jobs.cluster._dask.run(worker.export_runs)
    assert [records[job.run].inside for records in held.values() if job.run in records] == [False]


def test_what_went_with_a_killed_worker_is_said(jobs, begin):
    finished, paused = begin(f"{QUICK}&epochs=4"), rest_inside(jobs, begin, f"{QUICK}&epochs=8")
    wait_for(finished, FINISHED)
    jobs.look_inside(finished)
    wait_until(lambda: "weights" in seen(finished))
    for process in processes(jobs):
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: jobs.tend() or (paused.status == INTERRUPTED and finished.is_lost))
    assert finished.status == FINISHED

    for job, said in ((finished, "by hand"), (paused, "has died")):
        assert {"weights", "spaces", "boundary"} <= seen(job)  # the last of it stays
        edits = job.edits
        with pytest.raises(WorkersError, match=said):
            jobs.edit(job, Silence(0, 0, True))
        assert job.edits == edits
        with pytest.raises(WorkersError, match="went with the worker"):
            asyncio.run(jobs.replay(job, epoch=1, inside=True))
        with pytest.raises(WorkersError, match="went with the worker"):
            jobs.ask(job, worker.health_of)
    wait_for(begin(f"{QUICK}&epochs=3"), FINISHED)
