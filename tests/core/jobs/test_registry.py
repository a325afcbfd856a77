"""Whose jobs there are, and for how long; without workers."""

import asyncio

import numpy as np
import pytest

from core.errors import ExperimentError, WorkersError
from core.experiment import read_query
from core.jobs import jobs as jobs_module
from core.jobs import tending as tending_module
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.jobs.tending import keep_tending
from core.messages.edits import SetWeight, Silence, Undo
from core.messages.pace import FAST
from core.messages.updates import INTERRUPTED, PAUSED, QUEUED, RUNNING
from tests.core.jobs.hand_fed import BROWSER, feed

MOONS = read_query("data=moons")


def start(jobs: Jobs, query: str = "data=moons", owner: str = BROWSER) -> Job:
    return jobs.start(owner, read_query(query), None)


def test_a_job_says_that_no_worker_is_ready_until_its_first_update(fed_jobs):
    fed_jobs.cluster.ready = False
    job = start(fed_jobs)
    assert (job.status, job.epoch) == (QUEUED, 0)
    assert "still loading" in job.message
    feed(job, 0, 1)
    assert job.message == ""
    fed_jobs.cluster.ready = True
    assert start(fed_jobs).message == ""


def test_a_job_says_that_the_workers_cannot_be_reached(fed_jobs):
    fed_jobs.cluster.is_away = True
    assert start(fed_jobs).message.startswith("The training workers cannot be reached now; this run begins")


def test_a_job_is_its_browsers_own(fed_jobs):
    job = start(fed_jobs)
    assert fed_jobs.get(job.token, BROWSER) is job
    for stranger in ("", "somebody else", "jemand anderes, mit Umläuten", BROWSER[:-1], f"{BROWSER} "):
        assert fed_jobs.get(job.token, stranger) is None
    for token in ("", job.token[:-1], job.run):
        assert fed_jobs.get(token, BROWSER) is None


def test_the_newest_job_of_an_experiment_is_found_again(fed_jobs):
    first, second, other = start(fed_jobs), start(fed_jobs), start(fed_jobs, "data=moons&seed=1")
    changed = read_query("data=moons&lr=0.5")
    assert fed_jobs.find(BROWSER, MOONS) is second
    assert fed_jobs.find("somebody else", MOONS) is None
    fed_jobs.change(second, changed)
    assert fed_jobs.find(BROWSER, MOONS) is first
    assert fed_jobs.find(BROWSER, changed) is second
    fed_jobs.forget(other)
    assert fed_jobs.find(BROWSER, other.experiment) is None


def test_a_browser_has_so_many_jobs_and_the_oldest_go_first(fed_jobs, monkeypatch):
    monkeypatch.setattr(jobs_module, "JOBS_PER_OWNER", 2)
    strangers = start(fed_jobs, owner="somebody else")
    first, second, third = (start(fed_jobs) for _ in range(3))
    assert fed_jobs.get(first.token, BROWSER) is None
    assert fed_jobs.cluster.closed == [first.run]
    assert (fed_jobs.get(second.token, BROWSER), fed_jobs.get(third.token, BROWSER)) == (second, third)
    assert fed_jobs.get(strangers.token, "somebody else") is strangers


def test_a_bad_edit_is_refused_before_it_reaches_the_worker(fed_jobs, fed_job):
    for edit in (Silence(0, 99, True), SetWeight("hidden_1/kernel", (0, 0), float("nan")), SetWeight("x", (), 1.0)):
        with pytest.raises(ExperimentError):
            fed_jobs.edit(fed_job, edit)
    assert fed_job.edits == ()
    fed_job.end(INTERRUPTED, "gone")
    with pytest.raises(WorkersError, match="gone"):
        fed_jobs.edit(fed_job, Undo())
    assert fed_jobs.cluster.sent == []


