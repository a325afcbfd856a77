"""The app by keyboard alone: everything is reached, has a name, and shows that it has the focus."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPerson
from tests.browser.lab import SLOW, Lab
from tests.browser.server import Server

_FOCUS = Path(__file__).with_name("focus.js").read_text()
_STOPS_MOST = 150


def _walk(page: Page) -> list[str]:
    """Press Tab from the first stop until the focus leaves or comes back; check every stop, and return their names."""
    page.evaluate(_FOCUS)
    page.evaluate("focus_.noteLooks()")
    page.locator(".hl-skip").focus()
    names: list[str] = []
    while len(names) < _STOPS_MOST:
        page.keyboard.press("Tab")
        stop = page.evaluate("focus_.current()")
        if stop is None:
            break
        assert stop["name"], f"has no name: {stop['html']}"
        assert stop["isSeen"], f"has the focus and cannot be seen: {stop['html']}"
        page.wait_for_function("focus_.isShown()")  # a transition may take it there
        names.append(stop["name"])
    return names


def test_tab_reaches_everything_of_the_lab_and_shows_where_it_is(lab: Lab) -> None:
    page = lab.open("epochs=2").press("train").wait_for_status("finished").wait_for_line(2).page
    names = _walk(page)
    for control in ("Points", "Epochs", "New weights", "Reset", "Viewed epoch", "Training rows", "Log", "Table", "PNG"):
        assert any(control in name for name in names), f"Tab does not reach {control}: {names}"


def test_at_200_percent_and_on_a_phone_tab_reaches_only_what_is_seen_and_nothing_is_cut_off(
    server: Server, new_person: NewPerson
) -> None:
    page = new_person(server, viewport={"width": 720, "height": 450}, device_scale_factor=2).tab().open().page
    for width, height in ((720, 450), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
        names = _walk(page)
        assert "Data set" not in names  # the sidebar is folded away
        for control in ("Train", "New weights", "Slow", "Log", "Table"):
            assert any(control in name for name in names), f"Tab does not reach {control}: {names}"
        page.get_by_test_id("stExpandSidebarButton").click()
        expect(page.get_by_role("combobox", name="Data set")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
        expect(page.get_by_role("combobox", name="Data set")).to_be_hidden()


def test_the_spaces_inside_a_network_are_turned_by_the_arrow_keys(lab: Lab) -> None:
    page = lab.open("layers=tanh-3&epochs=2").press("train").wait_for_status("finished").page
    lab.turn_to("Inside")
    space = page.locator(".hl-space canvas.hl-turns")
    expect(space).to_have_role("application")
    before = space.evaluate("canvas => canvas.toDataURL()")
    space.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.hl-space canvas.hl-turns').toDataURL() !== before", arg=before
    )


def test_nothing_moves_for_whoever_asks_for_less_motion(server: Server, new_person: NewPerson) -> None:
    lab = new_person(server, speed="slow", reduced_motion="reduce").tab().open(SLOW)
    lab.press("train").wait_for_epoch(1)
    lab.page.wait_for_function("() => document.getAnimations().every(({playState}) => playState !== 'running')")
