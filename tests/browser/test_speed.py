"""How fast a run goes, as somebody chooses it."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.conftest import NewPerson
from tests.browser.lab import Lab
from tests.browser.server import Server

_LONG = "data=moons&points=100&epochs=2000&layers=tanh-3"


def test_the_speed_is_chosen_by_keys_shown_in_all_tabs_and_kept(server: Server, new_person: NewPerson) -> None:
    person = new_person(server, speed=None)
    lab = person.tab().open(_LONG)
    expect(_pressed(lab)).to_have_text("Watch")
    lab.page.keyboard.press("2")
    expect(_pressed(lab)).to_have_text("Slow")
    # A number that somebody writes is no choice of a speed.
    lab.page.locator("summary").filter(has_text="Seed").click()
    seed = lab.page.get_by_label("Weight seed", exact=True).first
    seed.fill("3")
    seed.press("4")
    seed.press("Enter")
    lab.wait_for_address("seed", "34")
    expect(_pressed(lab)).to_have_text("Slow")
    lab.press("train").wait_for_epoch(1)
    assert lab.page.evaluate("document.cookie.includes('hidden_layers_speed=slow')")
    other = person.tab().open(f"{_LONG}&seed=34").wait_for_epoch(1)
    expect(_pressed(other)).to_have_text("Slow")
    # The other tab chooses for both. In a run that rests after every epoch, Train is one epoch.
    other.page.get_by_role("group", name="Speed").get_by_role("button", name="Step").click()
    lab.wait_for_status("paused")
    expect(_pressed(lab)).to_have_text("Step")
    expect(lab.page.get_by_text("Train does one epoch, then rests.")).to_be_visible()
    held = lab.epoch
    lab.press("train").wait_for_epoch(held + 1).wait_for_status("paused")
    assert lab.epoch == held + 1
    # At a pace that holds it back, a run can be taken to its end; the speed stays.
    lab.page.keyboard.press("3")
    expect(_pressed(other)).to_have_text("Watch")
    lab.press("train").wait_for_status("running")
    lab.page.get_by_role("button", name="Skip to the end").click()
    lab.wait_for_status("finished").wait_for_line(2000)
    expect(lab.page.get_by_role("button", name="Skip to the end")).to_be_hidden()
    expect(_pressed(lab)).to_have_text("Watch")
    lab.page.keyboard.press("2")
    expect(_pressed(lab.reload())).to_have_text("Slow")


def test_whoever_asks_for_less_motion_trains_fast_unless_they_choose(server: Server, new_person: NewPerson) -> None:
    lab = new_person(server, speed=None, reduced_motion="reduce").tab().open(_LONG)
    expect(_pressed(lab)).to_have_text("Fast")
    lab.page.keyboard.press("3")
    expect(_pressed(lab)).to_have_text("Watch")
    expect(_pressed(lab.reload())).to_have_text("Watch")


def _pressed(lab: Lab) -> Locator:
    return lab.page.get_by_role("group", name="Speed").locator("[aria-pressed=true]")
