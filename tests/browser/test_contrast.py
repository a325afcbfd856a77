"""Contrast and semantics of every page, on light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.lab import Lab

_CONTRAST = Path(__file__).with_name("contrast.js").read_text()
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_SHORT = "noise=0.3&epochs=5"


def _pages(lab: Lab) -> dict[str, Callable[[], object]]:
    """Return how each page is opened as a person sees it with a finished run."""
    page = lab.page

    def turn(name: str, drawn: str) -> Callable[[], object]:
        def open_page() -> None:
            page.keyboard.press("Escape")  # closes what is open
            lab.turn_to(name)
            expect(page.locator(drawn).first).to_be_visible()

        return open_page

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
        "Lab": lambda: lab.open(_SHORT).press("train").wait_for_status("finished").wait_for_line(5),
        "Parameters": unfold_parameters,
        "Inside": turn("Inside", ".st-key-inside-view"),
        "Results": turn("Results", ".st-key-curves .main-svg"),
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
    }


def _show_in(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Have the system prefer light or dark, which the page follows."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(
        "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme", arg=scheme
    )


def test_every_page_can_be_read_by_everyone_in_light_and_dark(lab: Lab) -> None:
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
                only = None if scheme == "light" else ["color-contrast"]
                found += [f"{name}, {scheme}: {fault}" for fault in axe.faults(lab.page, source, only=only)]
    assert not found, "\n".join(found)
    if reason:
        pytest.skip(f"Contrast is right; axe-core's other rules were not checked, because {reason}")
