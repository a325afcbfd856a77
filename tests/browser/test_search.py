"""The learning-rate finder and a search, by clicking."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.lab import Lab


def test_the_finder_is_one_press_from_the_lab_and_its_rate_one_press_from_its_figure(lab: Lab) -> None:
    lab.open("epochs=20&lr=0.0001")
    page = lab.page
    page.get_by_role("button", name="Find a learning rate").click()
    expect(page.get_by_text("One sweep of up to 200 batches.")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    use = page.get_by_role("button", name=re.compile("Use "))
    expect(use).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    rate = use.inner_text().split()[-1]
    use.click()
    lab.wait_for_address("lr", rate)
    expect(lab.slider("Learning rate")).to_have_attribute("aria-valuetext", rate)


def test_a_search_shows_its_trials_and_opens_the_best_one_in_the_lab(person: Person) -> None:
    lab = person.tab().open("epochs=20")
    page = lab.page
    lab.turn_to("Studies")
    page.get_by_role("radio", name="Search", exact=True).click()
    trials = page.get_by_role("spinbutton", name="Trials")
    trials.fill("4")
    trials.press("Enter")
    expect(page.get_by_text("Up to 4 trials of 20 epochs.")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text(re.compile("^4 runs, trained in"))).to_be_visible()
    expect(page.get_by_text(re.compile("learning rate .* with accuracy"))).to_be_visible()
    for view in ("Parallel coordinates", "Importance", "History"):
        page.get_by_role("radio", name=view, exact=True).click()
        expect(page.get_by_role("img", name=view).or_(page.locator(".js-plotly-plot")).first).to_be_visible()
    expect(page.locator(".js-plotly-plot").get_by_text("best so far")).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.locator("[data-testid=stDataFrame]").click(position={"x": 18, "y": 52})  # once it moves no more
    page.get_by_role("button", name="Open in the lab").click()
    lab.wait_until_drawn()
    assert lab.address["epochs"] == "20"
