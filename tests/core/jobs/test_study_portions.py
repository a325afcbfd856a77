"""Whose portion goes where, and what happens when workers die: with portions that the tests end by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import DataError, RunsError, WorkersError
from core.experiment import read_query
from core.jobs import studies as studies_module
from core.jobs.live_study import ATTEMPTS_MOST, LiveStudy
from core.jobs.studies import Studies
from core.messages.updates import FAILED, FINISHED, QUEUED, RUNNING, STOPPED
from core.studies.news import MemberNews, PortionNews
from core.studies.study import Study
from core.studies.varied import Varied
from core.workers.portions import Workers
from tests.waiting import wait_until

ME, OTHER = "my browser", "another browser"
MOONS = read_query("data=moons&points=60&layers=tanh-3&epochs=2")
TWENTY = Study(MOONS, seeds=20)


class Portions:
    """Stands in for the workers: notes what is handed out, and says what is idle."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.known = {f"worker {place}": set() for place in range(workers)}
        self.busy = {}
        self.stopped = []

    def look(self) -> Workers:
        compiled = {name: frozenset(known) for name, known in self.known.items()}
        return Workers(compiled, frozenset(compiled.keys() - self.busy.keys()))

    def start(self, address, program, task, on_news, on_end) -> None:
        assert address not in self.busy
        self.known[address].add(program)
        self.busy[address] = SimpleNamespace(task=task, on_news=on_news, on_end=on_end)

    def stop(self, key: str) -> None:
        self.stopped.append(key)

    def finish(self, address: str, status: str = FINISHED) -> None:
        out = self.busy.pop(address)
        members = (
            MemberNews(place, status, 0, np.full((2, 4), 0.5, np.float32), 0.1) for place in out.task.experiments
        )
        out.on_end(PortionNews(tuple(members), 0.1, 0.1, 2 * len(out.task.experiments)), None)

    def die(self, address: str, error: Exception) -> None:
        self.busy.pop(address).on_end(None, error)


@pytest.fixture
def portions() -> Portions:
    return Portions(2)


@pytest.fixture
def studies(portions) -> Studies:
    return Studies(SimpleNamespace(portions=portions))


def started(studies: Studies, portions: Portions, plan: Study, owner: str = ME) -> str:
    key = studies.start(owner, plan)
    wait_until(lambda: studies._studies[key].left is not None, "how it is shared out")
    studies.tend()
    return key


def owners_of(studies: Studies, portions: Portions) -> dict[str, str]:
    """Return whose portion each worker has."""
    of = {key: study.owner for study in studies._studies.values() for key in study.out}
    return {address: of[out.task.key] for address, out in portions.busy.items()}


def test_one_portion_a_worker_and_people_take_turns(studies, portions):
    mine = started(studies, portions, Study(MOONS, (Varied.parse("batch=8,16,32,64"),), seeds=20))
    assert owners_of(studies, portions) == {"worker 0": ME, "worker 1": ME}
    other = started(studies, portions, TWENTY, OTHER)
    assert studies.snapshot(OTHER, other).status == QUEUED
    portions.finish("worker 1")
    assert owners_of(studies, portions) == {"worker 0": ME, "worker 1": OTHER}
    portions.finish("worker 0")
    assert owners_of(studies, portions) == {"worker 0": ME, "worker 1": OTHER}
    portions.finish("worker 1")
    assert owners_of(studies, portions) == {"worker 0": ME, "worker 1": OTHER}
    portions.finish("worker 1")
    assert studies.snapshot(OTHER, other).status == FINISHED
    assert studies.snapshot(ME, mine).ended == 20


def test_a_worker_that_has_compiled_a_structure_is_preferred(studies, portions):
    started(studies, portions, Study(MOONS, (Varied.parse("batch=8,16"),), seeds=20))
    first = {address: next(iter(known)) for address, known in portions.known.items()}
    assert first["worker 0"] != first["worker 1"]  # none compiles what another one does
    portions.finish("worker 0")
    portions.finish("worker 1")
    assert {address: set(known) for address, known in portions.known.items()} == {
        address: {program} for address, program in first.items()
    }


