"""The data page as a person sees it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import Lab


def test_the_data_are_looked_at_and_changed_beside_the_lab(lab: Lab) -> None:
    lab.open("data=iris&epochs=7").turn_to("Data")
    expect(lab.page.get_by_role("heading", name="Iris")).to_be_visible()
    for view in ("Histograms", "Pairs", "Preparation"):
        lab.page.get_by_test_id("stButtonGroup").get_by_text(view, exact=True).click()
        expect(lab.page.locator(f".st-key-view-{view} .js-plotly-plot .main-svg").first).to_be_visible()
    assert lab.page.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0
    lab.page.get_by_role("combobox").first.fill("Wine")
    lab.page.keyboard.press("Enter")
    expect(lab.page.get_by_role("heading", name="Wine")).to_be_visible()
    lab.wait_for_address("data", "wine").turn_to("Lab").wait_until_drawn()
    assert (lab.address["data"], lab.address["epochs"]) == ("wine", "7")
