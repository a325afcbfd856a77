"""The coach in a browser: nothing moves when it speaks, one click mends the run, and its words lead to the glossary."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.lab import Lab


def test_the_coach_speaks_without_moving_anything_and_one_click_mends_the_run(lab: Lab) -> None:
    lab.open("data=circles&layers=none&lr=0.05&epochs=40")
    figures = lab.page.locator(".hl-grid")
    before = figures.bounding_box()
    lab.press("train")
    mend = lab.page.get_by_role("button", name="Add a hidden layer")
    expect(mend).to_be_visible()
    now = figures.bounding_box()
    assert before is not None
    assert now is not None
    assert abs(now["y"] - before["y"]) < 1
    expect(lab.page.get_by_test_id("stTooltipContent")).to_be_hidden()  # Train's help would cover the sentence
    mend.click()
    expect(lab.page.get_by_text("Layer 1: units")).to_be_visible()
    expect(mend).to_have_count(0)


def test_a_word_of_the_coach_leads_to_its_place_in_the_glossary(person: Person) -> None:
    lab = person.tab()
    lab.open("data=circles&layers=none&lr=0.05&epochs=40")
    lab.press("train")
    with lab.page.expect_popup() as opened:
        lab.page.get_by_role("link", name="Why?").click()
    expect(opened.value.get_by_role("heading", name="Plateau").first).to_be_in_viewport()
    # Streamlit asks below the page's own address first.
    assert all("/glossary/_stcore/" in error for error in person.watch.errors)
    person.watch.errors.clear()
