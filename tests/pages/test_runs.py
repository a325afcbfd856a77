"""The page "Runs": every run is there without asking, and can be found, opened, named, shared and deleted."""

import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest
from sqlalchemy import event

from core.experiment import read_query
from core.messages.updates import FINISHED, INTERRUPTED, PAUSED
from core.runs.values import LAST
from tests.core.runs.changes import MOONS, change, finished, key
from tests.pages.lab_page import SMALL, LabPage
from tests.waiting import PATIENCE, wait_until
from ui import server

QUICK = f"{SMALL}&epochs=10"


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
    assert writer.flush(PATIENCE)
    wait_until(lambda: writer.store.run("me", job.run).weights_of, "the weights")
    history = job.history()
    server.jobs().forget(job)
    assert writer.flush(PATIENCE)
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


def test_the_lab_is_drawn_while_the_database_does_not_answer(writer, open_lab):
    writer.note(change("a", QUICK, count=4, status=INTERRUPTED, owner="me"))
    assert writer.flush(PATIENCE)
    answers = threading.Event()

    @event.listens_for(writer._engine, "before_cursor_execute")
    def fall_silent(*_: object) -> None:
        answers.wait(PATIENCE)

    tab = open_lab(QUICK, browser="me")
    assert not answers.is_set()
    assert tab.job is None
    tab.press("train").wait_for_status(FINISHED)
    answers.set()
    assert writer.flush(PATIENCE)


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


def test_every_line_has_a_small_curve_and_a_small_boundary(page):
    tab = page(finished("a", owner="me"), change("b", count=3, owner="me", at=2000.0))
    without, whole = table(tab).to_dict("records")
    assert list(whole["Held-out loss"]) == pytest.approx([1 / n for n in range(1, 11)])
    assert whole["Boundary"].startswith("data:image/png;base64,")
    assert len(without["Held-out loss"]) == 3
    assert not isinstance(without["Boundary"], str)


def test_many_runs_have_pages_and_ticks_stay_on_all_of_them(page, monkeypatch):
    monkeypatch.setattr("ui.runs.table._ROWS", 2)
    tab = ticked(page(*(finished(name, owner="me", at=ord(name)) for name in "abcde")), "e", "a")
    assert len(table(tab)) == 2
    assert tab.at.number_input(key="runs-page").max == 3
    tab.at.number_input(key="runs-page").set_value(3)
    tab.run()
    assert len(table(tab)) == 1
    assert "2 runs are ticked." in tab.texts
    tab.press("delete-runs")  # three are left, on two pages
    assert tab.at.number_input(key="runs-page").value == 2
    assert len(table(tab)) == 1
    tab.press("undo-delete")
    assert len(table(tab)) == 2


def compare(page, *names: str) -> LabPage:
    """Open the page with three runs that differ in their rates, and tick some of them."""
    runs = [finished(name, f"{MOONS}&lr=0.{place}", at=place, owner="me") for place, name in enumerate("abc", start=1)]
    return ticked(page(*runs), *names)


def figures(tab: LabPage, part: str) -> list[dict[str, Any]]:
    """Return the figures of a part of the comparison, as Plotly gets them."""
    charts = [chart.proto for chart in tab.at.get("plotly_chart")]
    return [json.loads(chart.spec) for chart in charts if f"-compare-{part}" in chart.id]


def test_ticked_runs_are_compared_with_a_baseline(page):
    tab = compare(page, "a", "b", "c")
    _, reached, settings = tab.at.dataframe
    assert list(reached.value["Run"]) == [
        "1. Moons, layers tanh-4,tanh-2",
        "2. learning rate 0.2",
        "3. learning rate 0.3",
    ]
    assert list(reached.value["Best"]) == pytest.approx([0.1] * 3)
    assert not [name for name in reached.value if name.startswith("Δ")]
    assert settings.value.to_numpy().tolist() == [["learning rate", "0.1", "0.2", "0.3"]]
    tab.at.selectbox(key="compare-baseline").set_value(key("b"))
    changes = tab.run().at.dataframe[1].value["Δ Best"]
    assert changes[[0, 2]].tolist() == [0, 0]
    assert pd.isna(changes[1])
    tab.at.toggle(key="compare-all-settings").set_value(True)
    assert len(tab.run().at.dataframe[2].value) > 10


def test_a_run_keeps_its_line_whatever_it_is_compared_with(page):
    tab = compare(page, "a", "b", "c")
    (together,) = figures(tab, "curves")
    assert len({(one["line"]["color"], one["line"]["dash"]) for one in together["data"]}) == 3
    (alone,) = figures(ticked(tab, "c", "b"), "curves")
    for one, before in zip(alone["data"], (together["data"][2], together["data"][1]), strict=True):
        assert one["line"] == before["line"]
        assert (one["x"], one["y"]) == (before["x"], before["y"])


