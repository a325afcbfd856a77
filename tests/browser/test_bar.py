"""The bar by keyboard, and what opens or appears around the figures without moving or covering them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.lab import SLOW, Lab
from tests.waiting import wait_until

PAGES = Path(__file__).parents[2] / "pages"

_HIDDEN = ("glossary", "recipes")  # pages that are not in the bar
_SHORT = "epochs=20"  # of a structure that every worker knows
_FOCUSED = "() => document.activeElement.closest('[class*=st-key-]')?.className.match(/st-key-([a-z-]+)/)[1]"
_BOXES = "nodes => nodes.map(node => { const {top, height} = node.getBoundingClientRect(); return [top, height]; })"


def test_train_is_one_tab_away_and_the_focus_stays_in_the_bar(lab: Lab) -> None:
    lab.open(_SHORT)
    keyboard = lab.page.keyboard
    keyboard.press("Tab")
    link = lab.page.get_by_role("link", name="Skip to Train")
    expect(link).to_be_focused()
    keyboard.press("Enter")
    expect(lab.button("train")).to_be_focused()
    keyboard.press("Enter")
    lab.wait_for_status("finished")
    expect(lab.button("train")).to_be_focused()
    keyboard.press("Space")
    lab.page.wait_for_function("() => document.querySelector('.hl-strip').dataset.status !== 'finished'")
    lab.wait_for_status("finished")
    expect(lab.button("train")).to_be_focused()

    lab.button("reset").focus()
    keyboard.press("Enter")
    lab.wait_for_status("ready")
    expect(lab.button("reset")).to_be_disabled()
    expect(lab.button("train")).to_be_focused()
    lab.button("step").focus()
    for epoch in (1, 2):
        keyboard.press("Enter")
        lab.wait_for_epoch(epoch).wait_for_status("paused")
        expect(lab.button("step")).to_be_focused()
    # Whoever looks elsewhere stays there.
    lab.slider("Epochs").focus()
    lab.page.keyboard.press("ArrowLeft")
    lab.wait_for_address("epochs", "15")
    assert lab.page.evaluate(_FOCUSED) not in ("train", "step")


def test_nothing_that_opens_or_appears_leaves_the_window_or_moves_the_figures(slow_lab: Lab) -> None:
    lab = slow_lab.open(SLOW)
    cards = lab.page.locator(".hl-card").evaluate_all(_BOXES)
    for key in ("parameters", "link", "command"):
        lab.page.locator(f".st-key-{key} button:visible").click()
        body = lab.page.get_by_test_id("stPopoverBody")
        expect(body.locator("code")).to_be_visible()
        expect(body).to_be_in_viewport(ratio=1)
        lab.page.keyboard.press("Escape")
        expect(body).to_have_count(0)
    lab.press("train").wait_for_epoch(2)
    lab.slider("Learning rate").press("ArrowRight")
    expect(lab.message).to_contain_text("Learning rate set to")
    assert lab.page.locator(".hl-card").evaluate_all(_BOXES) == cards
    # A change that restarts the run says so below, and covers neither the status nor a switch.
    lab.slider("Noise").press("ArrowRight")
    toast = lab.page.get_by_test_id("stToast")
    expect(toast).to_be_visible()
    said = _box(toast)
    for other in (lab.strip, *lab.page.locator(".hl-switch").all(), *lab.page.locator(".hl-title").all()):
        assert not _overlap(said, _box(other))
    expect(lab.result).to_contain_text("After epoch")
    assert lab.page.locator(".hl-card").evaluate_all(_BOXES) == cards
    lab.press("stop").wait_for_status("stopped")


def test_chosen_views_are_kept_on_other_pages_and_over_a_reload(lab: Lab) -> None:
    lab.open(_SHORT)
    views = [lab.page.locator(".hl-option").filter(has_text=name) for name in ("Log", "Shares")]
    for view in views:
        view.click()
    lab.turn_to("Learn")
    expect(lab.page.get_by_role("heading", name="Learn")).to_be_visible()
    lab.turn_to("Lab").wait_until_drawn()
    axis = "plot => plot.layout.yaxis.type"
    for _ in range(2):
        for view in views:
            expect(view).to_have_attribute("aria-pressed", "true")
        assert lab.chart("Training curves").evaluate(axis) == "log"
        lab.reload()


def test_every_page_is_one_click_away_on_a_laptop(lab: Lab) -> None:
    links = lab.open(_SHORT).page.get_by_test_id("stTopNavLink")
    for width in (1280, 1440, 1600):
        lab.page.set_viewport_size({"width": width, "height": 800})
        # Links that do not fit wait in a menu, and take no clicks.
        wait_until(lambda: not any(link.evaluate("link => link.closest('[inert]')") for link in links.all()), "links")
        assert links.count() == len(list(PAGES.glob("*.py"))) - len(_HIDDEN)


def _box(node: Locator) -> Any:
    box = node.bounding_box()
    assert box is not None
    return box


def _overlap(one: Any, other: Any) -> bool:
    across = one["x"] < other["x"] + other["width"] and other["x"] < one["x"] + one["width"]
    down = one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"]
    return bool(across and down)
