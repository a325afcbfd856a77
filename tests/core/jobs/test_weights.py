"""The weights of a run: what its trainer hands over, and how they come to the server."""

import itertools
import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from core.engine.programs import Programs
from core.errors import WorkersError
from core.experiment import read_query
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.commands import Command
from core.messages.updates import ENDED, FAILED, FINISHED, PAUSED
from core.trained import TrainedNetwork
from core.training.trainer import Trainer
from core.workers import worker
from tests.core.training.record import Record
from tests.core.training.runs import QUICK, open_run, tell, trained_model
from tests.waiting import wait_until

WORSENING = "data=moons&points=60&noise=0.5&layers=tanh-3-batch&dropout=0.1&batch=16&lr=0.1&epochs=300&patience=7"
_owners = map(str, itertools.count())


def network_of(trainer: Trainer) -> TrainedNetwork:
    weights = trainer.weights()
    return TrainedNetwork(weights.experiment, weights.arrays)


@pytest.mark.parametrize(
    "query", [WORSENING, f"{WORSENING}&restore_best=no", "data=plane&epochs=3&layers=gelu-4-layer"]
)
@pytest.mark.parametrize("compiled", [True, False])
def test_a_trainer_hands_over_the_network_that_the_run_ended_with(query, compiled, programs):
    record = Record()
    trainer = open_run(query, programs if compiled else Programs(), record)
    assert (trainer.weights().epoch, trainer.weights().generation) == (0, 0)
    tell(trainer, "train")
    last, weights = record.last, trainer.weights()
    assert (weights.epoch, weights.generation) == (last.epoch, last.generation)
    split = trainer.split
    outputs = trained_model(trainer, query).predict(split.x_val, verbose=0)
    answer = network_of(trainer).predict(split.x_val)
    expected = np.concatenate([1 - outputs, outputs], axis=1) if split.classes else outputs
    np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=1e-6)


def test_what_changes_as_it_trains_is_in_the_networks_experiment(programs):
    trainer = open_run(f"{QUICK}&epochs=4", programs, Record())
    tell(trainer, "step")
    before = trainer.weights()
    changed = replace(before.experiment, training=replace(before.experiment.training, learning_rate=0.5))
    tell(trainer, Command("change", changed))
    assert trainer.weights().experiment == changed
    for name, array in before.arrays.items():
        np.testing.assert_array_equal(trainer.weights().arrays[name], array)


def test_weights_read_while_it_trains_are_those_of_their_epoch(attending, programs):
    query = f"{QUICK}&epochs=300"  # few enough that the weights of every epoch are kept
    tell(open_run(query, programs, Record()), "train")  # compiled from here on
    trainer = open_run(query, programs, Record())
    trainer.send(Command("pace", 400.0))
    trainer.send(Command("train"))
    thread = attending(trainer)
    read = [trainer.weights()]
    while thread.is_alive():
        weights = trainer.weights()
        if weights.epoch != read[-1].epoch:
            read.append(weights)
    assert len(read) > 3
    assert trainer.kept_epochs == tuple(range(301))
    for weights in read:
        _, kept = trainer._course.snapshots.nearest(weights.epoch)
        for name, array in trainer._course.program.named_weights(kept).items():
            np.testing.assert_array_equal(weights.arrays[name], array)


# On a real worker


@pytest.fixture
def begin(jobs):
    owner, begun = f"weights {next(_owners)}", []

    def begin(query: str = QUICK, first="train", pace=0.0) -> Job:
        begun.append(jobs.start(owner, read_query(query), None, first, pace))
        return begun[-1]

    yield begin
    for job in begun:
        jobs.forget(job)


def wait_for(job: Job, status: str) -> None:
    wait_until(lambda: job.status in {status, *ENDED})
    assert job.status == status, job.message


def count_questions(jobs: Jobs, monkeypatch) -> list[str]:
    asked = []
    ask = jobs.cluster.ask_run
    monkeypatch.setattr(jobs.cluster, "ask_run", lambda take, run, call: (asked.append(run), ask(take, run, call)))
    return asked


def test_a_finished_job_answers_once_and_for_all(jobs, begin, programs, monkeypatch):
    asked = count_questions(jobs, monkeypatch)
    job = begin(f"{QUICK}&epochs=7")
    wait_for(job, FINISHED)
    network = jobs.trained(job, seconds=60)
    here = open_run(f"{QUICK}&epochs=7", programs, Record())
    tell(here, "train")
    for name, array in here.weights().arrays.items():
        np.testing.assert_array_equal(network.weights[name], array)
    assert jobs.trained(job) is network
    assert len(asked) == 1

    jobs.change(job, read_query(f"{QUICK}&epochs=9"))
    jobs.resume(job)
    wait_until(lambda: job.epoch == 9)
    wait_for(job, FINISHED)
    later = jobs.trained(job, seconds=60)
    assert later.experiment.training.epochs == 9
    assert (later.weights["output/bias"] != network.weights["output/bias"]).any()


def test_a_job_that_is_just_beginning_is_waited_for(jobs, begin):
    job = begin(first="step")
    network = jobs.trained(job, seconds=200)
    assert network.experiment == job.experiment
    wait_for(job, PAUSED)


def test_a_run_whose_worker_was_replaced_is_trained_again_for_its_weights(jobs, begin):
    job = begin(f"{QUICK}&epochs=5")
    wait_for(job, FINISHED)
    before = jobs.trained(job, seconds=60)
    cluster = jobs.cluster
    place = cluster._places[job.run]
    record = cluster._dask.run(worker.export_runs, workers=[place.address])[place.address][job.run]
    cluster._dask.run(worker.close_run, job.run, workers=[place.address])
    place.record, job._trained = record, None
    again = jobs.trained(job, seconds=200)
    for name, array in before.weights.items():
        np.testing.assert_array_equal(again.weights[name], array)
    wait_until(lambda: not place.busy)
    assert (job.status, job.epoch) == (FINISHED, 5)


def test_a_run_that_has_failed_has_no_weights(jobs, begin):
    job = begin("data=plane&layers=relu-8&lr=10&optimizer=sgd&epochs=60")
    wait_for(job, FAILED)
    with pytest.raises(WorkersError, match="training stopped"):
        jobs.trained(job, seconds=60)


def test_a_run_that_could_not_begin_says_why(jobs, begin):
    job = begin("data=moons&points=20&split=ordered&train_rows=20")
    wait_for(job, FAILED)
    with pytest.raises(WorkersError, match="train_rows"):
        jobs.trained(job, seconds=60)


def test_a_worker_that_does_not_answer_in_time_is_not_waited_for(jobs, begin):
    job = begin(f"{QUICK}&epochs=3")
    wait_for(job, FINISHED)
    free = threading.Event()
    jobs.cluster._dispatcher.submit(free.wait)
    try:
        with pytest.raises(WorkersError, match="within 0 s"):
            jobs.trained(job, seconds=0.05)
    finally:
        free.set()


def test_a_lost_worker_is_said_and_what_was_asked_before_stays(jobs, begin):
    asked, unasked = begin(f"{QUICK}&epochs=3"), begin(f"{QUICK}&epochs=3")
    for job in (asked, unasked):
        wait_for(job, FINISHED)
    network = jobs.trained(asked, seconds=60)
    for process in jobs.cluster._dask.run(os.getpid).values():
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: jobs.cluster._places[unasked.run].address not in jobs.cluster._addresses())
    with pytest.raises(WorkersError, match=r"went with the worker|has died"):
        jobs.trained(unasked, seconds=60)
    assert jobs.trained(asked) is network
