"""The page "Studies": forms that say how much they train, and studies that are followed, stopped, named and found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.experiment import Experiment, read_query
from core.jobs.studies import Studies
from core.messages.updates import FINISHED, INTERRUPTED, QUEUED, RUNNING, STOPPED
from core.studies.results import MemberResult
from core.studies.snapshot import ASKING, StudySnapshot
from core.studies.study import Study
from tests.pages.lab_page import LONG, SMALL, LabPage
from tests.waiting import wait_until
from ui.studies.one_study import progress_words

QUICK = f"{SMALL}&epochs=4"


@pytest.fixture
def studies(jobs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studies]:
    """The server's studies; none goes on after the test."""
    registry = Studies(jobs.cluster)
    for module in ("page", "one_study", "list_of_studies"):
        monkeypatch.setattr(f"ui.studies.{module}.studies", lambda: registry)
    yield registry
    for one in registry.list("me"):
        registry.stop("me", one.key)


@pytest.fixture
def page(studies, open_lab):
    """Open the page with an experiment in the lab, and one kind of study chosen."""

    def open_page(query: str = QUICK, kind: str = "Luck", **values: object) -> LabPage:
        tab: LabPage = open_lab(query, browser="me").turn_to("studies")
        tab.at.session_state["studies-kind"] = kind
        tab.run()
        for key, value in values.items():
            tab.at.session_state[key.replace("_", "-")] = value
        return tab.run() if values else tab

    return open_page


def finished(tab: LabPage, studies: Studies) -> str:
    """Start what the form says, wait for its end, and return its key."""
    tab.press("start-study")
    key = tab.address["study"]
    wait_until(lambda: status_of(studies, key) not in (QUEUED, RUNNING), "the end of the study")
    tab.run()
    assert studies.snapshot("me", key).status == FINISHED
    return key


def status_of(studies: Studies, key: str) -> str:
    """Return a study's status, after doing what the server does every two seconds."""
    studies.tend()
    return studies.snapshot("me", key).status


def figures(tab: LabPage) -> dict[str, dict]:
    """Return what the figure panels were given, by their names."""
    return {data["name"]: data for data in tab._panels() if data["part"] == "figure"}


def said(tab: LabPage) -> str:
    return " ".join(tab.texts).replace("\u200b", "")


def test_luck_is_one_press_away_and_tells_best_and_worst(page, studies):
    tab = page()
    assert "20 runs of 4 epochs." in tab.texts
    assert "Moons; hidden layer tanh-3; Adam with learning rate 0.01" in said(tab)
    tab.at.session_state["luck-seeds"] = 3
    key = finished(tab.run(), studies)
    results = studies.snapshot("me", key).results
    assert "Held-out accuracy:" in said(tab)
    bands = figures(tab)["Bands of held-out accuracy"]["figure"]["data"]
    assert [trace["name"] for trace in bands] == ["all runs", "middle half", "median"]
    assert {"Final figures", "Best run's boundary", "Worst run's boundary"} <= figures(tab).keys()
    lines = tab.at.dataframe[0].value
    assert list(lines["Run"]) == ["seed 0", "seed 1", "seed 2"]
    assert list(lines["Last"]) == pytest.approx([result.last for result in results])
    worst = min(results, key=lambda result: result.last)
    tab.press(f"study-{key}-worst-open")
    assert tab.experiment == worst.member.experiment


def test_what_is_wrong_is_said_beside_the_control_and_nothing_starts(page, studies):
    tab = page(kind="One setting")
    assert "15 runs of 4 epochs." in tab.texts
    tab.at.text_input(key="one-lr-list").set_value("0.1, fast")
    tab.run()
    assert "Learning rate" in tab.at.error[0].value
    assert "fast" in tab.at.error[0].value
    assert tab.at.button(key="start-study").disabled
    tab.at.text_input(key="one-lr-list").set_value("0.1")
    tab.run()
    assert "2 to 50 values" in tab.at.error[0].value
    tab.at.text_input(key="one-lr-list").set_value("0.1, 0.2")
    tab.run()
    assert not tab.at.error
    assert "6 runs of 4 epochs." in tab.texts


def test_a_range_says_its_values(page, studies):
    tab = page(kind="One setting", **{"one-lr-form": "Range"})
    assert "0.001, 0.00316, 0.01, 0.0316, 0.1" in tab.texts
    tab.at.toggle(key="one-lr-ratios").set_value(False)
    tab.at.number_input(key="one-lr-count").set_value(3)
    tab.run()
    assert "0.001, 0.0505, 0.1" in tab.texts
    tab.at.number_input(key="one-lr-low").set_value(0.5)
    tab.run()
    assert "lower to a higher" in tab.at.error[0].value


def test_one_setting_shows_its_values_with_their_spread(page, studies):
    tab = page(kind="One setting", one_lr_list="0.001, 0.5", one_seeds=2)
    key = finished(tab, studies)
    assert "Best: learning rate" in said(tab)
    spread = figures(tab)["Final figures"]["figure"]["data"]
    assert len(spread[0]["y"]) == 4 or "bdata" in str(spread[0]["y"])
    grid = figures(tab)["Boundaries"]
    assert sorted(grid["arrays"]) == ["0", "1"]
    assert sorted(grid["feeds"]) == ["0", "1"]
    tab.at.session_state["one-view-3"] = "All runs"
    tab.run()
    names = list(tab.at.dataframe[0].value["Run"])
    assert names[0] == "learning rate 0.001, seed 0"
    assert names[3] == "learning rate 0.5, seed 1"
    assert studies.snapshot("me", key).total == 4


