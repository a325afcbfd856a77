"""Workers that are replaced because they have grown, while runs train and rest there."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from core.engine.programs import Programs
from core.experiment import read_query
from core.jobs import job as job_module
from core.jobs import jobs as jobs_module
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.commands import Command
from core.messages.edits import Freeze, SetWeight, Silence, Undo
from core.messages.frames import Frame
from core.messages.updates import FINISHED, PAUSED, RUNNING
from core.trained import TrainedNetwork
from core.training.trainer import Trainer
from core.workers import worker
from core.workers.connection import WorkerState
from core.workers.placement import MEMORY_BOUND, WorkerMemory
from tests.core.training.record import Record
from tests.core.training.runs import QUICK, open_run, tell
from tests.core.workers.sent_functions import answer_late, let_answer
from tests.core.workers.worker_processes import (
    Starter,
    client_of,
    flush,
    history,
    look_inside,
    pause_at_epoch_2,
    placed_on,
    processes,
    scale,
    settle,
    tend,
    train_here,
    wait_for,
)
from tests.waiting import PATIENCE, wait_until

INSIDE = f"{QUICK}&epochs=8"
OTHER_SHAPE = f"{QUICK}&l2=0.1"  # which the worker takes that does not know QUICK
EDITS = [Silence(0, 1, True), SetWeight("output/kernel", (2, 0), 0.5), Freeze(0, 0, True)]


@dataclass(frozen=True)
class Runs:
    """Runs that rest on two workers.

    Attributes:
        watched: after two epochs and EDITS, while somebody looks inside.
        unwatched: the same, but nobody looks inside any more after its worker was replaced.
        finished: on the other worker.
    """

    watched: Job
    unwatched: Job
    finished: Job


@dataclass(frozen=True)
class Seen:
    """What was seen on the way to two other workers.

    Attributes:
        old: the processes that were replaced.
        while_training: the processes after tending while a run trained on each worker, and how these runs were.
        while_asked: the processes after tending while a worker was asked something, and its answer.
        weights: the array of the run that is watched inside.
        past: what was drawn of its epoch 1.
        network: that of the run which had ended.
        next_answer: what was answered after a result had been lost with a replaced worker.
    """

    old: set[int]
    while_training: tuple[set[int], set[str]]
    while_asked: tuple[set[int], object]
    weights: np.ndarray
    past: Frame
    network: TrainedNetwork
    next_answer: object


@pytest.fixture(scope="module")
def patient() -> Iterator[None]:
    """Somebody looks inside all the while, and waits for what is drawn of an earlier epoch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job_module, "INSIDE_SECONDS", 10 * PATIENCE)
        patch.setattr(jobs_module, "REPLAY_SECONDS", PATIENCE)
        yield


@pytest.fixture(scope="module")
def begin(jobs: Jobs) -> Iterator[Starter]:
    starter = Starter(jobs, "whose workers are replaced")
    yield starter
    starter.forget_all()


@pytest.fixture(scope="module")
def runs(jobs: Jobs, begin: Starter, patient: None) -> Iterator[Runs]:
    scale(jobs, 2)
    one, other = jobs.cluster._placement.warm
    with placed_on(jobs, one):
        finished = begin(f"{OTHER_SHAPE}&epochs=3")
    wait_for(finished, FINISHED)
    settle(jobs, finished)
    with placed_on(jobs, other):
        watched, unwatched = (pause_at_epoch_2(jobs, begin, INSIDE) for _ in range(2))
    for job in (watched, unwatched):
        for edit in EDITS:
            jobs.edit(job, edit)
        look_inside(jobs, job)
        settle(jobs, job)
    yield Runs(watched, unwatched, finished)
    scale(jobs, 1)


@pytest.fixture(scope="module")
def seen(jobs: Jobs, begin: Starter, runs: Runs) -> Seen:
    """Have both workers replaced, once for all tests here."""
    weights, past = runs.watched.array("weights"), asyncio.run(jobs.replay(runs.watched, epoch=1, inside=True))
    old, network = processes(jobs), jobs.trained(runs.finished, seconds=PATIENCE)
    look, large = jobs.cluster._connection.look, WorkerMemory(MEMORY_BOUND + 1, 0)
    grown = set(jobs.cluster._placement.warm)

    def seen_large() -> dict[str, WorkerState]:
        return {
            address: replace(state, memory=large) if address in grown else state for address, state in look().items()
        }

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs.cluster._connection, "look", seen_large)
        while_training = tend_while_training(jobs, begin)
        while_asked = tend_while_asked(jobs, runs)
        next_answer = replace_and_lose_a_result(jobs, begin)
    return Seen(old, while_training, while_asked, weights, past, network, next_answer)


