"""Progress in lessons is kept for each browser, goes to another machine as a file, and what is done stays done."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.errors import DataError, ExperimentError
from core.messages.updates import FINISHED
from core.runs import recording, tables
from core.runs.database import writing
from core.runs.lesson_progress import BEGUN, DONE, SKIPPED, STATES, StepProgress, merge_progress
from core.runs.lesson_store import FORMAT, LessonStore, read_file
from core.runs.limits import LESSON_STEPS_MOST
from core.runs.recording import hand_over, make_room, person_of, write_change
from core.runs.store import RunStore
from tests.core.runs.changes import ME, OTHER, change, key
from tests.waiting import wait_until


@pytest.fixture
def lessons(engine) -> LessonStore:
    return LessonStore(engine, RunStore(engine)._write)


def test_steps_are_begun_skipped_and_done_for_one_browser_alone(lessons):
    lessons.note(ME, "a-line", "bend-it", BEGUN, predicted=1)
    lessons.note(ME, "a-line", "bend-it", SKIPPED, predicted=0)
    lessons.note(ME, "a-line", "bend-it", DONE, proof=key("a"))
    lessons.note(ME, "a-line", "bend-it", SKIPPED)
    lessons.note(ME, "luck", "twenty", SKIPPED)
    found = lessons.progress(ME)
    assert set(found) == {("a-line", "bend-it"), ("luck", "twenty")}
    done = found["a-line", "bend-it"]
    assert (done.state, done.predicted, done.proof) == (DONE, 1, key("a"))
    assert lessons.progress(OTHER) == {}
    lessons.forget(ME, "a-line")
    assert set(lessons.progress(ME)) == {("luck", "twenty")}


def test_progress_goes_to_another_machine_as_a_file(lessons):
    lessons.note(ME, "a-line", "bend-it", DONE, 2, key("a"))
    lessons.note(ME, "a-line", "train", SKIPPED)
    lessons.note(OTHER, "a-line", "bend-it", SKIPPED)
    lessons.note(OTHER, "a-line", "train", DONE)
    file = lessons.export(ME)
    assert read_file(file) == lessons.progress(ME)
    lessons.add(OTHER, read_file(file))
    states = {step: state.state for (_, step), state in lessons.progress(OTHER).items()}
    assert states == {"bend-it": DONE, "train": DONE}


@pytest.mark.parametrize(
    "change_of_step",
    [
        {"lesson": "A line"},
        {"step": "x" * 61},
        {"step": ""},
        {"state": "won"},
        {"state": ["done"]},
        {"predicted": True},
        {"predicted": -1},
        {"proof": "../../etc"},
        {"changed_at": 1e12},
        {"changed_at": "now"},
    ],
)
def test_a_file_with_a_value_that_is_not_allowed_is_refused(change_of_step):
    step = {"lesson": "a", "step": "b", "state": DONE, "predicted": None, "proof": None, "changed_at": 1.0}
    assert read_file(json.dumps({"format": FORMAT, "steps": [step]}).encode())
    with pytest.raises((ExperimentError, DataError)):
        read_file(json.dumps({"format": FORMAT, "steps": [step | change_of_step]}).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"format": "another", "steps": []}',
        json.dumps({"format": FORMAT, "steps": [1]}).encode(),
        json.dumps({"format": FORMAT, "steps": [{}] * (LESSON_STEPS_MOST + 1)}).encode(),
        b" " * 1_000_001,
    ],
)
def test_another_file_is_refused_in_words(content):
    with pytest.raises(DataError, match=r"Expected: a file that the Learn page has saved|format must be"):
        read_file(content)


@given(st.lists(st.sampled_from(STATES), min_size=1))
def test_what_is_done_stays_done_in_whatever_order_states_come(states):
    now = StepProgress(states[0])
    for state in states[1:]:
        now = now.then(StepProgress(state))
    assert now.state == max(states, key=STATES.index)


def test_progress_is_handed_over_with_the_runs(engine, lessons):
    lessons.note(ME, "a-line", "bend-it", DONE)
    lessons.note(OTHER, "a-line", "bend-it", SKIPPED)
    lessons.note(OTHER, "luck", "twenty", SKIPPED)
    with writing(engine) as connection:
        hand_over(connection, ME, OTHER)
    assert {step: state.state for (_, step), state in lessons.progress(OTHER).items()} == {
        "bend-it": DONE,
        "twenty": SKIPPED,
    }
    assert lessons.progress(ME) == {}


def test_a_server_writes_progress_with_its_one_thread(start_writer):
    writer = start_writer()
    wait_until(lambda: writer._engine is not None, "the database")
    writer.lessons.note(ME, "a-line", "bend-it", DONE)
    writer.hand_over(ME, OTHER)
    assert writer.flush(30)
    assert writer.lessons.progress(OTHER)["a-line", "bend-it"].state == DONE


def test_the_run_that_proved_a_goal_does_not_make_room(engine, lessons, monkeypatch):
    with writing(engine) as connection:
        for at, name in enumerate(("a", "b", "c")):
            write_change(connection, change(name, status=FINISHED, at=1000.0 + at), "")
    lessons.note(ME, "a-line", "bend-it", DONE, proof=key("a"))
    monkeypatch.setattr(recording, "RUNS_MOST", 0)
    with writing(engine) as connection:
        make_room(connection)
        left = connection.execute(select(tables.run.c.key)).scalars().all()
    assert left == [key("a")]


def test_a_person_has_a_bounded_number_of_steps(engine, lessons, monkeypatch):
    monkeypatch.setattr("core.runs.lesson_progress.LESSON_STEPS_MOST", 3)
    for number in range(5):
        with writing(engine) as connection:
            person_id = person_of(connection, ME, 0.0)
            merge_progress(connection, person_id, {("a", f"step-{number}"): StepProgress(DONE, changed_at=number)})
    assert {step for _, step in lessons.progress(ME)} == {"step-2", "step-3", "step-4"}
