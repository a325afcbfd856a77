"""Somebody asks a trained network by hand, by slider and by click, and takes it home."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from core.trained.bundle import load_bundle
from tests.browser.lab import PATIENCE, Lab

QUICK = "data=moons&layers=tanh-8&epochs=40&lr=0.05"


def test_sliders_and_clicks_ask_the_network_and_a_bundle_goes_home(lab: Lab, tmp_path: Path) -> None:
    lab.open(QUICK).press("train").wait_for_status("finished").turn_to("Try it")
    before = _shares(lab)
    lab.slider("x1").focus()
    for _ in range(60):
        lab.page.keyboard.press("ArrowRight")
    _wait_for_other_shares(lab, before)

    # Clicks come at any moment, also while the page still answers the one before; and the figures stay through all.
    before = _shares(lab)
    _click_plane(lab, 0.2, 0.2)
    _wait_for_other_shares(lab, before)
    expect(lab.slider("x1")).to_have_value(re.compile("^-"))
    for across in (0.9, 0.3, 0.7, 0.9):
        _click_plane(lab, across, 0.5)
    low, high = lab.page.evaluate(f"{_PLANE}.layout.xaxis.range")
    lab.page.wait_for_function(_ASKED_AT, arg=low + 0.9 * (high - low), polling=20, timeout=PATIENCE)
    expect(lab.slider("x1")).to_have_value(re.compile("^[12]"))
    assert lab.page.locator(".hl-figure").evaluate_all("roots => roots.map(root => root.dataset.mounts)") == ["1", "1"]

    lab.page.get_by_role("radio", name="Bundle").or_(lab.page.get_by_role("button", name="Bundle", exact=True)).click()
    with lab.page.expect_download(timeout=PATIENCE) as download:
        lab.button("download-bundle").click()
    path = tmp_path / "run.zip"
    download.value.save_as(path)
    assert load_bundle(path.read_bytes()).experiment.data.name == "moons"

    # Brought while the lab has another run, a bundle is what the page asks from then on.
    lab.page.goto(f"{lab.base}/?data=iris&epochs=2&layers=none")
    lab.wait_until_drawn().press("train").wait_for_status("finished").turn_to("Try it")
    lab.page.get_by_role("radio", name="Bundle").click()
    lab.page.locator(".st-key-bundle-file input").set_input_files(path)
    expect(lab.page.get_by_text("2 inputs, 2 classes")).to_be_visible()
    expect(lab.button("download-bundle")).to_have_count(0)
    lab.page.get_by_role("radio", name="What if").click()
    expect(lab.page.locator(".st-key-what-if-plane .main-svg").first).to_be_visible()
    lab.button("close-bundle").click()
    expect(lab.slider("petal width")).to_be_visible()


def test_a_digit_is_drawn_and_named(lab: Lab) -> None:
    lab.open("data=digits&layers=relu-32&lr=0.01&epochs=30").press("train").wait_for_status("finished")
    lab.turn_to("Try it")
    paper = lab.page.locator(".hl-paper")
    expect(paper).to_be_visible()
    blank = lab.page.get_by_text("There is no picture yet")
    expect(blank).to_be_visible()
    box = paper.bounding_box()
    assert box is not None
    lab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.85 * box["height"], steps=8)
    lab.page.mouse.up()
    expect(lab.page.locator(".st-key-what-if-answer .js-plotly-plot")).to_be_visible()
    expect(blank).to_have_count(0)
    expect(lab.page.locator(".hl-sketch")).to_have_attribute("data-strokes", "1")
    assert len(_shares(lab).split()) == 10
    lab.page.get_by_role("button", name="Clear").click()
    expect(blank).to_be_visible()


_SHARES = "() => document.querySelector('.st-key-what-if-answer .js-plotly-plot')?.data[0].text.join(' ')"

_PLANE = "document.querySelector('.st-key-what-if-plane .js-plotly-plot')"

_ASKED_AT = f"x1 => Math.abs({_PLANE}.data.at(-1).x[0] - x1) < 0.02"


def _click_plane(lab: Lab, across: float, down: float) -> None:
    box = lab.page.locator(".st-key-what-if-plane .nsewdrag").bounding_box()
    assert box is not None
    lab.page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])


def _shares(lab: Lab) -> str:
    """Return what the bars say, once they are drawn."""
    shares: str = lab.page.wait_for_function(_SHARES, polling=20, timeout=PATIENCE).json_value()
    return shares


def _wait_for_other_shares(lab: Lab, before: str) -> None:
    lab.page.wait_for_function(f"before => ({_SHARES})() !== before", arg=before, polling=20, timeout=PATIENCE)
