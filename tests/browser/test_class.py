"""In front of a class: a teacher's link, a QR code that is read off the wall, and the presenter view by its keys."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.lab import SLOW, Lab


def _read_code(lab: Lab, shrink: int = 1) -> str:
    """Return what a phone reads of the screen; from far away, a screen is small."""
    picture = Image.open(io.BytesIO(lab.page.screenshot())).convert("L")
    small = picture.resize((picture.width // shrink, picture.height // shrink), Image.Resampling.BOX)
    (found,) = zxingcpp.read_barcodes(small)
    return str(found.text)


def _tick(lab: Lab, name: str) -> None:
    """Tick a box by what is seen of it, once it moves no more."""
    box = lab.page.get_by_role("checkbox", name=name)
    lab.page.get_by_test_id("stCheckbox").filter(has=box).locator("label").click()
    expect(box).to_be_checked()


def test_ticked_boxes_make_a_link_that_is_read_off_the_wall(person: Person) -> None:
    lab = person.tab().open("lr=0.03&epochs=20")
    lab.page.get_by_role("button", name="Link").click()
    lab.page.get_by_text("For a class").click()
    _tick(lab, "Hide: Optimizer and its settings")
    _tick(lab, "Lock: Learning rate")
    code = lab.page.get_by_test_id("stPopoverBody").locator("code").nth(1)
    expect(code).to_contain_text("hide=optimizer&lock=lr")
    link = code.inner_text()
    assert link == f"{person.base}/?lr=0.03&epochs=20&hide=optimizer&lock=lr"
    lab.page.keyboard.press("Escape")
    lab.page.set_viewport_size({"width": 1280, "height": 720})
    lab.page.locator(".hl-show-qr").click()
    expect(lab.page.locator("dialog.hl-qr")).to_be_visible()
    assert _read_code(lab, shrink=4) == link
    lab.page.keyboard.press("Escape")
    expect(lab.page.locator("dialog.hl-qr")).to_be_hidden()

    student = person.tab().open(link.partition("?")[2])
    expect(student.slider("Learning rate")).to_be_disabled()
    expect(student.slider("Epochs")).to_be_enabled()
    expect(student.menu("Optimizer")).to_have_count(0)


def test_the_presenter_view_is_worked_by_keys(slow_person: Person) -> None:
    lab = slow_person.tab().open(SLOW)
    page = lab.page
    plain = page.locator(".hl-status").evaluate("status => Number.parseFloat(getComputedStyle(status).fontSize)")
    page.keyboard.press("p")
    expect(page.locator("html.hl-presenting")).to_have_count(1)
    expect(page.locator(".stSidebar")).to_be_hidden()
    large = page.locator(".hl-status").evaluate("status => Number.parseFloat(getComputedStyle(status).fontSize)")
    assert large >= 1.3 * plain
    page.keyboard.press(" ")
    lab.wait_for_status("running").wait_for_epoch(1)
    page.keyboard.press(" ")
    lab.wait_for_status("paused")
    epoch = lab.epoch
    expect(lab.button("step")).to_be_enabled()
    page.keyboard.press("s")
    lab.wait_for_epoch(epoch + 1)
    page.keyboard.press("+")
    expect(page.locator(".hl-speed")).to_have_attribute("data-speed", "watch")
    page.keyboard.press("-")
    expect(page.locator(".hl-speed")).to_have_attribute("data-speed", "slow")
    page.keyboard.press("c")
    expect(page.locator(".stSidebar")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("stTopNavLink").filter(has_text="Learn")).to_have_attribute("aria-current", "page")
    page.keyboard.press("PageUp")
    expect(page.get_by_test_id("stTopNavLink").filter(has_text="Lab")).to_have_attribute("aria-current", "page")
    page.keyboard.press("Escape")
    expect(page.locator("html.hl-presenting")).to_have_count(0)
