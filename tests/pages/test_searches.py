"""The page "Studies": the learning-rate finder and searches, from the form to the lab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.jobs.studies import Studies
from core.messages.updates import FINISHED
from core.studies.rate_sweep import RateSweep
from core.studies.search import GRID, RANDOM, Range, Search
from tests.pages.lab_page import SMALL, LabPage
from tests.waiting import wait_until

QUICK = f"{SMALL}&epochs=4"
ME = "me"


@pytest.fixture
def studies(jobs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studies]:
    """The server's studies; none goes on after the test."""
    registry = Studies(jobs.cluster)
    for module in ("page", "one_study", "list_of_studies"):
        monkeypatch.setattr(f"ui.studies.{module}.studies", lambda: registry)
    yield registry
    for one in registry.list(ME):
        registry.stop(ME, one.key)


@pytest.fixture
def page(studies, open_lab):
    """Open the form of a kind of study, with an experiment in the lab."""

    def open_page(kind: str, query: str = QUICK, **values: object) -> LabPage:
        tab: LabPage = open_lab(query, browser=ME).turn_to("studies")
        tab.at.session_state["studies-kind"] = kind
        tab.run()
        for key, value in values.items():
            tab.at.session_state[key.replace("_", "-")] = value
            tab.run()
        return tab

    return open_page


def finished(tab: LabPage, studies: Studies) -> str:
    """Start what the form says, wait for its end, and return its key."""
    tab.press("start-study")
    key = tab.address["study"]

    def is_over() -> bool:
        studies.tend()
        return not studies.snapshot(ME, key).is_live

    wait_until(is_over, "the end of the study")
    tab.run()
    assert studies.snapshot(ME, key).status == FINISHED
    return key


def figures(tab: LabPage) -> dict[str, dict]:
    return {data["name"]: data["figure"] for data in tab._panels() if data["part"] == "figure"}


def said(tab: LabPage) -> str:
    return " ".join(tab.texts)


def test_the_suggested_rate_is_taken_in_the_lab_by_one_press(page, studies):
    tab = page("Learning rate", f"{QUICK}&lr=0.002&optimizer=sgd")
    assert "One sweep of up to 200 batches." in tab.texts
    key = finished(tab, studies)
    snapshot = studies.snapshot(ME, key)
    assert isinstance(snapshot.plan, RateSweep)
    suggestion = snapshot.plan.curve(snapshot.results[0].history["loss"]).suggestion
    assert suggestion is not None
    assert f"Suggested learning rate: **{suggestion:g}**. The lab has 0.002." in tab.texts
    shapes = figures(tab)["Loss against learning rate"]["layout"]["shapes"]
    assert [shape["x0"] for shape in shapes] == [0.002, suggestion]
    tab.press("use-rate")
    assert tab.experiment.training.learning_rate == suggestion
    assert tab.experiment.training.optimizer == "sgd"


def test_bounds_that_are_too_close_are_refused_beside_the_control(page, studies):
    tab = page("Learning rate", **{"finder-low": 0.5, "finder-high": 1.0})
    assert "ten times the lowest rate" in tab.at.error[0].value
    assert tab.at.button(key="start-study").disabled


def test_the_button_beside_the_learning_rate_leads_to_the_finder(studies, open_lab):
    tab = open_lab(QUICK, browser=ME)
    tab.press("find-rate")
    assert "One sweep of up to 200 batches." in tab.texts
    assert "hidden layer tanh-3" in said(tab)


def test_a_search_shows_its_best_trials_and_opens_one_in_the_lab(page, studies):
    tab = page("Search", search_settings=["lr", "activation"], search_trials=4, search_sampler=RANDOM)
    assert "Up to 4 trials of 4 epochs." in tab.texts
    key = finished(tab, studies)
    snapshot = studies.snapshot(ME, key)
    assert isinstance(snapshot.plan, Search)
    assert "learning rate" in said(tab)
    assert "(trial " in said(tab)
    (history,) = figures(tab).values()
    assert [trace["name"] for trace in history["data"]] == ["each trial", "best so far"]
    lines = tab.at.dataframe[0].value
    assert len(lines) == 4
    assert list(lines.columns[:3]) == ["Trial", "Learning rate", "Activation"]
    assert list(lines["Last"]) == sorted(lines["Last"], reverse=True)
    for view in ("Parallel coordinates", "Importance", "Slices"):
        tab.at.session_state["search-view-False"] = view
        tab.run()
        assert len(figures(tab)) == (2 if view == "Slices" else 1)
    place = int(lines["Trial"][0]) - 1
    tab.at.session_state[f"study-{key}-trials"] = {"selection": {"rows": [0], "columns": []}}
    tab.run().press(f"study-{key}-trials-open")
    assert tab.experiment == snapshot.results[place].member.experiment


def test_few_parameters_lead_to_a_front(page, studies):
    values = {"search-settings": ["width"], "search-width-low": 1.0, "search-width-high": 3.0, "search-price": True}
    tab = page("Search", **values, search_sampler=GRID, search_grid_values=3)
    assert "Up to 3 trials of 4 epochs." in tab.texts
    finished(tab, studies)
    front = figures(tab)["Accuracy and parameters"]["data"][1]
    assert front["name"] == "none better in both"


def test_what_is_wrong_with_a_search_is_said_and_nothing_starts(page, studies):
    tab = page("Search", **{"search-settings": []})
    assert "one to 8 different settings" in tab.at.error[0].value
    assert tab.at.button(key="start-study").disabled
    tab = page("Search", **{"search-settings": ["lr"], "search-lr-high": 100.0})
    assert "`lr` must be a number from" in tab.at.error[0].value


def test_the_form_makes_the_search_that_it_says(page, studies):
    values = {"search-settings": ["lr", "layers"], "search-networks": "tanh-2\nrelu-3, relu-2\n", "search-minutes": 2.0}
    tab = page("Search", **values, search_objective="best", search_pruner="median")
    tab.press("start-study")
    plan = studies.snapshot(ME, tab.address["study"]).plan
    assert plan.dimensions[0] == Range("lr", 0.0001, 1.0, log=True)
    assert plan.dimensions[1].values == ("tanh-2", "relu-3,relu-2")
    assert (plan.seconds, plan.objective, plan.pruner, plan.trials) == (120.0, "best", "median", 30)
