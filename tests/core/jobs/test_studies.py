"""Studies on a real worker: what they lead to, and what a person can do with them."""

import numpy as np
import pytest

from core.engine.programs import Programs
from core.errors import ExperimentError, NoRunError, WorkersError
from core.experiment import Experiment, read_query
from core.jobs import studies as studies_module
from core.jobs.studies import Studies
from core.messages.updates import FAILED, FINISHED, QUEUED, RUNNING, STOPPED
from core.studies.results import MemberResult
from core.studies.snapshot import ASKING, StudySnapshot
from core.studies.study import Study
from core.studies.training import train_study
from core.studies.varied import Varied
from tests.waiting import PATIENCE, wait_until

ME, OTHER = "my browser", "another browser"
SMALL = read_query("data=moons&points=60&layers=tanh-3&batch=16&lr=0.1&epochs=20")
LONG = read_query("data=moons&points=60&layers=tanh-3&batch=16&epochs=1000")


@pytest.fixture
def studies(jobs) -> Studies:
    return Studies(jobs.cluster)


def end_of(studies: Studies, key: str, owner: str = ME) -> StudySnapshot:
    """Wait until a study goes on no more, and return it."""

    def is_over() -> bool:
        studies.tend()
        return not studies.wait(owner, key, 0, 0).is_live

    wait_until(is_over, "the end of the study")
    return studies.snapshot(owner, key)


def histories(results: tuple[MemberResult, ...]) -> list[np.ndarray]:
    return [np.stack(list(result.history.values()), axis=1) for result in results]


def test_a_study_on_the_workers_leads_to_what_it_does_in_one_process(studies):
    plan = Study(SMALL, (Varied.parse("lr=0.01,0.1"), Varied.parse("batch=16,24")), seeds=2)
    done = end_of(studies, studies.start(ME, plan))
    assert (done.status, done.message, done.total, done.ended) == (FINISHED, "", 8, 8)
    here = train_study(plan, Programs())
    for result, expected in zip(done.results, here.results, strict=True):
        assert result.member == expected.member
        assert (result.status, result.epochs) == (FINISHED, 20)
        for name, column in expected.history.items():
            np.testing.assert_allclose(result.history[name], column, rtol=1e-4, atol=1e-4)
        assert result.surface.shape == (2, 70, 70)
        assert result.seconds > 0


def test_one_run_that_shares_its_program_with_no_other_trains_too(studies):
    done = end_of(studies, studies.start(ME, Study(SMALL, (Varied.parse("batch=16,24"),), seeds=1)))
    assert [(result.status, result.epochs) for result in done.results] == [(FINISHED, 20)] * 2
    assert all(result.surface.shape == (2, 70, 70) for result in done.results)


def test_a_study_that_is_stopped_and_resumed_ends_as_one_that_never_was(studies):
    plan = Study(LONG, (Varied.parse("lr=0.01,0.05"),), seeds=2)
    whole = end_of(studies, studies.start(ME, plan))
    key = studies.start(ME, plan)
    wait_until(lambda: studies.snapshot(ME, key).results[0].epochs, "the first epochs")
    studies.stop(ME, key)
    stopped = studies.snapshot(ME, key)
    assert stopped.status == STOPPED
    assert {result.status for result in stopped.results} <= {STOPPED, QUEUED, FINISHED}
    studies.resume(ME, key)
    resumed = end_of(studies, key)
    assert resumed.status == FINISHED
    assert all(map(np.array_equal, histories(resumed.results), histories(whole.results)))


def test_a_study_is_its_persons_own(studies):
    key = studies.start(ME, Study(SMALL, seeds=2))
    assert [summary.key for summary in studies.list(ME)] == [key]
    assert studies.list(OTHER) == []
    for call in (studies.snapshot, studies.stop, studies.resume, studies.confirm, studies.delete, studies.bring_back):
        with pytest.raises(NoRunError):
            call(OTHER, key)
    with pytest.raises(NoRunError):
        studies.rename(OTHER, key, "mine now")
    with pytest.raises(NoRunError):
        studies.wait(OTHER, key, 0, 0)
    end_of(studies, key)
    studies.hand_over(ME, OTHER)
    assert studies.snapshot(OTHER, key).status == FINISHED