def tend_while_training(jobs: Jobs, begin: Starter) -> tuple[set[int], set[str]]:
    training = []
    for address in jobs.cluster._placement.warm:
        with placed_on(jobs, address):
            training.append(begin(f"{QUICK}&epochs=2000&seed={len(training)}", pace=20))
    wait_until(lambda: all(job.epoch for job in training), "an epoch of every run")
    for _ in range(3):
        tend(jobs)
    seen = processes(jobs), {job.status for job in training}
    for job in training:
        jobs.forget(job)
    flush(jobs)
    return seen


def tend_while_asked(jobs: Jobs, runs: Runs) -> tuple[set[int], object]:
    placement, answers = jobs.cluster._placement, queue.SimpleQueue()
    asked = next(job for job in (runs.watched, runs.finished) if placement.get(job.run).address == placement._retiring)
    jobs.cluster.ask_run(lambda *result: answers.put(result), asked.run, answer_late)
    for _ in range(3):
        tend(jobs)
    seen = processes(jobs)
    client_of(jobs).run(let_answer)
    return seen, answers.get(timeout=PATIENCE)


def replace_and_lose_a_result(jobs: Jobs, begin: Starter) -> object:
    """Wait until two other workers are there. Dask's callbacks, which run one by one, wait until a result is lost."""
    cluster, may_go_on = jobs.cluster, threading.Event()
    old, earlier = cluster._alive(), set(cluster._futures)
    client_of(jobs).submit(int, pure=False).add_done_callback(lambda _: may_go_on.wait(PATIENCE))
    try:
        wait_for(begin(f"{QUICK}&epochs=2"), FINISHED)
        (task,) = (future for future in cluster._futures.keys() - earlier if str(future.key).startswith("open_run"))
        wait_until(lambda: task.status == "finished", "the end of the task")
        address = cluster._futures[task]
        records = client_of(jobs).run(worker.export_records, workers=[address])[address]
        cluster._dispatch(cluster._tending.replace, address, records, False)  # tending would wait for a callback
        wait_until(lambda: task.status == "lost", "the loss of the task's result")
    finally:
        may_go_on.set()
    answers = queue.SimpleQueue()
    cluster.ask(lambda *result: answers.put(result), abs, -7)
    answer = answers.get(timeout=PATIENCE)

    def are_others() -> bool:
        tend(jobs)
        warm = cluster._placement.warm
        return len(warm) == 2 and warm == cluster._alive() and not warm & old

    wait_until(are_others, "two other workers")
    return answer


def test_a_worker_stays_while_a_run_trains_there(seen):
    assert seen.while_training == (seen.old, {RUNNING})


def test_a_worker_stays_while_it_is_asked_something(seen, runs):
    processes, (answer, error) = seen.while_asked
    assert processes == seen.old
    assert answer in (runs.watched.run, runs.finished.run)
    assert error is None


def test_a_result_that_was_lost_with_a_worker_holds_no_answer_up(seen):
    assert seen.next_answer == (7, None)


def test_both_workers_are_replaced(seen, jobs):
    new = processes(jobs)
    assert len(new) == 2
    assert not new & seen.old


