"""Workers that die while runs train and rest there, and while they are asked something."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from core.errors import WorkersError
from core.experiment import read_query
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.edits import Silence
from core.messages.pace import Pace
from core.messages.updates import FINISHED, INTERRUPTED, PAUSED, RUNNING
from core.studies.race import Race
from core.studies.snapshot import StudySnapshot
from core.trained import TrainedNetwork
from core.workers import worker
from core.workers.waiting import wait_for_answer
from tests.core.training.runs import QUICK
from tests.core.workers.sent_functions import answer_late, was_asked
from tests.core.workers.worker_processes import (
    Starter,
    client_of,
    history,
    look_inside,
    pause_at_epoch_2,
    processes,
    scale,
    seen_inside,
    tend,
    wait_for,
)
from tests.waiting import PATIENCE, wait_until

LOST = "were lost with the worker"
EDIT = Silence(0, 1, True)
OWNER = "whose race is interrupted"
RACE = Race((read_query(f"{QUICK}&epochs=60"), read_query(f"{QUICK}&epochs=60&lr=0.2")), pace=Pace(20.0))


@dataclass(frozen=True)
class Killed:
    """Runs whose workers were killed.

    Attributes:
        running: trained then.
        paused: was looked into, and was sent a command before anybody noticed.
        untouched: was paused too.
        finished: had ended, and was looked into.
        asked: had ended, and its network, `network`, had been asked for.
        untouched_status: of `untouched`, before the server tended to its workers.
        question_error: how waiting for an answer ended.
        race: a study that was training, and how it stood just before.
        old: the workers' processes.
    """

    running: Job
    paused: Job
    untouched: Job
    finished: Job
    asked: Job
    network: TrainedNetwork
    untouched_status: str
    question_error: WorkersError
    race: StudySnapshot
    old: set[int]


@pytest.fixture(scope="module")
def killed(jobs: Jobs) -> Iterator[Killed]:
    """Kill all workers, once for all tests here."""
    scale(jobs, 1)
    begin = Starter(jobs, "whose workers die")
    untouched = begin(first="step")
    paused, finished = pause_at_epoch_2(jobs, begin, f"{QUICK}&epochs=8"), begin(f"{QUICK}&epochs=4")
    asked, running = begin(f"{QUICK}&epochs=3"), begin(f"{QUICK}&epochs=2000", pace=50)
    wait_for(untouched, PAUSED)
    for job in (finished, asked):
        wait_for(job, FINISHED)
    network = jobs.trained(asked, seconds=PATIENCE)
    jobs.edit(paused, EDIT)
    for job in (paused, finished):
        look_inside(jobs, job)
    wait_until(lambda: running.epoch >= 5, "epoch 5")
    errors: list[WorkersError] = []
    asking = threading.Thread(target=ask_in_vain, args=(jobs, errors))
    asking.start()
    wait_until(lambda: any(client_of(jobs).run(was_asked).values()), "the question")
    race = jobs.studies.start(OWNER, RACE)
    wait_until(lambda: has_begun(jobs, race), "the race")

    old, before = processes(jobs), jobs.studies.snapshot(OWNER, race)
    for process in old:
        os.kill(process, signal.SIGKILL)
    wait_for(running, INTERRUPTED)
    asking.join()
    jobs.resume(paused)
    wait_for(paused, INTERRUPTED)
    untouched_status = untouched.status
    tend(jobs)
    yield Killed(running, paused, untouched, finished, asked, network, untouched_status, errors[0], before, old)
    begin.forget_all()


def has_begun(jobs: Jobs, race: str) -> bool:
    jobs.studies.tend()
    return jobs.studies.snapshot(OWNER, race).results[0].epochs >= 3


def ask_in_vain(jobs: Jobs, errors: list[WorkersError]) -> None:
    try:
        wait_for_answer(jobs.cluster, answer_late, "", seconds=PATIENCE)
    except WorkersError as error:
        errors.append(error)


def test_a_run_that_trained_is_interrupted_and_keeps_its_curves(killed):
    assert len(history(killed.running)) == killed.running.epoch >= 5
    assert "has died" in killed.running.message


def test_a_run_that_rested_is_interrupted_when_somebody_goes_on_or_the_workers_are_tended(killed):
    assert (killed.untouched_status, killed.untouched.status) == (PAUSED, INTERRUPTED)
    assert len(history(killed.untouched)) == 1


def test_a_run_that_had_ended_stays_as_it_is(killed):
    assert killed.finished.status == FINISHED
    assert killed.finished.is_lost


@pytest.mark.parametrize(("name", "why"), [("finished", "by hand"), ("paused", "has died")])
def test_what_was_lost_is_shown_but_neither_changed_nor_asked_for(name, why, killed, jobs):
    job = getattr(killed, name)
    assert {"weights", "spaces", "boundary"} <= seen_inside(job)  # the last that came
    edits = job.edits
    with pytest.raises(WorkersError, match=why):
        jobs.edit(job, Silence(0, 0, True))
    assert job.edits == edits == tuple((2, EDIT) for _ in range(name == "paused"))
    with pytest.raises(WorkersError, match=LOST):
        asyncio.run(jobs.replay(job, epoch=1, inside=True))
    with pytest.raises(WorkersError, match=LOST):
        jobs.ask(job, worker.health_of)
    with pytest.raises(WorkersError, match=LOST):
        jobs.trained(job)


def test_a_network_that_was_asked_for_before_stays(killed, jobs):
    assert jobs.trained(killed.asked) is killed.network


def test_a_question_ends_with_its_worker(killed, jobs):
    assert str(killed.question_error) == "The worker that was asked has died. Try again."
    assert wait_for_answer(jobs.cluster, int, "7", seconds=PATIENCE) == 7


def test_a_fresh_worker_trains_the_next_run(killed, jobs, begin):
    wait_for(begin(f"{QUICK}&epochs=5"), FINISHED)
    assert not processes(jobs) & killed.old


def test_a_study_goes_on_with_a_fresh_worker(killed, jobs):
    assert (killed.race.status, killed.race.ended) == (RUNNING, 0)
    race = killed.race.key

    def has_ended() -> bool:
        tend(jobs)
        jobs.studies.tend()
        return not jobs.studies.snapshot(OWNER, race).is_live

    wait_until(has_ended, "the end of the race")
    done = jobs.studies.snapshot(OWNER, race)
    assert (done.status, done.message) == (FINISHED, "")
    for result, before in zip(done.results, killed.race.results, strict=True):
        assert result.epochs == 60
        np.testing.assert_array_equal(result.history["loss"][: before.epochs], before.history["loss"])
