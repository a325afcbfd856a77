"""The page Learn, and what stays of the lab when a person leaves it and comes back."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from core.experiment import RECIPES, read_query
from core.runs.writer import RunWriter
from tests.core.runs.changes import change, finished
from tests.pages.lab_page import LabPage
from tests.waiting import PATIENCE

OpenLab = Callable[..., LabPage]


def test_every_recipe_is_shown_with_what_it_reaches(lab: LabPage) -> None:
    lab.turn_to("learn")
    assert [title.value for title in lab.at.title] == ["Learn"]
    assert {f"open-{name}" for name in RECIPES} <= {button.key for button in lab.at.main.button}
    for recipe in RECIPES.values():
        assert f"**{recipe.title}**" in lab.texts
        end = "" if recipe.reaches.endswith("?") else "."
        assert f"Tutorial: {recipe.reaches}{end}" in lab.texts


def test_the_old_address_of_the_recipes_leads_to_them(lab: LabPage) -> None:
    lab.turn_to("recipes")
    assert [title.value for title in lab.at.title] == ["Learn"]
    assert [header.value for header in lab.at.header][-1] == "Recipes"


def test_a_recipe_says_what_the_person_has_reached_with_it(writer: RunWriter, open_lab: OpenLab) -> None:
    writer.note(finished("one", "recipe=moons", owner="me"))
    writer.note(finished("two", "recipe=circles", owner="somebody else"))
    writer.note(change("three", "recipe=penguins", owner="me"))
    writer.note(finished("four", "recipe=sine&seed=7", owner="me"))
    assert writer.flush(PATIENCE)
    page = open_lab(browser="me").turn_to("learn")
    assert [text for text in page.texts if "You:" in text] == ["**You: accuracy 0.100**."]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_opens_in_the_lab(lab: LabPage, name: str) -> None:
    lab.choose("Dropout after every hidden layer", 0.5).turn_to("learn").press(f"open-{name}")
    assert lab.buttons["Train"]
    assert lab.experiment == read_query(f"recipe={name}")
    lab.turn_to("lab")
    assert lab.control("Dropout after every hidden layer").value == 0.0
    assert lab.experiment == read_query(f"recipe={name}")


def test_choices_are_still_there_after_a_visit_to_another_page(open_lab: OpenLab) -> None:
    lab = open_lab("data=iris&seed=3")
    lab.choose("Horizontal axis", 2).choose("Vertical axis", 3).choose_speed("slow")
    lab.choose("Layer 1: units", 16).choose("Hidden layers", 1).choose("Epochs", 200)
    before = lab.address
    lab.turn_to("learn")
    assert lab.at.title[0].value == "Learn"
    lab.turn_to("lab")
    assert lab.address == before
    assert [lab.control(label).value for label in ("Horizontal axis", "Vertical axis")] == [2, 3]
    assert lab.speed == "slow"
    assert lab.control("Layer 1: units").value == 16
    # The layer that was taken away is remembered too.
    assert lab.choose("Hidden layers", 2).address["layers"] == "tanh-16,tanh-2"


def test_a_run_goes_on_behind_another_page(lab: LabPage) -> None:
    job = lab.train_slowly()
    epoch = job.epoch
    lab.turn_to("learn")
    lab.wait_for(lambda: job.epoch > epoch)
    lab.turn_to("lab")
    assert lab.running is job
    assert lab.notes == []


def test_the_learn_page_without_a_run_shows_none(lab: LabPage) -> None:
    assert lab.turn_to("learn").at.get("bidi_component") == []


def test_an_experiment_in_the_address_of_another_page_does_no_harm(lab: LabPage) -> None:
    """A person may turn to Learn with an address that is not meant for them."""
    lab.at.switch_page("../pages/learn.py")
    lab.open(urlencode({"epochs": "0", "data": "nothing"}))
    assert lab.at.title[0].value == "Learn"
    assert lab.at.main.warning == []
