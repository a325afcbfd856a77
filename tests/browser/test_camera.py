"""Somebody takes pictures of two classes with a camera, which Chromium plays, and trains on them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser import chromium
from tests.browser.conftest import FLAGS, NewPerson, Person
from tests.browser.lab import Lab
from tests.browser.server import Server

_CAMERAS = ("--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream")
_REFUSED = (
    "if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia ="
    " () => Promise.reject(new DOMException('', 'NotAllowedError'))"
)
_UNSAFE = "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"


@pytest.fixture
def with_cameras(browser: Browser, server: Server) -> Iterator[Person]:
    """Somebody at a device with two cameras, who lets pages use them."""
    own = browser.browser_type.launch(executable_path=chromium.find_or_install(), args=[*FLAGS, *_CAMERAS])
    person = Person(own, server.base, {"viewport": {"width": 1440, "height": 900}})
    yield person.arrive("fast")
    own.close()
    person.watch.check(person.base)


def test_pictures_are_taken_kept_and_trained_on(with_cameras: Person) -> None:
    lab = with_cameras.tab().open("epochs=20").turn_to("Camera")
    panel = lab.page.locator(".hl-camera")
    train = lab.page.get_by_role("button", name="Train on these pictures")
    expect(panel).to_have_attribute("data-camera", "off")
    expect(_hold_button(lab, 0)).to_be_disabled()
    lab.page.get_by_role("button", name="Turn on the camera").click()
    expect(panel).to_have_attribute("data-camera", "on")
    lab.page.get_by_label("Name of the class").first.fill("circle, or so")
    # By mouse, then by a key, of the other camera.
    _hold_button(lab, 0).hover()
    lab.page.mouse.down()
    _wait_for_thumbnails(lab, 0, 7)
    lab.page.mouse.up()
    expect(train).to_be_disabled()
    lab.page.get_by_role("button", name="Other camera").click()
    expect(panel).to_have_attribute("data-camera", "on")
    _hold_button(lab, 1).focus()
    lab.page.keyboard.down("Space")
    _wait_for_thumbnails(lab, 1, 7)
    lab.page.keyboard.up("Space")
    expect(train).to_be_enabled()
    # Nothing more is taken; one picture goes, and a class that was only tried.
    before = int(panel.get_attribute("data-count") or 0)
    _thumbnails(lab, 1).first.click()
    expect(panel).to_have_attribute("data-count", str(before - 1))
    lab.page.get_by_role("button", name="Add a class").click()
    _hold_button(lab, 2).click()
    expect(panel).to_have_attribute("data-count", str(before))
    lab.page.get_by_role("button", name="Delete Class 1", exact=True).click()
    lab.page.get_by_role("button", name="Delete 1 picture? Class 1").click()
    expect(panel).to_have_attribute("data-count", str(before - 1))
    # The pictures outlive a visit to another page, which turns the camera off, and a reload.
    lab.turn_to("Learn")
    expect(panel).to_have_count(0)
    lab.turn_to("Camera")
    expect(panel).to_have_attribute("data-count", str(before - 1))
    expect(panel).to_have_attribute("data-camera", "off")
    lab.turn_to("Lab").wait_until_drawn().reload().turn_to("Camera")
    expect(panel).to_have_attribute("data-count", str(before - 1))
    train.click()
    lab.wait_until_drawn()
    expect(lab.page.get_by_text("camera pictures")).to_be_visible()
    expect(lab.page.get_by_text(f"{before - 1} pictures, 2 classes")).to_be_visible()
    lab.wait_for_status("finished").wait_for_line(20)  # the press trains
    assert "After epoch 20:" in lab.final_figures


def test_a_device_without_a_camera_is_told_so(lab: Lab) -> None:
    lab.open().turn_to("Camera")
    lab.page.get_by_role("button", name="Turn on the camera").click()
    expect(lab.page.locator(".hl-camera")).to_have_attribute("data-camera", "failed")
    expect(lab.page.get_by_text("No camera found.")).to_be_visible()
    expect(lab.page.get_by_role("button", name="Try again")).to_be_enabled()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (_REFUSED, "This page may not use the camera."),
        (_UNSAFE, "served over https"),
    ],
)
def test_what_keeps_a_page_from_the_camera_is_said(
    server: Server, new_person: NewPerson, script: str, words: str
) -> None:
    person = new_person(server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    person.is_marked = True
    person.context.add_init_script(script)
    lab = person.tab()
    lab.page.goto(f"{lab.base}/?data=file")
    # On a phone the sidebar is closed, and the navigation in it.
    lab.page.get_by_test_id("stExpandSidebarButton").click()
    lab.page.get_by_test_id("stPageLink").click()
    lab.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    lab.page.get_by_role("button", name="Turn on the camera").tap()
    expect(lab.page.get_by_text(words)).to_be_visible()
    assert lab.page.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0


def _hold_button(lab: Lab, place: int) -> Locator:
    return lab.page.locator(".hl-hold").nth(place)


def _thumbnails(lab: Lab, place: int) -> Locator:
    return lab.page.locator(".hl-class-card").nth(place).locator(".hl-thumbnail")


def _wait_for_thumbnails(lab: Lab, place: int, least: int) -> None:
    expect(_thumbnails(lab, place).nth(least - 1)).to_be_attached()