def test_a_study_is_renamed_deleted_and_brought_back(studies):
    key = studies.start(ME, Study(SMALL, seeds=2))
    end_of(studies, key)
    studies.rename(ME, key, " twins ")
    assert studies.snapshot(ME, key).name == "twins"
    studies.rename(ME, key, "")
    assert studies.snapshot(ME, key).name == "Luck: 2 seeds of Moons"
    with pytest.raises(ExperimentError):
        studies.rename(ME, key, "two\nlines")
    studies.delete(ME, key)
    assert studies.list(ME) == []
    with pytest.raises(NoRunError):
        studies.snapshot(ME, key)
    studies.bring_back(ME, key)
    (summary,) = studies.list(ME)
    assert (summary.total, summary.ended, summary.kind) == (2, 2, "luck")
    assert 0 <= summary.best <= 1


def test_a_long_study_asks_and_goes_on_when_told(studies, monkeypatch):
    monkeypatch.setattr(studies_module, "ASK_SECONDS", 0.0)
    key = studies.start(ME, Study(SMALL, (Varied.parse("batch=16,24"),), seeds=1))
    wait_until(lambda: studies.snapshot(ME, key).status == ASKING, "the question")
    asking = studies.snapshot(ME, key)
    assert asking.seconds_left > 0
    assert asking.ended < 2
    studies.confirm(ME, key)
    assert end_of(studies, key).status == FINISHED


def test_too_many_studies_of_one_person_are_refused(studies, monkeypatch):
    monkeypatch.setattr(studies_module, "LIVE_MOST", 1)
    key = studies.start(ME, Study(LONG, seeds=2))
    with pytest.raises(WorkersError, match="are training"):
        studies.start(ME, Study(SMALL, seeds=2))
    end_of(studies, studies.start(OTHER, Study(SMALL, seeds=2)), OTHER)
    studies.stop(ME, key)
    end_of(studies, studies.start(ME, Study(SMALL, seeds=2)))


def test_a_study_that_cannot_be_trained_says_why(studies):
    too_small = read_query("data=moons&points=20&test=0.5&layers=tanh-3")
    broken = Study(Experiment(too_small.data, too_small.network, too_small.training), seeds=2)
    with pytest.MonkeyPatch.context() as patch:

        def fail(_: object) -> None:
            raise ExperimentError("data", "something else", "this")

        patch.setattr(studies_module, "portions_of", fail)
        failed = end_of(studies, studies.start(ME, broken))
    assert (failed.status, failed.ended) == (FAILED, 0)
    assert failed.message == "`data` must be something else. Received: 'this'."


def test_who_waits_hears_of_every_change_and_never_waits_longer_than_asked(studies):
    key = studies.start(ME, Study(SMALL, seeds=2))
    versions = [studies.snapshot(ME, key).version]
    while studies.snapshot(ME, key).is_live:
        studies.tend()
        versions.append(studies.wait(ME, key, versions[-1], PATIENCE).version)
    assert versions == sorted(versions)
    assert len(set(versions)) > 2
    assert studies.wait(ME, key, 10**9, 0.0).status == FINISHED


def test_studies_take_turns(studies):
    """The second person does not wait for the first one's whole study: after one portion it is their turn."""
    many = Study(LONG, (Varied.parse("batch=8,16,32"),), seeds=2)
    first = studies.start(ME, many)
    wait_until(lambda: studies.snapshot(ME, first).status == RUNNING, "the first study")
    second = studies.start(OTHER, Study(SMALL, seeds=2))
    end_of(studies, second, OTHER)
    assert studies.snapshot(ME, first).ended < 6
    studies.stop(ME, first)
