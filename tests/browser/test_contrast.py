"""Contrast and semantics of every page, on light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import Person
from tests.browser.lab import Lab

_CONTRAST = Path(__file__).with_name("contrast.js").read_text()
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_SHORT = "noise=0.3&epochs=5"
_COLOURS = ["color-contrast", "link-in-text-block"]  # axe's rules that look at colours, which differ on dark


def _pages(lab: Lab) -> dict[str, Callable[[], object]]:
    """Return how each page is opened: before a run, with a finished run, and while one trains beside a lesson."""
    page = lab.page

    def turn(name: str, drawn: str) -> Callable[[], object]:
        def open_page() -> None:
            page.keyboard.press("Escape")  # closes what is open
            lab.turn_to(name)
            expect(page.locator(drawn).first).to_be_visible()

        return open_page

    def open_table() -> None:
        page.keyboard.press("Escape")
        page.locator(".hl-as-table").nth(1).press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()

    def show_code() -> None:
        page.keyboard.press("Escape")
        page.locator(".hl-show-qr").click()
        expect(page.locator(".hl-qr-code svg")).to_be_visible()

    def present() -> None:
        page.keyboard.press("Escape")
        page.locator(".hl-present").click()
        expect(page.locator(".hl-present-keys")).to_be_visible()

    def choose_view(name: str, drawn: str) -> Callable[[], object]:
        def choose() -> None:
            page.get_by_role("radio", name=name, exact=True).click()
            expect(page.locator(drawn).first).to_be_visible()

        return choose

    def read_glossary() -> None:
        page.goto(f"{lab.base}/glossary")
        expect(page.locator(".st-key-glossary")).to_contain_text("Learning rate")

    def train_in_a_lesson() -> None:
        page.goto(f"{lab.base}/?lesson=a-line")
        lab.wait_until_drawn()
        page.keyboard.press("2")  # slow: it trains as long as somebody looks
        lab.press("train").wait_for_epoch(1)
        expect(page.locator(".st-key-lesson-body")).to_be_visible()

    def unfold_parameters() -> None:
        page.locator(".st-key-parameters button:visible").click()
        expect(page.get_by_test_id("stPopoverBody").locator("[data-testid=stCode] pre")).to_be_visible()

    def choose_search() -> None:
        page.get_by_role("radio", name="Search", exact=True).click()
        expect(page.locator(".st-key-search-settings")).to_be_visible()

    def finish_study() -> None:
        page.get_by_role("radio", name="Luck", exact=True).click()
        expect(page.locator(".st-key-luck-seeds")).to_be_visible()
        start = page.locator(".st-key-start-study button")
        expect(start).to_have_count(1)  # that of the form before may still be there
        start.click()
        expect(page.locator(".st-key-study-progress")).to_contain_text("trained in")

    return {
        "Lab before training": lambda: lab.open(_SHORT),
        "Lab": lambda: lab.press("train").wait_for_status("finished").wait_for_line(5),
        "Parameters": unfold_parameters,
        "A figure as a table": open_table,
        "QR code": show_code,
        "Presenter view": present,
        "Inside": turn("Inside", ".st-key-inside-view"),
        "One step": choose_view("One step", ".st-key-step-empty-network .main-svg"),
        "Results": turn("Results", ".st-key-curves .main-svg"),
        "Confusion matrix": choose_view("Confusion matrix", ".hl-figure .main-svg"),
        "Try it": turn("Try it", ".st-key-reset-row"),
        "Take home": turn("Take home", ".st-key-take-bundle"),
        "Data": turn("Data", ".st-key-balance .main-svg"),
        "Runs": turn("Runs", ".st-key-runs-search input"),
        "Studies": turn("Studies", ".st-key-start-study button"),
        "A search": choose_search,
        "A study of luck": finish_study,
        "Draw": turn("Draw", ".hl-draw .hl-canvas"),
        "Camera": turn("Camera", ".hl-camera .hl-hold"),
        "Learn": turn("Learn", ".st-key-open-circles"),
        "Glossary": read_glossary,
        "A lesson while a network trains": train_in_a_lesson,
    }


def _show_in(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Have the system prefer light or dark, which the page follows."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(
        "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme", arg=scheme
    )


def test_every_page_can_be_read_by_everyone_in_light_and_dark(lab: Lab, person: Person) -> None:
    source, reason = "", ""
    try:
        source = axe.find_or_fetch()
    except axe.NoAxeError as error:
        reason = str(error)
    found = []
    for name, open_page in _pages(lab).items():
        open_page()
        for scheme in _SCHEMES:
            _show_in(lab.page, scheme)
            found += [f"{name}, {scheme}: {fault}" for fault in lab.page.evaluate(_CONTRAST)]
            if source:
                only = None if scheme == "light" else _COLOURS
                found += [f"{name}, {scheme}: {fault}" for fault in axe.faults(lab.page, source, only=only)]
    assert not found, "\n".join(found)
    # Streamlit looks for the server below the path of a page that is loaded itself.
    assert all("/glossary/_stcore/" in error for error in person.watch.errors)
    person.watch.errors.clear()
    if reason:
        pytest.skip(f"Contrast is right; axe-core's other rules were not checked, because {reason}")
