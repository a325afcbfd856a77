"""The data page as a person sees it."""

from __future__ import annotations

import re

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


def test_names_keep_apart_on_a_phone(lab: Lab) -> None:
    lab.open("data=penguins").turn_to("Data")
    lab.page.get_by_test_id("stButtonGroup").get_by_text("Correlation", exact=True).click()
    lab.page.set_viewport_size({"width": 390, "height": 844})
    names = lab.page.locator(".st-key-view-Correlation .xtick text")
    expect(names).to_have_count(4)
    expect(lab.page.locator(".stMain")).to_have_js_property("clientWidth", 390)
    for name in names.all():  # level, they would run into each other
        expect(name).to_have_attribute("transform", re.compile(r"rotate\(-(45|90)"))


def test_every_class_is_named_above_the_bars_of_the_parts(lab: Lab) -> None:
    lab.open("data=blobs&classes=8").turn_to("Data")
    lab.page.set_viewport_size({"width": 1024, "height": 768})
    lab.page.get_by_test_id("stButtonGroup").get_by_text("Preparation", exact=True).click()
    legend = lab.page.locator(".st-key-view-Preparation .legend").first
    expect(legend.locator(".traces")).to_have_count(8)
    expect(legend.locator(".scrollbar")).to_have_attribute("height", "0")
