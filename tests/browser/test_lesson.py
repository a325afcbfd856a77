"""The first lesson from its beginning to its end, as somebody does it who opens the app for the first time."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.lab import Lab

_STEPS = 3
_TO_300_EPOCHS = 16  # stops of the slider, from 60


def test_the_first_lesson_is_done_from_beginning_to_end(lab: Lab) -> None:
    page = lab.open().page
    page.locator(".st-key-learn-offer button:visible").click()
    head = page.locator(".st-key-lesson-head")
    body = page.locator(".st-key-lesson-body")
    to_next = page.locator(".st-key-lesson-next button")
    expect(head).to_contain_text(f"Step 1 of {_STEPS}")
    lab.wait_for_address("lesson", "a-line").wait_for_address("layers", "none")

    body.get_by_text("Most of them, but not all").click()
    expect(body).to_contain_text("One cut separates most points")
    lab.press("train").wait_for_status("finished")
    to_next.click()

    expect(head).to_contain_text(f"Step 2 of {_STEPS}")
    body.get_by_text("It gets worse and worse").click()
    expect(body).to_contain_text("The line stays where it is.")
    lab.press("reset").wait_for_status("ready")  # or the run would go on with the first epochs that are added
    for _ in range(_TO_300_EPOCHS):
        lab.slider("Epochs").press("ArrowRight")
    lab.wait_for_address("epochs", "300").press("train")
    to_next.click()

    expect(head).to_contain_text(f"Step 3 of {_STEPS}")
    page.locator(".st-key-lesson-dont-know button").click()
    lab.slider("Hidden layers").press("ArrowRight")
    lab.wait_for_address("layers", "tanh-4").press("train")
    to_next.click()
    expect(head).to_contain_text("The end")
    expect(body).to_contain_text("Without a hidden layer, a network can only draw a straight line.")

    # Another visit: the gallery knows it, and so does the lab at its address.
    lab.reload()
    expect(head).to_contain_text("The end")
    page.locator(".st-key-lesson-close button").click()
    expect(head).to_have_count(0)
    page.wait_for_url(re.compile("^(?!.*lesson=)"))
    lab.turn_to("Learn")
    expect(page.locator(".st-key-cards-lessons")).to_contain_text("Done")


def test_a_lesson_leaves_room_for_the_page_at_every_width(lab: Lab) -> None:
    page = lab.page
    page.goto(f"{lab.base}/?lesson=a-line")
    lab.wait_until_drawn()
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        panel = page.locator(".st-key-lesson-panel")
        expect(panel).to_be_in_viewport(ratio=1)
        # What stands last on the page can be scrolled to where the panel does not cover it.
        last = page.locator(".st-key-link button:visible")
        last.scroll_into_view_if_needed()
        page.locator(".stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")
        last.click(trial=True)
    page.locator(".st-key-lesson-fold button").click()
    expect(page.locator(".st-key-lesson-body")).to_have_count(0)
