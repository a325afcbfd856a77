"""Back and Forward: one entry for each thing that a person does, and the run with its experiment."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.lab import Lab

_SHORT = "epochs=20"  # of a structure that every worker knows


@pytest.fixture
def lab(person: Person) -> Lab:
    """A tab of its own: Chromium keeps 50 entries of a tab, and the first one has those of other journeys too."""
    person.empty_tab()
    return person.tab()


def test_a_drag_is_one_entry_and_back_and_forward_bring_the_runs_along(lab: Lab) -> None:
    lab.open(_SHORT).press("train").wait_for_status("finished").wait_for_line(20)
    before, entries, first = lab.address, lab.entries, lab.final_figures
    _drag_rate(lab)
    after = lab.address
    assert after["lr"] != before["lr"]
    assert lab.entries == entries + 1
    rate = lab.slider("Learning rate").get_attribute("aria-valuetext")
    lab.wait_for_status("ready").press("train").wait_for_status("finished").wait_for_line(20)
    second = lab.final_figures
    assert second != first

    lab.page.go_back()
    lab.wait_for_address("lr", before["lr"]).wait_for_status("finished")
    expect(lab.slider("Learning rate")).to_have_attribute("aria-valuetext", before["lr"])
    expect(lab.result).to_have_text(first)
    lab.page.go_forward()
    lab.wait_for_address("lr", after["lr"]).wait_for_status("finished")
    expect(lab.slider("Learning rate")).to_have_attribute("aria-valuetext", str(rate))
    expect(lab.result).to_have_text(second)
    assert (lab.address, lab.entries) == (after, entries + 1)


def test_each_control_has_an_entry_and_the_keys_of_one_slider_share_it(lab: Lab) -> None:
    lab.open(_SHORT)
    entries = lab.entries
    for _ in range(3):
        lab.slider("Epochs").press("ArrowRight")
    lab.wait_for_address("epochs", "35")
    lab.slider("Hidden layers").press("ArrowRight")
    lab.wait_for_address("layers", "tanh-4,tanh-2,tanh-2")
    assert lab.entries == entries + 2
    lab.page.go_back()
    lab.wait_for_address("layers", "tanh-4,tanh-2").wait_for_address("epochs", "35")
    lab.page.go_back()
    lab.wait_for_address("epochs", "20")
    expect(lab.slider("Epochs")).to_have_attribute("aria-valuetext", "20")
    expect(lab.slider("Hidden layers")).to_have_value("2")


def test_opening_and_turning_pages_takes_one_press_of_back_each(lab: Lab) -> None:
    start = f"{lab.base}/_stcore/health"
    lab.page.goto(start)
    lab.open("recipe=circles").wait_for_address("data", "circles")
    lab.turn_to("Data").wait_for_address("data", "circles")
    expect(lab.page.get_by_role("heading", name="Data")).to_be_visible()
    lab.page.go_back()
    lab.wait_until_drawn().wait_for_address("data", "circles")
    lab.page.go_back()
    lab.page.wait_for_url(start)


def _drag_rate(lab: Lab) -> None:
    """Drag the learning rate, with rests on the way."""
    handle = lab.slider("Learning rate")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = lab.address["lr"]
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    for distance in (-15, -30, -45):  # lower rates: at high ones the last digits of the first epochs decide
        shown = handle.get_attribute("aria-valuetext")
        lab.page.mouse.move(x + distance, y, steps=3)
        expect(handle).not_to_have_attribute("aria-valuetext", str(shown))
    lab.page.mouse.up()
    lab.wait_for_change("lr", before)