def test_a_value_without_any_trained_run_opens_its_first_one(page, studies):
    tab = page(LONG, kind="One setting", one_lr_list="0.001, 0.5", one_seeds=2).press("start-study")
    key = tab.address["study"]
    tab.press("stop-study")
    studies.resume("me", key)  # what was begun begins anew, so that no run has a boundary
    studies.stop("me", key)
    tab.at.session_state["chosen of studies"] = {f"study-{key}": 1}
    tab.run()
    assert "learning rate 0.5, seed" in said(tab)
    assert tab.at.button(key=f"study-{key}-open").label == "Open in the lab"


def test_a_cell_of_two_settings_shows_its_runs_and_opens_one(page, studies):
    tab = page(kind="Two settings", across_lr_list="0.01, 0.1", down_width_list="2, 3", two_seeds=2)
    assert "8 runs of 4 epochs." in tab.texts
    key = finished(tab, studies)
    heat = figures(tab)["Mean accuracy"]["figure"]
    assert heat["layout"]["xaxis"]["ticktext"] == ["0.01", "0.1"]
    assert heat["layout"]["yaxis"]["ticktext"] == ["2", "3"]
    tab.at.session_state["chosen of studies"] = {f"study-{key}": 3}
    tab.run()
    assert "units in each layer 3, learning rate 0.1" in said(tab)
    assert list(tab.at.dataframe[0].value["Run"]) == ["seed 0", "seed 1"]


def test_a_race_of_ticked_runs_names_who_was_first(page, studies):
    tab = page(kind="Race", **{"race-lr-list": "0.5", "race-speed": "fast"})
    assert "2 runs of 4 epochs." in tab.texts
    tab.at.session_state["racers"] = (("a", read_query(QUICK)), ("b", read_query(f"{QUICK}&optimizer=sgd")))
    tab.run()
    assert "Runs that you ticked: a; b." in said(tab)
    finished(tab, studies)
    assert "optimizer Adam" in said(tab)
    curves = figures(tab)["Curves of held-out accuracy"]["figure"]["data"]
    assert figures(tab)["Curves of held-out accuracy"]["figure"]["layout"]["xaxis"]["range"] == [0, 4]
    assert [trace["name"] for trace in curves][:2] == ["optimizer Adam", "optimizer SGD"]


def test_a_study_stops_goes_on_is_named_deleted_and_brought_back(page, studies):
    tab = page(LONG, luck_seeds=2).press("start-study")
    key = tab.address["study"]
    wait_until(lambda: status_of(studies, key) == RUNNING, "the start")
    tab.run().press("stop-study")
    assert studies.snapshot("me", key).status == STOPPED
    assert "Stopped: 0 of 2 runs done." in tab.texts
    tab.press("resume-study")
    assert studies.snapshot("me", key).is_live
    tab.press("stop-study")
    tab.at.text_input(key=f"study-name-{key}").set_value("homework")
    tab.press("save-study-name")
    assert tab.at.title[0].value == "homework"
    tab.press("delete-study")
    assert "“homework” deleted." in tab.texts
    assert not tab.at.dataframe
    tab.press("undo-study")
    assert list(tab.at.dataframe[0].value["Study"]) == ["homework"]


@pytest.mark.parametrize(("button", "status"), [("confirm-study", RUNNING), ("stop-study", STOPPED)])
def test_a_long_study_asks_and_either_answer_is_one_press(page, studies, monkeypatch, button, status):
    monkeypatch.setattr("core.jobs.studies.ASK_SECONDS", 0.0)
    monkeypatch.setattr("core.jobs.studies._KNOWN_AFTER_SECONDS", 0.0)
    tab = page(LONG, luck_seeds=2).press("start-study")
    key = tab.address["study"]
    wait_until(lambda: status_of(studies, key) == ASKING, "the question")
    tab.run()
    assert "Train them all?" in said(tab)
    assert {"Train them all", "Stop here"} <= set(tab.buttons)
    tab.press(button)
    wait_until(lambda: status_of(studies, key) == status, "what was answered")


def test_a_link_to_a_study_is_for_its_owner_alone(page, studies, open_lab):
    tab = page(luck_seeds=2)
    key = finished(tab, studies)
    second = open_lab(browser="me").turn_to("studies")
    assert list(second.at.dataframe[0].value["Runs"]) == ["2 of 2"]
    for browser, title in (("me", "Luck: 2 seeds of Moons"), ("stranger", "Studies")):
        other = open_lab(browser=browser)
        other.at.switch_page("../pages/studies.py")
        other.at.query_params = {"study": [key]}
        other.run()
        assert other.at.title[0].value.replace("\u200b", "") == title
    assert "no such study" in other.at.info[0].value
    # From the study back to the forms, the address is the experiment's again.
    tab.press("all-studies")
    assert tab.experiment == read_query(QUICK)


def snapshot(status: str, ended: int = 3, left: float | None = None) -> StudySnapshot:
    study = Study(Experiment(), (), 5)
    results = tuple(
        MemberResult.not_begun(member, FINISHED if place < ended else QUEUED)
        for place, member in enumerate(study.members)
    )
    return StudySnapshot("k", "n", study, status, "", 0.0, 90.0, left, 5, results, 1)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (snapshot(QUEUED, 0), "Waiting for its turn."),
        (snapshot(RUNNING, left=8.2), "Training: 3 of 5 runs done, about 9 seconds left."),
        (snapshot(ASKING, 1, 700.0), "1 of 5 runs done. The others will take about 12 minutes. Train them all?"),
        (snapshot(FINISHED, 5), "5 runs, trained in about 2 minutes."),
        (snapshot(STOPPED), "Stopped: 3 of 5 runs done."),
        (snapshot(INTERRUPTED), "The server was restarted while this study trained: 3 of 5 runs done."),
    ],
)
def test_how_far_a_study_is_said_in_words(one: StudySnapshot, words: str) -> None:
    assert progress_words(one) == words
