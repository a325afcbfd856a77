"""Studies are kept, whatever happens to the server: on every kind of database."""

import os
import subprocess
import sys

import numpy as np
import pytest
from sqlalchemy import select, update

from core.errors import NoRunError, RunsError
from core.experiment import read_query
from core.jobs.studies import Studies
from core.messages.updates import FINISHED, INTERRUPTED, RUNNING, STOPPED
from core.runs import study_recording, tables
from core.runs.database import writing
from core.runs.limits import UNDO_SECONDS
from core.runs.study_recording import make_room_for_studies, write_study
from core.runs.study_values import KeptMember, StudyChange, StudyLine
from core.runs.writer import RunWriter
from core.studies.plans import plan_to_json
from core.studies.results import MemberResult
from core.studies.snapshot import StudySnapshot
from core.studies.study import Study
from core.studies.varied import Varied
from tests.core.runs.changes import ME, OTHER, key
from tests.waiting import PATIENCE, wait_until

PLAN = Study(read_query("data=moons&points=60&layers=tanh-3&batch=16&epochs=20"), (Varied.parse("lr=0.01,0.1"),), 2)
WHERE = ("tests.core.runs.test_studies", "leave_a_study")


@pytest.fixture
def open_writer(start_writer):
    def open_one() -> RunWriter:
        writer = start_writer()
        wait_until(lambda: writer._engine is not None, "the database")
        return writer

    return open_one


def change(name: str, status: str = FINISHED, owner: str = ME, members: dict | None = None, **values) -> StudyChange:
    line = {
        "key": key(name),
        "name": name,
        "kind": PLAN.kind,
        "plan": plan_to_json(PLAN),
        "status": status,
        "message": "",
        "created_at": 1000.0,
        "deleted_at": None,
        "seconds": 1.5,
        "total": 4,
        "ended": 1,
        "best": 0.75,
    }
    return StudyChange(owner, StudyLine(**line | values), status == RUNNING, members or {})


def member(status: str = FINISHED, epochs: int = 20) -> KeptMember:
    rows = np.linspace(0, 1, epochs * 4, dtype=np.float32).reshape(epochs, 4)
    return KeptMember(status, "words", 0.5, rows, np.arange(8, dtype=np.uint8).reshape(2, 2, 2))


def leave_a_study() -> None:
    """Begin a study as a server does, and be killed."""
    writer = RunWriter()
    writer.start()
    writer.note(change("killed", RUNNING, members={0: member(), 1: member(RUNNING, 3)}))
    assert writer.flush(PATIENCE)
    os.kill(os.getpid(), 9)


def end_of(studies: Studies, study: str) -> StudySnapshot:
    wait_until(lambda: studies.tend() or not studies.wait(ME, study, 0, 0).is_live, "the end of the study")
    return studies.snapshot(ME, study)


def assert_same(results: tuple[MemberResult, ...], others: tuple[MemberResult, ...]) -> None:
    for one, other in zip(results, others, strict=True):
        assert (one.member, one.status, one.message, one.seconds) == (
            other.member,
            other.status,
            other.message,
            other.seconds,
        )
        for name, column in other.history.items():
            np.testing.assert_array_equal(one.history[name], column)
        np.testing.assert_array_equal(one.surface, other.surface)


def test_a_study_that_has_finished_is_seen_by_another_server(jobs, open_writer):
    first, second = open_writer(), open_writer()
    here, elsewhere = Studies(jobs.cluster, first), Studies(jobs.cluster, second)
    study = here.start(ME, PLAN)
    done = end_of(here, study)
    assert first.flush(PATIENCE)
    seen = elsewhere.snapshot(ME, study)
    assert (seen.status, seen.name, seen.plan, seen.total, seen.ended) == (FINISHED, done.name, PLAN, 4, 4)
    assert seen.seconds == pytest.approx(done.seconds)
    assert_same(seen.results, done.results)
    assert elsewhere.list(ME) == here.list(ME)
    assert elsewhere.list(OTHER) == []
    with pytest.raises(NoRunError):
        elsewhere.snapshot(OTHER, study)


def test_a_study_of_a_server_that_was_killed_is_interrupted_and_goes_on_to_the_same_end(jobs, url, open_writer):
    script = f"from {WHERE[0]} import {WHERE[1]}; {WHERE[1]}()"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    studies = Studies(jobs.cluster, open_writer())
    (line,) = studies.list(ME)
    assert (line.status, line.total, line.ended, line.best) == (INTERRUPTED, 4, 1, 0.75)
    before = studies.snapshot(ME, line.key)
    assert before.message == "The server was stopped while this study was training."
    assert [result.status for result in before.results] == [FINISHED, INTERRUPTED, "queued", "queued"]
    assert before.results[1].epochs == 3
    studies.resume(ME, line.key)
    resumed = end_of(studies, line.key)
    assert (resumed.status, resumed.ended) == (FINISHED, 4)
    whole = end_of(studies, studies.start(ME, PLAN))
    assert_same_histories = [
        np.array_equal(one.history[name], other.history[name])
        for one, other in zip(resumed.results[1:], whole.results[1:], strict=True)  # the first was made up
        for name in other.history
    ]
    assert all(assert_same_histories)