def test_a_run_goes_on_and_shows_its_inside_on_another_worker(seen, runs, jobs, programs):
    job = runs.watched
    assert (job.status, job.epoch) == (PAUSED, 2)
    np.testing.assert_array_equal(job.array("weights"), seen.weights)  # it is shown as long as the run rests

    past = asyncio.run(jobs.replay(job, epoch=1, inside=True))
    assert past.epoch == seen.past.epoch == 1
    for name in ("weights", "boundary", "confusion"):
        np.testing.assert_array_equal(past.arrays[name], seen.past.arrays[name])
    assert job.edits == tuple((2, edit) for edit in EDITS)
    assert jobs.ask(job, worker.health_of, seconds=PATIENCE).epochs == (0, 1, 2)
    assert jobs.ask(job, worker.landscape_of, seconds=PATIENCE)[0].epochs == (0, 1, 2)

    jobs.resume(job)
    wait_until(lambda: job.epoch == 8, "epoch 8")
    wait_for(job, FINISHED)
    settle(jobs, job)
    expected = trained_here(INSIDE, programs)
    np.testing.assert_array_equal(history(job), expected.history)
    latest = expected.trainer.look_back(8, inside=True).arrays["weights"]
    wait_until(lambda: np.array_equal(job.array("weights"), latest), "the last weights")
    jobs.edit(job, Undo())
    assert len(job.edits) == 2


@dataclass(frozen=True)
class Here:
    """The same run in this process."""

    trainer: Trainer
    history: np.ndarray


def trained_here(query: str, programs: Programs) -> Here:
    record = Record()
    trainer = open_run(query, programs, record)
    for _ in range(2):
        tell(trainer, "step")
    for edit in EDITS:
        trainer.send(Command("edit", edit))
    tell(trainer, "train")
    return Here(trainer, record.history)


def test_a_run_that_nobody_looks_into_any_more_shows_nothing_there(seen, runs, jobs):
    job = runs.unwatched
    job._looked_inside_at -= job_module.INSIDE_SECONDS + 1
    jobs.tend()
    jobs.resume(job)
    wait_until(lambda: job.epoch == 8, "epoch 8")
    wait_for(job, FINISHED)
    records = client_of(jobs).run(worker.export_records)
    assert [of[job.run].inside for of in records.values() if job.run in of] == [False]


def test_a_run_that_has_ended_is_trained_again_for_its_weights_and_goes_on(seen, runs, jobs, programs):
    job = runs.finished
    job._trained = None
    jobs.trained(job, seconds=PATIENCE)
    settle(jobs, job)
    job._trained = None
    again = jobs.trained(job, seconds=PATIENCE)
    for name, array in seen.network.weights.items():
        np.testing.assert_array_equal(again.weights[name], array)
    wait_until(lambda: not jobs.cluster._placement.get(job.run).is_busy, "the word that it rests")
    assert (job.status, job.epoch) == (FINISHED, 3)
    jobs.change(job, read_query(f"{OTHER_SHAPE}&epochs=6"))
    wait_until(lambda: job.epoch == 6, "epoch 6")
    wait_for(job, FINISHED)
    settle(jobs, job)
    np.testing.assert_array_equal(history(job), train_here(f"{OTHER_SHAPE}&epochs=6", programs))


def test_a_change_that_its_worker_never_heard_of_is_obeyed_by_the_next_one(seen, jobs, begin, programs, monkeypatch):
    query = f"{QUICK}&epochs=8"
    job = pause_at_epoch_2(jobs, begin, query)
    cluster, submit = jobs.cluster, jobs.cluster._connection.submit
    lost = []

    def lose(address, call, *arguments, anywhere=False):
        if call is worker.obey:
            lost.append(arguments)
            return submit(address, int)
        return submit(address, call, *arguments, anywhere=anywhere)

    monkeypatch.setattr(cluster._connection, "submit", lose)
    jobs.change(job, read_query(f"{query}&lr=0.2"))
    flush(jobs)
    monkeypatch.undo()
    assert lost
    address, old = cluster._placement.get(job.run).address, processes(jobs)
    records = client_of(jobs).run(worker.export_records, workers=[address])[address]
    cluster._dispatch(cluster._tending.replace, address, records, False)
    flush(jobs)
    assert processes(jobs) == old  # the records lack a command
    cluster._dispatch(cluster._tending.replace, address, records, True)  # as where a worker must go whatever it does
    jobs.resume(job)
    wait_until(lambda: job.epoch == 8, "epoch 8")
    wait_for(job, FINISHED)
    settle(jobs, job)
    record = Record()
    trainer = open_run(query, programs, record)
    tell(trainer, "step")
    tell(trainer, "step")
    tell(trainer, Command("change", read_query(f"{query}&lr=0.2")), "train")
    np.testing.assert_array_equal(history(job), record.history)