def test_an_edit_that_is_refused_shows_the_weights_again_to_who_looks_inside(fed_jobs, fed_job):
    """The page has shown the edit already, and a run at rest sends nothing more by itself."""
    fed_job.look_inside()
    weights = np.ones(3, np.float32)
    feed(fed_job, 0, 1, weights=weights, boundary=weights)
    seen = fed_job.frame(0, 0, 0, inside=True).seq
    assert fed_job.frame(seen, 0, 1, inside=True) is None
    with pytest.raises(ExperimentError):
        fed_jobs.edit(fed_job, Silence(0, 99, True))
    frame = fed_job.frame(seen, 0, 1, inside=True)
    np.testing.assert_array_equal(frame.arrays["weights"], weights)
    assert "boundary" not in frame.arrays
    assert "weights" not in fed_job.frame(seen, 0, 1, inside=False).arrays


def test_an_exception_does_not_end_tending(monkeypatch):
    tended, logged = [], []
    monkeypatch.setattr(tending_module.logger, "exception", logged.append)  # Dask silences pytest's handlers

    def tend() -> None:
        tended.append(1)
        if len(tended) < 3:
            raise KeyError("of this time")

    async def tend_three_times() -> None:
        tending = asyncio.create_task(keep_tending(tend, 0.0))
        while len(tended) < 3:
            await asyncio.sleep(0)
        tending.cancel()

    asyncio.run(tend_three_times())
    assert logged == ["Could not look after what the server holds"] * 2


# Without watchers


def leave_alone(job: Job, seconds: float) -> None:
    job._watchers.seen_at -= seconds


def test_nobody_watching_pauses_a_job_until_somebody_looks(fed_jobs, fed_job):
    feed(fed_job, 0, 1)
    leave_alone(fed_job, jobs_module.PAUSE_SECONDS / 2)
    fed_jobs.tend()
    assert fed_jobs.cluster.sent == []
    leave_alone(fed_job, jobs_module.PAUSE_SECONDS)
    fed_jobs.tend()
    assert fed_jobs.cluster.sent == [("pause", None)]
    feed(fed_job, 1, 1, status=PAUSED)
    assert (fed_job.status, fed_job.message) == (PAUSED, "Paused while nobody was watching.")
    fed_jobs.tend()
    assert fed_jobs.cluster.sent == [("pause", None)]
    fed_job.watch()
    fed_jobs.tend()
    assert fed_jobs.cluster.sent == [("pause", None), ("pace", FAST), ("train", None)]
    feed(fed_job, 2, 1)
    assert (fed_job.status, fed_job.message) == (RUNNING, "")


@pytest.mark.parametrize("action", ["pause", "step"])
def test_a_job_paused_while_nobody_watched_obeys_who_comes_back(action, fed_jobs, fed_job):
    leave_alone(fed_job, jobs_module.PAUSE_SECONDS + 1)
    fed_jobs.tend()
    feed(fed_job, 0, 1, status=PAUSED)
    fed_job.watch()
    getattr(fed_jobs, action)(fed_job)
    fed_jobs.tend()
    assert fed_jobs.cluster.sent == [("pause", None), (action, None)]
    feed(fed_job, 1, 1, status=PAUSED)
    assert fed_job.message == ""


def test_a_job_that_does_not_train_is_not_paused(fed_jobs, fed_job):
    feed(fed_job, 0, 1, status=PAUSED)
    leave_alone(fed_job, jobs_module.PAUSE_SECONDS + 1)
    fed_jobs.tend()
    fed_job.watch()
    fed_jobs.tend()
    assert fed_jobs.cluster.sent == []


def test_a_job_nobody_has_watched_for_long_is_forgotten(fed_jobs, fed_job):
    leave_alone(fed_job, jobs_module.FORGET_SECONDS + 1)
    fed_jobs.tend()
    assert fed_jobs.get(fed_job.token, BROWSER) is None
    assert fed_jobs.cluster.closed == [fed_job.run]
