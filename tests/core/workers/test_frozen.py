"""A worker that is frozen keeps nobody from another one, and is killed."""

import os
import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest

from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.updates import ENDED, FINISHED, INTERRUPTED, PAUSED, RUNNING
from core.workers import heartbeats as heartbeats_module
from core.workers import tending as tending_module
from core.workers import worker
from tests.core.training.runs import QUICK
from tests.core.workers.sent_functions import compile_never, keep_a_thread
from tests.core.workers.worker_processes import (
    Starter,
    client_of,
    history,
    placed_on,
    processes,
    scale,
    settle,
    tend,
    train_here,
    wait_for,
    warm,
)
from tests.waiting import PATIENCE, wait_until


@pytest.fixture(scope="module")
def two_workers(jobs: Jobs) -> Iterator[None]:
    scale(jobs, 2)
    yield
    scale(jobs, 1)


@pytest.fixture
def two_runs(jobs: Jobs, begin: Starter, two_workers: None) -> tuple[Job, Job]:
    """A run on each of two workers."""
    wait_until(lambda: tend(jobs) or warm(jobs) == 2, "two warm workers")
    runs = []
    for address in jobs.cluster._placement.warm:
        with placed_on(jobs, address):
            runs.append(begin(f"{QUICK}&epochs=2000&seed={len(runs)}", pace=20))
        wait_until(lambda: runs[-1].epoch >= 1 or runs[-1].status in ENDED, "an epoch")
        assert runs[-1].status == RUNNING, runs[-1].message
    first, second = runs
    return first, second


def process_of(jobs: Jobs, job: Job) -> int:
    address = jobs.cluster._placement.get(job.run).address
    return client_of(jobs).run(os.getpid, workers=[address])[address]


def test_commands_and_questions_to_others_do_not_wait_for_a_frozen_worker_which_is_killed(jobs, begin, two_runs):
    frozen, other = two_runs
    process = process_of(jobs, frozen)
    os.kill(process, signal.SIGSTOP)
    try:
        # All of these would wait for the frozen worker if they were calls to it.
        jobs.pause(frozen)
        jobs.cluster.ask_run(lambda *_: None, frozen.run, worker.weights_of)
        jobs.forget(begin(f"{QUICK}&epochs=3"))
        jobs.pause(other)
        wait_for(other, PAUSED)
        jobs.resume(other)
        wait_until(lambda: other.status == RUNNING, "the other run")
        assert jobs.ask(other, worker.kept_epochs_of, seconds=PATIENCE)
        assert frozen.status == RUNNING
        wait_until(lambda: tend(jobs) or frozen.status == INTERRUPTED, "the end of the frozen worker's run")
    finally:
        os.kill(process, signal.SIGCONT)  # it is dead by now
    assert "has died" in frozen.message
    assert other.status == RUNNING
    wait_until(lambda: tend(jobs) or len(jobs.cluster._placement.warm) == 2, "a fresh worker")
    assert process not in processes(jobs)
    wait_for(begin(f"{QUICK}&epochs=3"), FINISHED)


def test_a_worker_that_was_frozen_for_a_moment_goes_on_with_its_runs(jobs, two_runs):
    frozen, _ = two_runs
    process = process_of(jobs, frozen)
    os.kill(process, signal.SIGSTOP)
    jobs.pause(frozen)
    tend(jobs)
    os.kill(process, signal.SIGCONT)
    wait_for(frozen, PAUSED)
    jobs.resume(frozen)
    wait_until(lambda: frozen.status == RUNNING, "the run")


def test_a_run_that_nobody_wants_and_that_does_not_yield_loses_its_worker(jobs, begin, two_runs, monkeypatch):
    """Other runs at rest there are trained again elsewhere when somebody goes on with them."""
    stuck, _ = two_runs
    address = jobs.cluster._placement.get(stuck.run).address
    process = process_of(jobs, stuck)
    with placed_on(jobs, address):
        resting = begin(f"{QUICK}&epochs=5")
    wait_for(resting, FINISHED)
    settle(jobs, resting)
    wait_until(lambda: not jobs.cluster._placement.get(resting.run).is_busy)
    assert jobs.ask(stuck, keep_a_thread, seconds=PATIENCE)
    monkeypatch.setattr(tending_module, "STUCK_SECONDS", 1.0)
    jobs.forget(stuck)
    wait_until(lambda: tend(jobs) or process not in processes(jobs), "the end of its worker")
    assert resting.status == FINISHED
    assert set(jobs.trained(resting, seconds=PATIENCE).weights)


def test_a_run_at_rest_that_waits_for_its_compiler_outlives_its_stuck_worker(
    jobs, begin, programs, two_runs, monkeypatch
):
    stuck, _ = two_runs
    address = jobs.cluster._placement.get(stuck.run).address
    process = process_of(jobs, stuck)
    client_of(jobs).run(compile_never, workers=[address])
    query = "data=moons&points=60&layers=tanh-7,tanh-5&batch=16&epochs=5"
    with placed_on(jobs, address):
        waiting = begin(query)
        paused = begin(f"{query}&seed=2", first="step")
    wait_for(waiting, FINISHED)
    wait_for(paused, PAUSED)
    assert waiting.generation == 0  # it was not replayed
    assert jobs.ask(stuck, keep_a_thread, seconds=PATIENCE)
    monkeypatch.setattr(tending_module, "STUCK_SECONDS", 1.0)
    jobs.forget(stuck)
    wait_until(lambda: tend(jobs) or process not in processes(jobs), "the end of its worker")
    assert waiting.status == FINISHED
    assert set(jobs.trained(waiting, seconds=PATIENCE).weights)
    wait_until(lambda: waiting.generation == 1, "the compiled history")
    np.testing.assert_array_equal(history(waiting), train_here(query, programs))
    jobs.resume(paused)
    wait_for(paused, FINISHED)
    settle(jobs, paused)
    np.testing.assert_array_equal(history(paused), train_here(f"{query}&seed=2", programs))


def test_stopping_is_not_held_up_by_a_frozen_worker(monkeypatch):
    jobs = Jobs(workers=1)
    wait_until(lambda: jobs.cluster._connection._connection.is_open and jobs.cluster._alive(), "the worker")
    (process,) = processes(jobs)
    os.kill(process, signal.SIGSTOP)
    started = time.monotonic()
    jobs.close()
    taken = time.monotonic() - started
    wait_until(lambda: not os.path.exists(f"/proc/{process}") or is_zombie(process), "the end of the worker")
    assert taken < 2 * heartbeats_module.SILENT_SECONDS  # and not for ever


def is_zombie(process: int) -> bool:
    with open(f"/proc/{process}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"
