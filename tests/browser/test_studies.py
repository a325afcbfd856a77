"""Studies by clicking: luck, one setting, two settings, a race."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Person
from tests.browser.lab import PATIENCE, Lab

_SMALL = "data=moons&points=100&layers=tanh-3&batch=16&epochs=20"
_ENDLESS = "data=moons&points=10000&layers=tanh-16,tanh-16&batch=4&epochs=2000"  # longer than a test looks at it


def _open(lab: Lab, query: str, kind: str) -> Page:
    """Open the page with an experiment from the lab, and the form of a kind."""
    lab.open(query).turn_to("Studies")
    page = lab.page
    page.get_by_role("radio", name=kind, exact=True).click()
    expect(page.get_by_role("radio", name=kind, exact=True)).to_be_checked()
    return page


def _fill(page: Page, key: str, text: str) -> None:
    field = page.locator(f".st-key-{key} input")
    field.fill(text)
    field.press("Enter")


def _start(page: Page, amount: str) -> None:
    """Press Start once the form says how much that is, and wait until the study is there."""
    expect(page.get_by_text(amount, exact=True)).to_be_visible()
    page.locator(".st-key-start-study button").click()
    expect(page.locator(".st-key-study-progress")).to_be_visible()


def _wait_for_end(page: Page) -> None:
    expect(page.locator(".st-key-study-progress")).to_contain_text("trained in", timeout=PATIENCE)
    expect(page.locator(".st-key-stop-study")).to_have_count(0)


def _figure(page: Page, name: str) -> Locator:
    return page.locator(".hl-figure").filter(has=page.get_by_role("img", name=re.compile(rf"^{name}\. ")))


def _mounts(page: Page) -> set[str | None]:
    return {figure.get_attribute("data-mounts") for figure in page.locator(".hl-figure").all()}


def test_luck_is_one_press_and_is_found_again_after_a_reload_and_in_another_tab(lab: Lab, person: Person) -> None:
    page = _open(lab, _SMALL, "Luck")
    _start(page, "20 runs of 20 epochs.")
    _wait_for_end(page)
    expect(page.get_by_text(re.compile("Held-out accuracy: "))).to_be_visible()
    bands = _figure(page, "Bands of held-out accuracy").locator(".js-plotly-plot")
    expect(bands).to_be_visible()
    assert bands.evaluate("plot => plot._fullData.at(-1).x.at(-1)") == 20
    for end in ("Best", "Worst"):
        source = _figure(page, f"{end} run's boundary").locator(".layer-below image, .imagelayer image")
        expect(source.first).to_have_attribute("href", re.compile("^data:image/png"))
    assert _mounts(page) == {"1"}  # nothing was drawn anew while it trained
    study = page.url
    page.reload()
    _wait_for_end(page)
    assert page.url == study
    other = person.tab().open(_SMALL).turn_to("Studies").page
    expect(other.get_by_text("Your studies")).to_be_visible()
    # The best run opens in the lab, with its seed in the address.
    page.locator("[class*=-best-open] button").click()
    lab.wait_until_drawn()
    assert lab.address["epochs"] == "20"
    # Streamlit looks for the server below the path of a page that is loaded itself.
    assert all("/studies/_stcore/" in error for error in person.watch.errors)
    person.watch.errors.clear()


def test_one_setting_is_stopped_and_resumed_and_a_picture_opens_its_run(lab: Lab) -> None:
    page = _open(lab, _ENDLESS, "One setting")
    _fill(page, "one-lr-list", "0.001, fast")
    expect(page.get_by_text(re.compile("Learning rate .*fast"))).to_be_visible()
    expect(page.locator(".st-key-start-study button")).to_be_disabled()
    _fill(page, "one-lr-list", "0.001, 0.1")
    _fill(page, "one-seeds", "1")
    _start(page, "2 runs of 2,000 epochs.")
    # A boundary is there while it trains.
    image = _figure(page, "Boundaries").locator(".layer-below image, .imagelayer image").first
    expect(image).to_have_attribute("href", re.compile("^data:image/png"))
    page.locator(".st-key-stop-study button").click()
    expect(page.locator(".st-key-study-progress")).to_contain_text("Stopped: 0 of 2 runs done.")
    page.locator(".st-key-resume-study button").click()
    expect(page.locator(".st-key-study-progress")).to_contain_text(" left.")  # known once there are epochs
    page.locator(".st-key-stop-study button").click()
    expect(page.locator(".st-key-resume-study button")).to_be_visible()
    plot = _figure(page, "Boundaries").locator(".nsewdrag").first
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.6})
    expect(page.get_by_text("learning rate 0.1, seed 0")).to_be_visible()
    page.get_by_role("button", name="Open in the lab").click()
    lab.wait_until_drawn().wait_for_address("lr", "0.1")


def test_a_cell_of_two_settings_is_clicked_and_shows_its_runs(lab: Lab) -> None:
    page = _open(lab, _SMALL, "Two settings")
    _fill(page, "across-lr-list", "0.01, 0.1")
    _fill(page, "down-width-list", "1, 3")
    _fill(page, "two-seeds", "2")
    _start(page, "8 runs of 20 epochs.")
    _wait_for_end(page)
    plot = _figure(page, "Mean accuracy").locator(".nsewdrag").first
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    expect(page.locator("strong", has_text="units in each layer 1, learning rate 0.1")).to_be_visible()
    menu = page.get_by_role("combobox", name="Cell whose runs are shown")  # without a pointer
    menu.fill("units in each layer 3, learning rate 0.01")
    menu.press("Enter")
    expect(page.locator("strong", has_text="units in each layer 3, learning rate 0.01")).to_be_visible()
    page.locator(".st-key-rename-study button").click()
    _fill_name = page.get_by_label("Name", exact=True)
    _fill_name.fill("my grid")
    _fill_name.press("Enter")
    page.locator(".st-key-save-study-name button").click()
    expect(page.get_by_role("heading", name="my grid")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".st-key-delete-study button").click()
    expect(page.get_by_text("“my grid” deleted.")).to_be_visible()
    page.locator(".st-key-undo-study button").click()
    expect(page.get_by_text("Your studies")).to_be_visible()


def test_a_race_says_who_was_first_to_the_target(lab: Lab) -> None:
    page = _open(lab, _SMALL, "Race")
    _fill(page, "race-lr-list", "0.5")
    _fill(page, "race-target", "0.5")
    page.get_by_role("radio", name="Fast", exact=True).click()
    _start(page, "2 runs of 20 epochs.")
    _wait_for_end(page)
    expect(page.get_by_text(re.compile("First to reach 0.5"))).to_be_visible()
    expect(page.get_by_text(re.compile("(won|tied|level).* after epoch 20"))).to_be_visible()
    for name in ("learning rate 0.01", "learning rate 0.5"):
        expect(_figure(page, f"Boundary of {name}")).to_be_visible()
    assert _mounts(page) == {"1"}
