"""Searches and the learning-rate finder on a real worker."""

import os
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import optuna
import pytest

from core.experiment import read_query
from core.jobs.studies import Studies
from core.messages.updates import FINISHED, STOPPED
from core.runs.database import DATABASE_VARIABLE
from core.runs.writer import RunWriter
from core.studies.proposing import Proposer
from core.studies.rate_sweep import RateSweep
from core.studies.search import GRID, MEDIAN, PRUNED, RANDOM, OneOf, Range, Search
from core.studies.snapshot import StudySnapshot
from core.training.rate_sweep import sweep_rates
from tests.waiting import PATIENCE, wait_until

ME = "my browser"
SMALL = read_query("data=moons&points=60&layers=tanh-3&batch=16&lr=0.1&epochs=20")
RATES = Range("lr", 0.001, 1, log=True)


@pytest.fixture
def studies(jobs) -> Studies:
    return Studies(jobs.cluster)


def end_of(studies: Studies, key: str) -> StudySnapshot:
    """Wait until a study goes on no more, and return it."""

    def is_over() -> bool:
        studies.tend()
        return not studies.wait(ME, key, 0, 0).is_live

    wait_until(is_over, "the end of the study")
    return studies.snapshot(ME, key)


def settings(snapshot: StudySnapshot) -> list[dict[str, str]]:
    return [dict(result.member.settings) for result in snapshot.results]


def test_a_sweep_on_a_worker_is_that_of_this_process(studies, programs):
    plan = RateSweep(SMALL, 0.001, 1, 60)
    done = end_of(studies, studies.start(ME, plan))
    assert (done.status, done.total) == (FINISHED, 1)
    losses = done.results[0].history["loss"]
    np.testing.assert_allclose(losses, sweep_rates(SMALL, plan.rates, programs), rtol=1e-3)
    assert (done.results[0].last, done.results[0].best) == (None, None)


def test_a_grid_that_shares_a_program_trains_every_combination(studies):
    plan = Search(SMALL, (RATES, Range("l2", 0.001, 0.1, log=True)), sampler=GRID, grid_values=3)
    done = end_of(studies, studies.start(ME, plan))
    assert (done.status, done.message, done.total) == (FINISHED, "", 9)
    assert {tuple(one.values()) for one in settings(done)} == {
        (rate, strength) for rate in ("0.001", "0.03162", "1") for strength in ("0.001", "0.01", "0.1")
    }
    for result in done.results:
        assert (result.status, result.epochs) == (FINISHED, 20)
        assert result.member.experiment.training.learning_rate == float(dict(result.member.settings)["lr"])


def test_a_search_over_networks_goes_on_after_a_stop_with_what_it_would_have_tried(studies):
    plan = Search(SMALL, (RATES, OneOf("layers", ("tanh-2", "tanh-3,tanh-2"))), trials=6, sampler=RANDOM)
    whole = end_of(studies, studies.start(ME, plan))
    assert (whole.status, whole.ended) == (FINISHED, 6)
    key = studies.start(ME, plan)
    wait_until(lambda: studies.snapshot(ME, key).ended >= 1, "the first trial")
    studies.stop(ME, key)
    assert studies.snapshot(ME, key).status == STOPPED
    studies.resume(ME, key)
    resumed = end_of(studies, key)
    assert (resumed.status, settings(resumed)) == (FINISHED, settings(whole))
    for one, other in zip(resumed.results, whole.results, strict=True):
        np.testing.assert_allclose(one.history["val_loss"], other.history["val_loss"], rtol=1e-3, atol=1e-4)


def test_trials_that_cannot_be_trained_fail_and_the_others_go_on(studies):
    plan = Search(SMALL, (OneOf("points", ("60", "80")), OneOf("test", ("0.2", "0.3"))), sampler=GRID, trials=4)
    done = end_of(studies, studies.start(ME, plan))
    assert [result.status for result in done.results] == [FINISHED] * 4


def test_a_hopeless_trial_ends_early(studies):
    # Nothing is learned at the lowest rates; enough epochs that the pruner sees it in time.
    base = replace(SMALL, training=replace(SMALL.training, epochs=1500))
    plan = Search(
        base, (OneOf("lr", ("0.05", "0.06", "0.07", "0.08", "0.09", "0.00001")),), pruner=MEDIAN, sampler=GRID
    )
    done = end_of(studies, studies.start(ME, plan))
    assert done.status == FINISHED
    assert done.ended == 6
    pruned = [result for result in done.results if result.message == PRUNED]
    assert all(dict(result.member.settings)["lr"] == "0.00001" for result in pruned)


@pytest.fixture
def writer(tmp_path, monkeypatch) -> Iterator[RunWriter]:
    """Runs are kept in a fresh file."""
    monkeypatch.setenv(DATABASE_VARIABLE, f"sqlite:///{tmp_path / 'runs.db'}")
    writer = RunWriter()
    writer.start()
    assert writer.flush(PATIENCE)
    yield writer
    writer.close()


def test_a_search_goes_on_at_the_next_server_with_what_it_would_have_tried(jobs, writer):
    plan = Search(SMALL, (RATES, OneOf("layers", ("tanh-2", "tanh-3"))), trials=6, sampler=RANDOM)
    studies = Studies(jobs.cluster, writer)
    key = studies.start(ME, plan)
    wait_until(lambda: studies.snapshot(ME, key).ended >= 2, "two trials")
    studies.stop(ME, key)
    stopped = studies.snapshot(ME, key)
    assert writer.flush(PATIENCE)
    again = Studies(jobs.cluster, writer)
    found = again.snapshot(ME, key)
    assert (found.plan, found.status, settings(found)) == (plan, STOPPED, settings(stopped))
    again.resume(ME, key)
    resumed = end_of(again, key)
    assert (resumed.status, resumed.total, resumed.ended) == (FINISHED, 6, 6)
    assert settings(resumed)[: len(stopped.results)] == settings(stopped)
    kept = optuna.load_study(storage=os.environ[DATABASE_VARIABLE], study_name=key)
    assert [trial.state.name for trial in kept.trials] == ["COMPLETE"] * 6
    here = Proposer(plan, "here")
    assert [here.propose().settings for _ in range(6)] == [result.member.settings for result in resumed.results]
