"""Somebody draws two classes by mouse and trains on them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import Lab


def test_what_is_drawn_is_kept_undone_and_trained_on(lab: Lab) -> None:
    lab.open("epochs=20").turn_to("Draw")
    panel = lab.page.locator(".hl-draw")
    expect(panel).to_have_attribute("data-count", "0")
    train = lab.button("train-drawing")
    expect(train).to_be_disabled()
    _stroke(lab, -0.6)
    first = _wait_for_other_count(lab, 0)
    lab.page.keyboard.press("2")
    _stroke(lab, 0.6)
    second = _wait_for_other_count(lab, first)
    expect(train).to_be_enabled()
    _stroke(lab, 0.0)
    lab.page.keyboard.press("Control+z")
    expect(panel).to_have_attribute("data-count", str(second))
    # The points outlive noise, which undo takes back, and a visit to another page.
    lab.press("add-noise")
    expect(lab.page.get_by_role("button", name="Undo")).to_be_enabled()
    lab.turn_to("Learn")
    expect(panel).to_have_count(0)
    lab.turn_to("Draw")
    expect(panel).to_have_attribute("data-count", str(second))
    # And a reload, and another theme. Of the lab: under a page's path Streamlit first asks for what is not there.
    lab.turn_to("Lab").wait_until_drawn().reload().turn_to("Draw")
    expect(panel).to_have_attribute("data-count", str(second))
    ground = "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    light = lab.page.evaluate(ground)
    lab.page.emulate_media(color_scheme="dark")
    lab.page.wait_for_function(f"light => ({ground})() !== light", arg=light)
    expect(panel).to_have_attribute("data-count", str(second))
    lab.press("train-drawing").wait_until_drawn()
    expect(lab.page.get_by_text("drawn points")).to_be_visible()
    assert lab.address["data"] == "file"
    lab.wait_for_status("finished").wait_for_line(20)  # the press trains
    assert "After epoch 20:" in lab.final_figures


def _stroke(lab: Lab, x1: float) -> None:
    """Brush a line up the plane."""
    canvas = lab.page.locator(".hl-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] * (0.5 + 0.4 * x1)
    lab.page.mouse.move(x, box["y"] + box["height"] * 0.8)
    lab.page.mouse.down()
    lab.page.mouse.move(x, box["y"] + box["height"] * 0.2, steps=8)
    lab.page.mouse.up()


def _wait_for_other_count(lab: Lab, before: int) -> int:
    panel = lab.page.locator(".hl-draw")
    expect(panel).not_to_have_attribute("data-count", str(before))
    return int(panel.get_attribute("data-count") or 0)
