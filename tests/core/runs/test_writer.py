"""The thread that writes: nobody waits for it, and nothing is lost while the database is away."""

import threading

import numpy as np
import pytest
from sqlalchemy import event

from core.errors import NoRunError, RunsError
from core.messages.updates import FINISHED, INTERRUPTED, RUNNING
from core.runs import asking
from core.runs import writer as writer_module
from core.runs.database import DATABASE_VARIABLE, writing
from core.runs.recording import write_change
from core.runs.servers import ThisServer
from tests.core.runs.changes import ME, change, finished, key, rows, trained
from tests.waiting import PATIENCE, wait_until

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/runs"


@pytest.fixture
def writer(start_writer):
    writer = start_writer()
    wait_until(lambda: is_open(writer), "the database")
    return writer


def is_open(writer) -> bool:
    try:
        return writer.store is not None
    except RunsError:
        return False


def test_what_is_noted_is_written_and_joined(writer):
    for place in range(50):
        more = {} if place == 0 else {"plan": None, "edits": None}
        writer.note(change("a", first=place, count=1, **more))
    writer.note(finished("b"))
    assert writer.flush(PATIENCE)
    history = np.array(list(writer.store.run(ME, key("a")).history.values()), np.float32).T
    assert np.array_equal(history, rows(0, 50))
    assert writer.store.run(ME, key("b")).summary.status == FINISHED
    assert writer.problem == ""


def test_an_ending_is_written_at_once(writer, monkeypatch):
    monkeypatch.setattr(writer_module, "WRITE_SECONDS", PATIENCE)
    writer.note(finished("a"))
    wait_until(lambda: writer.store.runs(ME), "the run that has finished")


def test_a_persons_changes_are_made_by_the_thread(writer, monkeypatch):
    monkeypatch.setattr(writer_module, "WRITE_SECONDS", PATIENCE)
    writer.note(finished("a"))
    assert writer.flush(PATIENCE)
    writers = set()
    writer.write(lambda _: writers.add(threading.current_thread().name))
    assert writers == {"run-writer"}
    writer.store.rename(ME, key("a"), "mine")
    assert writer.store.runs(ME)[0].name == "mine"
    with pytest.raises(NoRunError):
        writer.store.star(ME, key("none"), True)


def test_runs_wait_in_memory_until_the_database_is_there(start_writer, url, monkeypatch):
    monkeypatch.setenv(DATABASE_VARIABLE, NOWHERE)
    monkeypatch.setattr(writer_module, "AGAIN_SECONDS", 0.05)
    writer = start_writer()
    writer.note(change("a", count=2))
    writer.note(finished("b"))
    wait_until(lambda: writer.problem, "the problem")
    assert writer.problem.startswith("Runs can't be saved right now. The database of the runs does not answer")
    with pytest.raises(RunsError, match="right now"):
        _ = writer.store
    with pytest.raises(RunsError, match="does not answer"):
        writer.write(lambda _: None)
    writer.note(change("a", first=2, count=2, plan=None))
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    assert writer.flush(PATIENCE)
    wait_until(lambda: not writer.problem, "the end of the problem")
    assert len(writer.store.run(ME, key("a")).history["loss"]) == 4
    assert writer.store.run(ME, key("b")).summary.status == FINISHED