def test_curves_are_over_steps_and_a_log_axis_where_asked_for(page):
    tab = compare(page, "a", "b")
    tab.at.selectbox(key="compare-by").set_value("step")
    tab.at.toggle(key="compare-log-y").set_value(True)
    (figure,) = figures(tab.run(), "curves")
    assert figure["layout"]["xaxis"]["title"]["text"] == "step"
    assert figure["layout"]["yaxis"]["type"] == "log"


def test_boundaries_and_matrices_stand_side_by_side(page):
    tab = compare(page, "a", "b", "c")
    tab.at.button_group(key="compare-view").set_value("Decision boundaries")
    boundaries = figures(tab.run(), "boundary")
    assert len(boundaries) == 3
    assert len({str(one["layout"]["xaxis"]["range"]) for one in boundaries}) == 1
    assert all(one["layout"]["images"][0]["source"].startswith("data:image/png") for one in boundaries)
    tab.at.button_group(key="compare-view").set_value("Confusion matrices")
    assert len(figures(tab.run(), "matrix")) == 3
    tab.at.selectbox(key="compare-baseline").set_value(key("a"))
    own, *others = figures(tab.run(), "matrix")
    assert len(own["data"]) == 2
    assert [one["data"][0]["texttemplate"] for one in others] == ["%{z:+d}"] * 2


def test_a_shared_comparison_opens_for_everybody_and_changes_nothing(page, writer, open_lab):
    tab = compare(page, "a", "c").press("share-comparison")
    tab.at.selectbox(key="compare-baseline").set_value(key("c"))
    link = tab.run().at.code[0].value
    tokens = [writer.store.run("me", key(name)).share for name in "ac"]
    assert link.endswith(f"?compare={','.join(tokens)}&baseline=2")
    stranger = open_lab(browser="stranger").turn_to("runs")
    stranger.at.query_params = {"compare": [",".join(tokens)], "baseline": ["2"]}
    stranger.run()
    assert stranger.at.title[0].value == "Shared comparison"
    assert not stranger.at.main.button
    assert "Δ Best" in stranger.at.dataframe[0].value
    writer.store.unshare("me", key("a"))
    stranger.run()
    assert "1 of these 2 runs can't be read" in stranger.at.info[0].value
    assert not stranger.at.dataframe


def test_a_link_of_experiments_trains_them_for_whoever_has_it(page, writer, open_lab):
    changes = [finished(name, f"{QUICK}&lr=0.{place}", at=place, owner="me") for place, name in enumerate("abc", 1)]
    tab = ticked(page(*changes), "a", "b", "c")
    link = next(code.value for code in tab.at.code if "?experiment=" in code.value)
    texts = [text for key, text in parse_qsl(urlsplit(link).query) if key == "experiment"]
    assert [read_query(text).training.learning_rate for text in texts] == [0.1, 0.2, 0.3]

    stranger = open_lab(browser="stranger").turn_to("runs")
    stranger.at.query_params = {"experiment": texts}
    stranger.run()
    assert not stranger.at.dataframe  # nobody else's runs are shown
    stranger.press("train-experiments")

    def have_ended() -> bool:
        stranger.run()
        return [one.status for one in writer.store.runs("stranger")] == [FINISHED] * 3

    wait_until(have_ended, "three runs")
    mine = writer.store.runs("stranger", sort="oldest")
    assert sorted(one.experiment.training.learning_rate for one in mine) == [0.1, 0.2, 0.3]
    assert {(one.status, one.epoch) for one in mine} == {(FINISHED, 10)}
    assert [name[0] for name in stranger.run().at.dataframe[0].value["Run"]] == ["1", "2", "3"]
    assert "train-experiments" not in [button.key for button in stranger.at.button]


def test_a_wrong_link_of_experiments_is_told(page):
    tab = page()
    for texts in (["data=moons"], ["data=moons"] * 3, ["lr=many", "data=xor"], [f"seed={seed}" for seed in range(30)]):
        tab.at.query_params = {"experiment": texts}
        assert tab.run().at.error
        assert not tab.at.main.button


def test_too_many_runs_are_not_compared(page, monkeypatch):
    monkeypatch.setattr("ui.runs.several_runs.MOST", 2)
    tab = compare(page, "a", "b", "c")
    assert "Tick 2 to 2 runs" in tab.at.info[0].value
    tab.press("untick-runs")
    assert any(caption.value.startswith("Tick a run") for caption in tab.at.caption)


def test_ticked_runs_can_be_raced(page):
    tab = page(finished("a", owner="me"), finished("b", f"{MOONS}&lr=0.5", owner="me"))
    ticked(tab, "a", "b").press("race-runs")
    assert tab.at.title[0].value == "Studies"
    assert not [error.value for error in tab.at.error]
    assert any(text.startswith("Runs that you ticked:") for text in tab.texts)
    assert "2 runs of 10 epochs." in tab.texts
