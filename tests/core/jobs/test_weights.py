"""How a run's weights come to the server."""

import threading

import numpy as np
import pytest

from core.errors import WorkersError
from core.experiment import read_query
from core.jobs.jobs import Jobs
from core.messages.updates import FAILED, FINISHED, PAUSED
from tests.core.training.record import Record
from tests.core.training.runs import QUICK, open_run, tell
from tests.core.workers.worker_processes import settle, wait_for
from tests.waiting import PATIENCE, wait_until


def count_questions(jobs: Jobs, monkeypatch) -> list[str]:
    asked = []
    ask = jobs.cluster.ask_run
    monkeypatch.setattr(
        jobs.cluster, "ask_run", lambda on_result, run, call: (asked.append(run), ask(on_result, run, call))
    )
    return asked


def test_the_network_of_a_finished_job_is_asked_for_once(jobs, begin, programs, monkeypatch):
    asked = count_questions(jobs, monkeypatch)
    job = begin(f"{QUICK}&epochs=7")
    wait_for(job, FINISHED)
    settle(jobs, job)
    network = jobs.trained(job, seconds=PATIENCE)
    here = open_run(f"{QUICK}&epochs=7", programs, Record())
    tell(here, "train")
    for name, array in here.weights().arrays.items():
        np.testing.assert_array_equal(network.weights[name], array)
    assert jobs.trained(job) is network
    assert len(asked) == 1

    jobs.change(job, read_query(f"{QUICK}&epochs=9"))
    wait_until(lambda: job.epoch == 9, "epoch 9")
    wait_for(job, FINISHED)
    later = jobs.trained(job, seconds=PATIENCE)
    assert later.experiment.training.epochs == 9
    assert (later.weights["output/bias"] != network.weights["output/bias"]).any()


def test_a_job_that_is_just_beginning_is_waited_for(jobs, begin):
    job = begin(first="step")
    network = jobs.trained(job, seconds=PATIENCE)
    assert network.experiment == job.experiment
    wait_for(job, PAUSED)


def test_a_run_that_has_failed_has_no_weights(jobs, begin):
    job = begin("data=plane&layers=relu-8&lr=10&optimizer=sgd&epochs=60")
    wait_for(job, FAILED)
    with pytest.raises(WorkersError, match="training stopped"):
        jobs.trained(job, seconds=PATIENCE)


def test_a_run_that_could_not_begin_says_why(jobs, begin):
    job = begin("data=moons&points=20&split=ordered&train_rows=20")
    wait_for(job, FAILED)
    with pytest.raises(WorkersError, match="train_rows"):
        jobs.trained(job, seconds=PATIENCE)


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