def test_a_study_of_a_server_that_ends_is_interrupted(open_writer):
    writer = open_writer()
    writer.note(change("going on", RUNNING, members={0: member(RUNNING, 2)}))
    writer.close()
    kept = open_writer().studies.study(ME, key("going on"))
    assert (kept.line.status, kept.members[0].status) == (INTERRUPTED, INTERRUPTED)


def test_a_study_that_another_server_trains_is_seen_and_left_alone(jobs, open_writer):
    writer = open_writer()
    studies = Studies(jobs.cluster, open_writer())
    writer.note(change("elsewhere", RUNNING, members={0: member(RUNNING, 2)}))
    assert writer.flush(PATIENCE)
    study = key("elsewhere")
    assert studies.snapshot(ME, study).results[0].epochs == 2
    studies.stop(ME, study)
    studies.resume(ME, study)
    writer.note(change("elsewhere", RUNNING, members={0: member(RUNNING, 5)}))
    assert writer.flush(PATIENCE)
    now = studies.snapshot(ME, study)
    assert (now.status, now.results[0].epochs) == (RUNNING, 5)
    studies.rename(ME, study, "seen")
    assert [line.name for line in studies.list(ME)] == ["seen"]


def test_studies_are_renamed_deleted_and_brought_back_in_the_store(jobs, open_writer):
    writer = open_writer()
    writer.note(change("old"))
    assert writer.flush(PATIENCE)
    studies = Studies(jobs.cluster, writer)
    study = key("old")
    studies.rename(ME, study, "better")
    assert writer.flush(PATIENCE)
    assert writer.studies.study(ME, study).line.name == "better"
    studies.delete(ME, study)
    assert writer.flush(PATIENCE)
    assert studies.list(ME) == writer.studies.studies(ME) == []
    again = Studies(jobs.cluster, writer)
    with pytest.raises(NoRunError):
        again.snapshot(ME, study)
    with pytest.raises(NoRunError):
        again.bring_back(OTHER, study)
    again.bring_back(ME, study)
    assert [line.name for line in again.list(ME)] == ["better"]


def test_a_persons_studies_go_along_to_their_new_name(jobs, open_writer):
    writer = open_writer()
    writer.note(change("mine"))
    writer.hand_over(ME, OTHER)
    assert writer.flush(PATIENCE)
    assert [line.name for line in writer.studies.studies(OTHER)] == ["mine"]
    assert writer.studies.studies(ME) == []


def test_changes_that_wait_are_joined():
    first = change("one", RUNNING, members={0: member(RUNNING, 2), 1: member()})
    both = first.then(change("one", STOPPED, members={0: member(FINISHED)}))
    assert (both.line.status, both.is_live, both.is_urgent) == (STOPPED, False, True)
    assert {place: one.status for place, one in both.members.items()} == {0: FINISHED, 1: FINISHED}
    assert both.heavy_bytes == 16
    assert both.lightened().heavy_bytes == 0


def test_the_oldest_studies_make_room(engine, monkeypatch):
    monkeypatch.setattr(study_recording, "STUDIES_MOST", 2)
    with writing(engine) as connection:
        for place in range(4):
            status = RUNNING if place == 0 else FINISHED
            write_study(connection, change(f"study {place}", status, created_at=float(place)), "a server")
        write_study(connection, change("other", owner=OTHER), "a server")
        make_room_for_studies(connection)
        names = connection.execute(select(tables.study.c.name).order_by(tables.study.c.created_at)).scalars().all()
    assert names == ["study 0", "study 3", "other"]  # the first one goes on


def test_studies_that_take_too_many_bytes_make_room(engine, monkeypatch):
    with writing(engine) as connection:
        for place in range(3):
            members = {0: member(), 1: member()}
            write_study(connection, change(f"study {place}", created_at=float(place), members=members), "a server")
        sizes = connection.execute(select(tables.study.c.bytes)).scalars().all()
        assert min(sizes) > 1_000
        monkeypatch.setattr(study_recording, "STUDY_BYTES_MOST", sizes[0] + 1)
        make_room_for_studies(connection)
        assert connection.execute(select(tables.study.c.name)).scalars().all() == ["study 2"]
        assert connection.execute(select(tables.study_member.c.place)).scalars().all() == [0, 1]


def test_a_deleted_study_goes_for_good_after_a_while(engine):
    with writing(engine) as connection:
        write_study(connection, change("gone", members={0: member()}, deleted_at=1.0), "a server")
        write_study(connection, change("there", deleted_at=1e12 - UNDO_SECONDS), "a server")
        make_room_for_studies(connection)
        assert connection.execute(select(tables.study.c.name)).scalars().all() == ["there"]
        assert connection.execute(select(tables.study_member.c.place)).scalars().all() == []


def test_damage_is_said_in_words(engine, jobs, open_writer):
    writer = open_writer()
    writer.note(change("damaged", members={0: member()}))
    assert writer.flush(PATIENCE)
    studies = Studies(jobs.cluster, writer)
    for values in ({"history": b"not deflated"}, {"surface": b"nor this"}):
        with writing(writer._engine) as connection:
            connection.execute(update(tables.study_member).values(**values))
        with pytest.raises(RunsError, match="damaged"):
            studies.snapshot(ME, key("damaged"))
