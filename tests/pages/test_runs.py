"""The page "Runs": every run is there without asking, and can be found, opened, named, shared and deleted."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.jobs.keeping import Keeping
from core.messages.updates import FINISHED, INTERRUPTED, PAUSED
from core.runs.database import DATABASE_VARIABLE
from core.runs.values import LAST
from core.runs.writer import RunWriter
from tests.core.runs.changes import change, finished, key
from tests.pages.lab_page import SMALL, LabPage
from tests.waiting import PATIENCE, wait_until
from ui import server

QUICK = f"{SMALL}&epochs=10"


@pytest.fixture
def writer(jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunWriter]:
    """The server keeps its runs in a fresh file."""
    monkeypatch.setenv(DATABASE_VARIABLE, f"sqlite:///{tmp_path / 'runs.db'}")
    writer = RunWriter()
    writer.start()
    monkeypatch.setattr(server, "run_writer", lambda: writer)
    for module in ("runs.page", "runs.one_run", "training"):
        monkeypatch.setattr(f"ui.{module}.run_writer", lambda: writer)
    monkeypatch.setattr(jobs, "_keeping", Keeping(writer, jobs.cluster.ask_run))
    wait_until(lambda: writer._engine is not None, "the database")
    yield writer
    writer.close()


@pytest.fixture
def page(writer, open_lab) -> Callable[..., LabPage]:
    """Open the page with these changes written, for the browser "me"."""

    def open_page(*changes, tick: str = "") -> LabPage:
        for one in changes:
            writer.note(one)
        assert writer.flush(PATIENCE)
        tab = open_lab(browser="me").turn_to("runs")
        return ticked(tab, tick) if tick else tab

    return open_page


def ticked(tab: LabPage, *names: str) -> LabPage:
    """Tick runs, as a press in the table does."""
    tab.at.session_state["chosen runs"] = tuple(key(name) for name in names)
    return tab.run()


def table(tab: LabPage):
    return tab.at.dataframe[0].value


def test_a_run_of_the_lab_is_there_and_opens_as_it_was(writer, open_lab):
    tab = open_lab(QUICK, browser="me").press("train").wait_for_status(FINISHED)
    job = tab.running
    wait_until(lambda: writer.store.run("me", job.run).weights_of, "the weights")
    history = job.history()
    server.jobs().forget(job)
    tab.turn_to("runs")
    (line,) = table(tab).to_dict("records")
    assert (line["Run"], line["Epochs"], line["Status"]) == ("Moons, layers tanh-3", 10, FINISHED)
    assert line["Parameters"] == 13
    tab.at.session_state["chosen runs"] = (job.run,)
    tab.run().press("open-run").turn_to("lab")
    assert tab.running.key == job.key
    assert tab.running.history() == history
    assert tab.experiment == job.experiment
    tab.wait_for_status(FINISHED)


def test_an_interrupted_run_waits_to_be_resumed(page, writer):
    tab = page(change("a", QUICK, count=4, status=INTERRUPTED, owner="me"), tick="a")
    assert tab.at.button(key="open-run").label == "Resume in the lab"
    tab.press("open-run").turn_to("lab").wait_for_status(PAUSED)
    assert tab.running.epoch == 4
    tab.press("train").wait_for_status(FINISHED)
    assert tab.running.epoch == 10
    wait_until(lambda: writer.store.run("me", key("a")).summary.status == FINISHED, "the end")


def test_a_tab_that_outlived_the_server_shows_the_interrupted_run_and_says_so(writer, open_lab):
    writer.note(change("a", QUICK, count=4, status=INTERRUPTED, owner="me"))
    writer.note(change("b", f"{QUICK}&seed=2", count=4, status=INTERRUPTED, at=1.0, owner="me"))
    writer.note(finished("c", f"{QUICK}&seed=2", at=2.0, owner="me"))  # the newest one had ended
    assert writer.flush(PATIENCE)
    tab = open_lab(QUICK, browser="me")
    assert tab.running.key == key("a")
    assert tab.notes == ["This run was interrupted after epoch 4, and is back. Press Resume to go on."]
    tab.wait_for_status(PAUSED).press("train").wait_for_status(FINISHED)
    assert open_lab(f"{QUICK}&seed=2", browser="me").job is None
    assert open_lab(QUICK, browser="somebody else").job is None


def test_runs_are_found_named_tagged_and_starred(page, writer):
    tab = page(
        finished("a", at=1.0, owner="me"),
        finished("b", "data=spiral&lr=0.5", at=2.0, owner="me"),
        finished("c", owner="other"),
    )
    assert list(table(tab)["Run"]) == ["Spiral, learning rate 0.5, 100 epochs", "Moons, layers tanh-4,tanh-2"]
    tab.at.text_input(key="runs-search").set_value("learning rate > 0.1")
    tab.run()
    assert list(table(tab)["Data"]) == ["Spiral"]
    tab.at.text_input(key="runs-search").set_value("hue = red")
    tab.run()
    assert "hue" in tab.at.error[0].value
    tab.at.text_input(key="runs-search").set_value("")
    ticked(tab.run(), "a")
    tab.at.text_input(key=f"run-name-{key('a')}").set_value("my <b>run</b>")
    tab.at.text_input(key=f"run-tags-{key('a')}").set_value("good first")
    tab.at.text_area(key=f"run-note-{key('a')}").set_value("a note")
    tab.press("save-words").press("star-run")
    (run,) = [run for run in writer.store.runs("me") if run.starred]
    assert (run.key, run.name, run.tags, run.note) == (key("a"), "my <b>run</b>", ("first", "good"), "a note")
    assert "★" in list(table(tab)["★"])


def test_a_deleted_run_comes_back_with_undo(page, writer):
    tab = ticked(page(*(finished(name, owner="me") for name in "abc")), "a", "b")
    tab.press("delete-runs")
    assert len(table(tab)) == 1
    assert "2 runs deleted." in tab.texts
    tab.press("undo-delete")
    assert len(table(tab)) == 3


def test_a_shared_run_can_be_read_and_not_changed(page, writer, open_lab):
    tab = page(finished("a", owner="me"), tick="a").press("share-run")
    token = writer.store.run("me", key("a")).share
    assert f"?run={token}" in tab.at.code[0].value
    stranger = open_lab(browser="stranger").turn_to("runs")
    assert "Every run you train is kept here" in stranger.at.info[0].value
    stranger.at.query_params = {"run": [token]}
    stranger.run()
    assert stranger.at.title[0].value == "Shared run"
    assert [button.key for button in stranger.at.main.button] == ["run-settings"]
    tab.press("unshare-run")
    stranger.run()
    assert "ended the link" in stranger.at.info[0].value


def test_settings_of_a_run_start_a_new_one(page):
    tab = page(finished("a", "data=circles&lr=0.2", owner="me"), tick="a").press("run-settings")
    assert tab.experiment.data.name == "circles"
    assert tab.job is None


def test_a_run_is_tried_by_hand(page, writer):
    tab = page(finished("a", owner="me"), tick="a")
    assert writer.store.run("me", key("a")).weights_of[0] == LAST
    tab.press("try-run")
    assert any("parameters" in text for text in tab.texts)


def test_the_page_says_why_runs_are_not_saved(page, writer):
    tab = page(finished("a", owner="me"))
    writer._problem = "Runs can't be saved right now."
    assert tab.run().at.warning[0].value == "Runs can't be saved right now."


def test_the_page_says_before_the_oldest_runs_go(page, monkeypatch):
    monkeypatch.setattr("core.runs.store.RUNS_MOST", 2)
    tab = page(finished("a", owner="me"), finished("b", owner="me"))
    assert "oldest runs without a star are deleted" in tab.at.warning[0].value
