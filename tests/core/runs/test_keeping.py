"""Every job's run is kept without asking; by hand and with a real worker."""

import json

import numpy as np
import pytest

from core.analysis.axes import Axes
from core.errors import RunsError
from core.experiment import read_query
from core.jobs import jobs as jobs_module
from core.jobs.jobs import Jobs
from core.jobs.keeping import Keeping
from core.messages.edits import SetWeight
from core.messages.record import Record
from core.messages.updates import FAILED, FINISHED, INTERRUPTED, PAUSED, RUNNING, STOPPED, Update
from core.runs.values import BEST, DIVERGED, LAST
from core.trained.bundle import Bundle, load_bundle, save_bundle
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from core.training.trainer import Trainer
from tests.core.jobs.hand_fed import NoCluster
from tests.core.runs.changes import ME, OTHER, change, key, rows
from tests.core.workers.worker_processes import settle
from tests.waiting import PATIENCE, wait_until

# What the tests with a worker share; compiled once.
QUERY = "data=moons&layers=tanh-3&epochs=30&lr=0.03"


@pytest.fixture
def writer(start_writer):
    writer = start_writer()
    wait_until(lambda: writer._engine is not None, "the database")
    return writer


class Deaf(NoCluster):
    """Workers that answer no question, and note which runs are closed with a last word."""

    def ask_run(self, on_result, run, call, *arguments) -> None:
        on_result(None, None)

    def close(self, run, on_result=None) -> None:
        super().close(run)
        if on_result is not None:
            on_result(None, RuntimeError("gone"))


@pytest.fixture
def fed(writer, monkeypatch) -> Jobs:
    monkeypatch.setattr(jobs_module, "Cluster", Deaf)
    return Jobs(writer=writer)


def feed(jobs: Jobs, job, first: int, count: int, status: str = RUNNING, generation: int = 0) -> None:
    update = Update(
        status=status,
        generation=generation,
        epoch=first + count,
        epochs=100,
        first_row=first,
        rows=rows(first, count) + generation,
        learning_rate=0.01,
        ms_per_epoch=2.0,
        message="a message",
        test=None,
        arrays={},
        arrays_epoch=first + count,
    )
    jobs._apply(job.run, update)


def kept(writer, job, owner: str = ME):
    assert writer.flush(PATIENCE)
    return writer.store.run(owner, job.key)


def history(run) -> np.ndarray:
    return np.array(list(run.history.values()), np.float32).T


def test_a_run_is_kept_from_its_first_epoch_on_and_grows(fed, writer):
    job = fed.start(ME, read_query("data=moons"), Axes(0, 1))
    feed(fed, job, 0, 0)
    assert writer.flush(PATIENCE)
    assert writer.store.runs(ME) == []
    feed(fed, job, 0, 2)
    assert kept(writer, job).summary.status == RUNNING
    feed(fed, job, 2, 3, PAUSED)
    run = kept(writer, job)
    assert (run.summary.status, run.summary.seconds, run.summary.message) == (PAUSED, pytest.approx(0.01), "a message")
    assert np.array_equal(history(run), rows(0, 5))
    assert run.plan == ((0, read_query("data=moons")),)


def test_a_replay_replaces_the_history(fed, writer):
    job = fed.start(ME, read_query("data=moons"), None)
    feed(fed, job, 0, 5)
    feed(fed, job, 0, 2, generation=1)
    assert np.array_equal(history(kept(writer, job)), rows(0, 2) + 1)


@pytest.mark.parametrize(
    ("status", "expected"), [(FINISHED, FINISHED), (STOPPED, STOPPED), (FAILED, DIVERGED), (PAUSED, STOPPED)]
)
def test_how_a_run_ended_is_kept_when_it_is_dropped(fed, writer, status, expected):
    job = fed.start(ME, read_query("data=moons"), None)
    feed(fed, job, 0, 2, status)
    fed.forget(job)
    feed(fed, job, 2, 2)  # was on its way
    run = kept(writer, job)
    assert (run.summary.status, run.summary.epoch) == (expected, 2)
    assert fed.cluster.closed == [job.run]


def test_a_run_whose_worker_dies_is_interrupted_unless_it_had_ended(fed, writer):
    going, done = (fed.start(ME, read_query("data=moons"), None) for _ in range(2))
    feed(fed, going, 0, 2)
    feed(fed, done, 0, 2, FINISHED)
    for job in (going, done):
        fed._lose(job.run)
    assert kept(writer, going).summary.status == INTERRUPTED
    assert "worker" in kept(writer, going).summary.message
    assert kept(writer, done).summary.status == FINISHED


def test_runs_follow_a_browser_that_claims_them(fed, writer):
    job = fed.start(ME, read_query("data=moons"), None)
    feed(fed, job, 0, 2)
    assert fed.hand_over(job.token, OTHER) == ME
    feed(fed, job, 2, 2)
    assert len(kept(writer, job, OTHER).history["loss"]) == 4


@pytest.fixture
def real(jobs, writer, monkeypatch) -> Jobs:
    """The jobs of a real worker, which keep their runs."""
    monkeypatch.setattr(jobs, "_keeping", Keeping(writer, jobs.cluster.ask_run))
    return jobs