def test_a_portion_whose_worker_dies_is_trained_again_and_given_up_in_the_end(studies, portions):
    key = started(studies, portions, TWENTY)
    portions.finish("worker 1")
    for attempt in range(ATTEMPTS_MOST):
        assert studies.snapshot(ME, key).status == RUNNING, attempt
        portions.busy["worker 0"].on_news(PortionNews((MemberNews(0, RUNNING, 0, np.ones((1, 4)), 0.1),), 0.1, 0.1, 1))
        assert studies.snapshot(ME, key).results[0].epochs == 1
        portions.die("worker 0", WorkersError("gone"))
    failed = studies.snapshot(ME, key)
    assert (failed.status, failed.ended) == (FAILED, 10)
    assert failed.message.startswith("The training workers died again and again")
    assert portions.busy == {}


def test_a_portion_is_trained_again_from_its_first_epoch(studies, portions):
    key = started(studies, portions, TWENTY)
    portions.busy["worker 0"].on_news(PortionNews((MemberNews(0, RUNNING, 0, np.ones((1, 4)), 0.1),), 0.1, 0.1, 1))
    portions.die("worker 0", WorkersError("gone"))
    assert studies.snapshot(ME, key).results[0].epochs == 0
    for address in ("worker 0", "worker 1"):
        portions.finish(address)
    done = studies.snapshot(ME, key)
    assert (done.status, done.ended) == (FINISHED, 20)


def test_an_error_of_the_portion_itself_ends_the_study_in_its_words(studies, portions):
    key = started(studies, portions, TWENTY)
    portions.die("worker 0", DataError("The file is gone."))
    failed = studies.snapshot(ME, key)
    assert (failed.status, failed.message) == (FAILED, "The file is gone.")
    assert len(portions.stopped) == 1  # the other portion


def test_what_a_stopped_portion_still_tells_is_not_heard(studies, portions):
    key = started(studies, portions, TWENTY)
    studies.stop(ME, key)
    assert len(portions.stopped) == 2
    portions.finish("worker 0")
    assert (studies.snapshot(ME, key).status, studies.snapshot(ME, key).ended) == (STOPPED, 0)
    studies.resume(ME, key)
    wait_until(lambda: studies._studies[key].left is not None, "how it is shared out")
    studies.tend()
    portions.finish("worker 1")  # the one that was stopped
    portions.finish("worker 0")
    wait_until(lambda: studies.tend() or portions.busy, "the rest")
    while portions.busy:
        portions.finish(next(iter(portions.busy)))
    done = studies.snapshot(ME, key)
    assert (done.status, done.ended) == (FINISHED, 20)


def test_news_with_a_gap_are_not_taken_for_a_history(studies, portions):
    key = started(studies, portions, Study(MOONS, seeds=2))
    out = portions.busy["worker 0"]
    out.on_news(PortionNews((MemberNews(0, FINISHED, 1, np.ones((1, 4)), 0.1),), 0.1, 0.1, 1))
    assert studies.snapshot(ME, key).results[0].epochs == 0
    out.on_end(None, None)
    portions.busy.pop("worker 0")
    studies.tend()
    while portions.busy:
        portions.finish(next(iter(portions.busy)))
    assert studies.snapshot(ME, key).status == FINISHED


def test_while_the_database_is_away_studies_train_and_are_listed(portions, monkeypatch):
    noted = []
    writer = SimpleNamespace(is_away=True, problem="The database is away.", note=noted.append)
    studies = Studies(SimpleNamespace(portions=portions), writer)
    monkeypatch.setattr(studies_module, "IDLE_SECONDS", -1.0)
    key = started(studies, portions, Study(MOONS, seeds=2))
    portions.finish("worker 0")
    studies.tend()
    assert studies.snapshot(ME, key).status == FINISHED  # it is not forgotten before it is written
    assert [line.key for line in studies.list(ME)] == [key]
    assert noted[-1].line.status == FINISHED
    assert {place for change in noted for place in change.members} == {0, 1}
    with pytest.raises(RunsError, match="away"):
        studies.snapshot(ME, "0" * 32)
    writer.is_away = False
    studies.tend()
    assert studies._studies == {}


def test_a_browser_hands_its_studies_over_with_its_jobs(fed_jobs):
    job = fed_jobs.start("before", MOONS, None)
    study = LiveStudy("before", TWENTY)
    fed_jobs.studies._studies[study.key] = study
    fed_jobs.hand_over(job.token, "after")
    assert [line.key for line in fed_jobs.studies.list("after")] == [study.key]
    assert fed_jobs.studies.list("before") == []