def test_only_so_much_waits_in_memory_weights_go_first(start_writer, url, monkeypatch):
    monkeypatch.setenv(DATABASE_VARIABLE, NOWHERE)
    monkeypatch.setattr(writer_module, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(writer_module, "WAITING_MOST", 3)
    monkeypatch.setattr(writer_module, "WAITING_MOST_BYTES", 2 * trained().bytes)
    writer = start_writer()
    wait_until(lambda: writer.problem, "the problem")
    for name in "abcde":
        writer.note(finished(name))
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    assert writer.flush(PATIENCE)
    wait_until(lambda: "not saved" in writer.problem, "the word that some are lost")
    assert {run.key for run in writer.store.runs(ME)} == {key(name) for name in "cde"}
    assert [writer.store.run(ME, key(name)).weights_of for name in "cde"] == [(), ("last", "best"), ("last", "best")]


def test_a_change_that_cannot_be_written_holds_up_no_other_one(writer):
    writer.note(change("a", edits=((0, object()),)))
    writer.note(finished("b"))
    assert writer.flush(PATIENCE)
    assert [run.key for run in writer.store.runs(ME)] == [key("b")]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_and_nothing_is_lost(writer, monkeypatch):
    monkeypatch.setattr(writer_module, "AGAIN_SECONDS", 0.05)
    engine = writer._engine
    pages: list[int] = [1]

    @event.listens_for(engine, "begin")
    def limit(connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages[-1]}")  # never below what it has

    writer.note(finished("a", "data=moons&layers=relu-256,relu-256"))
    wait_until(lambda: "disk is full" in writer.problem, "the problem")
    pages.append(1_000_000)
    assert writer.flush(PATIENCE)
    assert writer.store.run(ME, key("a")).summary.status == FINISHED
    wait_until(lambda: not writer.problem, "the end of the problem")


def test_a_server_that_died_leaves_interrupted_runs_and_one_that_lives_does_not(engine, start_writer):
    dead, alive = ThisServer(pid=2**22 - 1), ThisServer(host="elsewhere")
    silent = ThisServer(host="elsewhere, long ago")
    for name, server in (("dead", dead), ("alive", alive), ("silent", silent)):
        with writing(engine) as connection:
            server.beat(connection)
            write_change(connection, change(name), server.id)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE server SET seen_at = 0 WHERE host = 'elsewhere, long ago'")
    writer = start_writer()
    wait_until(lambda: is_open(writer), "the database")
    statuses = {run.key: run.status for run in writer.store.runs(ME)}
    assert statuses == {key("dead"): INTERRUPTED, key("silent"): INTERRUPTED, key("alive"): RUNNING}
    second = start_writer()
    second.note(change("second"))
    assert second.flush(PATIENCE)
    assert writer.store.run(ME, key("second")).summary.status == RUNNING
    second.close()
    assert writer.store.run(ME, key("second")).summary.status == INTERRUPTED


def test_a_question_waits_a_moment_for_a_silent_database_and_further_ones_not_at_all(writer, monkeypatch):
    writer.note(finished("a"))
    assert writer.flush(PATIENCE)
    assert writer.ask(lambda store: store.count(ME)) == 1
    with pytest.raises(NoRunError):
        writer.ask(lambda store: store.run(ME, key("none")))
    answers, asked = threading.Event(), []

    @event.listens_for(writer._engine, "before_cursor_execute")
    def fall_silent(*_: object) -> None:
        if threading.current_thread().name == "run-question":
            asked.append(1)
            assert answers.wait(PATIENCE)

    monkeypatch.setattr(asking, "ASK_SECONDS", 0.05)
    for _ in range(3):
        with pytest.raises(RunsError, match="does not answer"):
            writer.ask(lambda store: store.count(ME))
    assert len(asked) == 1
    answers.set()
    wait_until(lambda: not writer._asking._overdue, "the answer that came late")
    monkeypatch.setattr(asking, "ASK_SECONDS", PATIENCE)
    assert writer.ask(lambda store: store.count(ME)) == 1


def test_a_question_waits_until_the_database_is_open_and_not_for_one_that_is_away(start_writer, monkeypatch):
    monkeypatch.setattr(asking, "ASK_SECONDS", PATIENCE)
    monkeypatch.setattr(writer_module, "ASK_SECONDS", PATIENCE)
    assert start_writer().ask(lambda store: store.count(ME)) == 0
    with pytest.raises(RunsError):
        writer_module.RunWriter().ask(lambda store: store.count(ME))  # nobody opens it
    monkeypatch.setenv(DATABASE_VARIABLE, NOWHERE)
    writer = start_writer()
    wait_until(lambda: writer.problem, "the problem")
    with pytest.raises(RunsError, match="can't be saved"):
        writer.ask(lambda store: store.count(ME))