def run_with_weights(jobs: Jobs, writer, job):
    """Return what is kept of a run once that has the weights it ended with."""
    settle(jobs, job)  # what the plain graph has trained is replaced by then
    weights = jobs.trained(job).weights
    wait_until(lambda: writer.flush(PATIENCE) and have_weights(writer, job, weights), "the weights")
    return writer.store.run(ME, job.key)


def have_weights(writer, job, weights) -> bool:
    found = writer.store.weights(ME, job.key, LAST)
    return found is not None and same(found.arrays, weights)


def test_a_finished_run_is_kept_with_the_weights_of_its_last_and_best_epoch(real, writer):
    experiment = read_query(QUERY)
    job = real.start(ME, experiment, None)
    wait_until(lambda: job.status == FINISHED, "the end")
    run = run_with_weights(real, writer, job)
    assert run.history == job.history()
    assert (run.summary.status, run.summary.parameters, run.weights_of) == (FINISHED, 13, (LAST, BEST))
    last, best = (writer.store.weights(ME, job.key, which) for which in (LAST, BEST))
    assert (last.epoch, best.epoch) == (30, run.summary.best_epoch)
    bundle = Bundle(
        TrainedNetwork(experiment, last.arrays),
        Preparation.from_json(json.loads(run.preparation)),
        run.history,
        run.fingerprint,
    )
    assert same(load_bundle(save_bundle(bundle)).network.weights, last.arrays)
    real.forget(job)


def test_a_run_that_was_changed_and_edited_is_trained_again_from_what_is_kept(real, writer, programs):
    job = real.start(ME, read_query(QUERY), None, "step")
    wait_until(lambda: job.status == PAUSED and job.epoch == 1, "the first epoch")
    real.change(job, read_query(f"{QUERY}&batch=16"))
    real.edit(job, SetWeight("output/bias", (0,), 0.5))
    real.resume(job)
    wait_until(lambda: job.status == FINISHED, "the end")
    run = run_with_weights(real, writer, job)
    assert run.history == job.history()
    assert run.summary.edit_count == 1
    assert [epoch for epoch, _ in run.plan] == [0, 1]
    record = Record(run.plan, run.summary.epoch, FINISHED, job.pace, None, run.edits)
    again = Trainer.again(record, lambda _: None, programs)
    assert same(again.weights().arrays, writer.store.weights(ME, job.key, LAST).arrays)
    real.forget(job)


def test_an_interrupted_run_goes_on_to_the_same_end_bit_for_bit(real, writer):
    whole = real.start(ME, read_query(f"{QUERY}&seed=5"), None)
    wait_until(lambda: whole.status == FINISHED, "the end")
    expected = run_with_weights(real, writer, whole)
    short = change("short", f"{QUERY}&seed=5", count=12, status=INTERRUPTED)  # its rows are not what was trained
    writer.note(short)
    assert writer.flush(PATIENCE)
    kept = writer.store.run(ME, short.key)
    job = real.reopen(ME, kept, None)
    assert (job.status, job.epoch, job.history()) == (PAUSED, 12, kept.history)
    assert real.reopen(ME, kept, None) is job
    real.resume(job)
    wait_until(lambda: job.status == FINISHED, "the end")
    again = run_with_weights(real, writer, job)
    assert again.summary.key == short.key
    assert (again.summary.status, again.history) == (FINISHED, expected.history)
    for which in (LAST, BEST):
        one, other = (writer.store.weights(ME, run.summary.key, which) for run in (expected, again))
        assert one.epoch == other.epoch
        assert same(one.arrays, other.arrays)
    for finished in (whole, job):
        real.forget(finished)


def test_a_finished_run_opens_as_it_was(real, writer):
    job = real.start(ME, read_query(QUERY), None)
    wait_until(lambda: job.status == FINISHED, "the end")
    kept = run_with_weights(real, writer, job)
    weights = real.trained(job).weights
    real.forget(job)
    again = real.reopen(ME, kept, None)
    assert (again.status, again.history()) == (FINISHED, kept.history)
    assert (again.key, again.run != job.run) == (job.key, True)  # nothing on its way from the first reaches it
    assert same(real.trained(again).weights, weights)
    real.forget(again)


def test_a_run_of_another_server_is_not_opened_while_that_trains_it(fed, writer):
    writer.note(change("elsewhere"))
    assert writer.flush(PATIENCE)
    with pytest.raises(RunsError, match="Another server"):
        fed.reopen(ME, writer.store.run(ME, key("elsewhere")), None)


def test_a_run_that_is_dropped_leaves_its_weights(real, writer):
    job = real.start(ME, read_query(QUERY), None, "step")
    wait_until(lambda: job.status == PAUSED and job.epoch == 1, "the first epoch")
    settle(real, job)
    weights = real.trained(job).weights
    real.forget(job)
    wait_until(lambda: writer.flush(PATIENCE) and have_weights(writer, job, weights), "the weights")
    summary = writer.store.run(ME, job.key).summary
    assert (summary.status, summary.epoch) == (STOPPED, 1)


def same(one, other) -> bool:
    return list(one) == list(other) and all(np.array_equal(one[name], other[name]) for name in one)
