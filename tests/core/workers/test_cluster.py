"""The connection to real workers: questions, failures, and a second server."""

import logging

import pytest
from distributed import Client
from distributed.security import Security

from core.analysis.axes import Axes
from core.datasets import prepare
from core.experiment import read_query
from core.jobs.jobs import Jobs
from core.messages.updates import FAILED, FINISHED, PAUSED, RUNNING
from core.workers import cluster as cluster_module
from core.workers import connection as connection_module
from core.workers.connection import DATA, GROWN, _state_of
from core.workers.placement import WorkerMemory
from tests.core.training.runs import QUICK
from tests.core.workers.worker_processes import AXES, client_of, flush, open_runs, scale, tend, wait_for
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def logged():
    """The records that the cluster logs. Not `caplog`: Dask silences pytest's handlers with its own."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append
    logger = logging.getLogger(cluster_module.__name__)
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


def test_questions_are_answered_and_runs_begin_however_many_train(jobs, begin):
    scale(jobs, 1)
    together = [begin(f"{QUICK}&epochs=2000&seed={seed}", pace=1.0) for seed in range(cluster_module.THREADS)]
    wait_until(lambda: all(job.epoch >= 1 for job in together), "an epoch of every run")
    assert all(jobs.trained(job, seconds=PATIENCE).experiment == job.experiment for job in together)
    wait_for(begin(f"{QUICK}&epochs=3"), FINISHED)
    assert {job.status for job in together} == {RUNNING}


def test_what_a_job_cannot_become_ends_it_with_the_reason(jobs, begin, logged):
    job = begin(first="step")
    wait_for(job, PAUSED)
    jobs.change(job, read_query(f"{QUICK}&seed=1"))
    wait_for(job, FAILED)
    assert job.message.startswith("Training failed with ValueError: A run cannot change from Experiment(")
    assert len(logged) == 1
    assert job.run not in open_runs(jobs)  # its worker holds nothing of it any more


def test_data_that_cannot_be_used_end_the_job_with_the_reason(begin, logged):
    job = begin("data=iris&split=ordered&train_rows=100")
    wait_for(job, FAILED)
    assert job.message.startswith("`train_rows` must be a whole number from 101 to 149")
    assert not logged


def test_an_exception_in_the_worker_ends_the_job_with_its_traceback_in_the_log(jobs, begin, logged):
    job = begin(QUICK, axes=Axes(0, 99))  # there are two features
    wait_for(job, FAILED)
    assert job.message.startswith("Training failed with IndexError")
    assert job.message.endswith("The log has the details.")
    assert "in plane_of" in logging.Formatter().format(logged[0])  # a line of the traceback
    jobs.resume(job)
    flush(jobs)  # there is nothing to go on with, and nothing breaks
    assert len(logged) == 1
    assert job.status == FAILED


def test_a_second_server_can_use_the_same_scheduler_with_its_certificates(jobs, begin, monkeypatch, tmp_path):
    wait_until(lambda: jobs.cluster.ready, "the first worker")
    client = client_of(jobs)
    assert client.scheduler.address.startswith("tls://")
    monkeypatch.setenv(connection_module.SCHEDULER_VARIABLE, client.scheduler.address)
    for variable, name in connection_module.TLS_VARIABLES.items():
        file = tmp_path / name
        file.write_text(getattr(client.security, name))
        monkeypatch.setenv(variable, str(file))
    second = Jobs()
    job = second.start("me", read_query(f"{QUICK}&epochs=3"), AXES)
    wait_for(job, FINISHED)
    second.close()
    wait_for(begin(f"{QUICK}&epochs=3"), FINISHED)  # the first one's workers are still there


def test_nobody_without_the_certificates_reaches_the_workers(jobs):
    wait_until(lambda: jobs.cluster.ready, "the first worker")
    nannies = [nanny.address for nanny in jobs.cluster._connection._connection._nannies]
    for address in (client_of(jobs).scheduler.address, *jobs.cluster._alive(), *nannies):
        strangers = {address.replace("tls://", "tcp://"): Security(), address: Security.temporary()}
        for named, security in strangers.items():
            with pytest.raises(OSError, match=r"Timed out|closed|TLS|SSL"):
                Client(named, timeout=1, security=security)


def test_a_worker_that_was_not_heard_is_asked_whether_it_is_warm(jobs, monkeypatch):
    placement = jobs.cluster._placement
    wait_until(lambda: jobs.cluster.ready, "the first worker")
    monkeypatch.setattr(placement, "_warm", set())
    tend(jobs)
    wait_until(lambda: placement.warm == jobs.cluster._alive(), "the workers' answers")
    assert not placement._asked


def test_it_is_known_how_much_memory_the_workers_use(jobs):
    wait_until(lambda: jobs.cluster.ready, "the first worker")

    def memory() -> dict[str, WorkerMemory]:
        # Not as the cluster sees it here, where workers seem small: `jobs`.
        workers = jobs.cluster._connection._connection.look()
        return {address: state.memory for address, state in workers.items()}

    wait_until(lambda: memory() and all(of.grown for of in memory().values()), "the figures of every worker")
    assert set(memory()) == jobs.cluster._alive()
    assert all(2**27 < of.used < 2**33 and abs(of.grown) < of.used for of in memory().values())


def test_rows_that_a_worker_holds_are_not_counted_as_growth(jobs, begin):
    """Otherwise MNIST would make its worker be replaced whenever it rests, and be trained again at each look at it."""
    held = {"last_seen": 1.0, "metrics": {"memory": 900.0, GROWN: 500.0, DATA: 420.0}}
    assert _state_of(held).memory == WorkerMemory(used=480.0, grown=80.0)

    def data_bytes() -> float:
        workers = client_of(jobs).scheduler_info(n_workers=-1)["workers"]
        return sum(of["metrics"].get(DATA, 0.0) for of in workers.values())

    before = data_bytes()
    job = begin("data=sine&points=10000&data_seed=77&layers=tanh-2&epochs=1&batch=256")
    wait_for(job, FINISHED)
    rows = prepare(job.experiment.data)
    # Once as arrays, once as tensors.
    least = 2 * (rows.x_train.nbytes + rows.x_val.nbytes)
    wait_until(lambda: data_bytes() >= before + least, "a worker that says how many bytes of rows it holds")


def test_it_is_known_how_long_a_run_has_trained(jobs, begin, monkeypatch):
    heard, receive = [], jobs.cluster._on_update

    def hear(run, update):
        receive(run, update)
        heard.append(update.ms_per_epoch)  # of a run that is replayed, the compiled epochs' in the end

    monkeypatch.setattr(jobs.cluster, "_on_update", hear)
    job = begin(f"{QUICK}&epochs=3")
    wait_for(job, FINISHED)

    def has_trained() -> bool:
        assignment = jobs.cluster._placement.get(job.run)
        return not assignment.is_busy and assignment.seconds == pytest.approx(3 * heard[-1] / 1000)

    wait_until(has_trained, "the seconds of three epochs")
