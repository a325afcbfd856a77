"""Files that a browser really gets: of the page "Take home", of a figure in the lab, of a report."""

from __future__ import annotations

import ast
import struct
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.lab import Lab, Watch

QUICK = "points=100&layers=tanh-3&epochs=20"


def save(page: Page, name: str, folder: Path) -> Path:
    """Press a button and keep what is downloaded."""
    with page.expect_download() as started:
        page.get_by_role("button", name=name, exact=True).first.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_an_experiment_and_its_run_are_taken_home(lab: Lab, browser: Browser, tmp_path: Path) -> None:
    lab.open(QUICK).press("train").wait_for_status("finished")
    lab.turn_to("Take home")
    lab.page.get_by_role("button", name="Bundle", exact=True).wait_for()
    text = save(lab.page, "Script", tmp_path).read_text("utf-8")
    assert "make_moons(100" in text
    ast.parse(text)
    assert zipfile.is_zipfile(save(lab.page, "Bundle", tmp_path))
    assert "model.weights.h5" in zipfile.ZipFile(save(lab.page, "Keras model", tmp_path)).namelist()
    report = save(lab.page, "Report", tmp_path)
    check_report(browser, report, tmp_path)


def check_report(browser: Browser, report: Path, folder: Path) -> None:
    """Open a report as it lies there, without a network, on a phone in the dark, and save a figure of it."""
    context = browser.new_context(
        offline=True, color_scheme="dark", viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    watch = Watch(context)
    page = context.new_page()
    page.goto(report.as_uri())
    page.locator(".plotly-graph-div .main-svg").first.wait_for()
    assert page.locator(".plotly-graph-div").count() == 3
    expect(page.locator(".modebar-btn")).to_have_count(0)  # it would lie over the legend
    numbers = page.locator(".heatmap-label text")
    expect(numbers).to_have_count(4)
    ink = page.locator("body").evaluate("body => getComputedStyle(body).color")
    for number in numbers.all():
        expect(number).to_have_css("fill", ink)
    words = page.locator("section", has_text="Scores by class").locator("th")
    lines = "cells => cells.map(cell => { const range = document.createRange(); range.selectNodeContents(cell);"
    lines += " return range.getClientRects().length; })"
    assert words.evaluate_all(lines) == [1] * 5  # none is broken
    assert save(page, "Save as SVG", folder).read_text("utf-8").startswith("<svg")
    context.close()
    watch.check("file://")


def save_figure(page: Page, figure: Locator, form: str, folder: Path) -> Path:
    """Press what stands over a figure when the pointer does, and keep what is downloaded."""
    figure.hover()
    with page.expect_download() as started:
        figure.get_by_role("button", name=form, exact=True).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_a_figure_of_the_lab_is_saved_as_it_stands(lab: Lab, tmp_path: Path) -> None:
    lab.open(QUICK).press("train").wait_for_status("finished")
    card = lab.page.locator(".hl-card").filter(has_text="Decision boundary")
    picture = save_figure(lab.page, card, "PNG", tmp_path)
    assert picture.name == "decision boundary.png"
    size = card.locator(".hl-chart").evaluate("chart => [3 * chart.clientWidth, 3 * chart.clientHeight]")
    assert list(struct.unpack(">II", picture.read_bytes()[16:24])) == size
    drawing = save_figure(lab.page, card, "SVG", tmp_path)
    assert drawing.name == "decision boundary.svg"
    text = drawing.read_text("utf-8")
    assert text.startswith("<svg")
    assert "class 0" in text
    assert "data:image/png" in text  # the boundary below the points


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_figures_of_other_pages_are_saved_as_they_stand(
    lab: Lab, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    lab.page.emulate_media(color_scheme=scheme)
    page = lab.open(QUICK).press("train").wait_for_status("finished").turn_to("Results").page
    curves = page.locator(".st-key-curves .stPlotlyChart")
    picture = save_figure(page, curves, "PNG", tmp_path)
    assert picture.name == "curves.png"
    image = Image.open(picture).convert("RGB")
    assert image.size == tuple(curves.evaluate("({clientWidth: w, clientHeight: h}) => [3 * w, 3 * h]"))
    paper = page.locator(".stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    assert f"rgb{image.getpixel((0, 0))}" == paper
    page.get_by_role("radio", name="ROC and PR", exact=True).click()
    charts = page.locator(".stMain .stPlotlyChart")
    expect(charts).to_have_count(4)
    expect(charts.locator(".hl-save")).to_have_count(4)  # those that came later have them too
    assert "true positive rate" in save_figure(page, charts.nth(0), "SVG", tmp_path).read_text("utf-8")
    lab.turn_to("Inside")
    page.get_by_role("radio", name="Health", exact=True).click()
    moved = page.locator(".st-key-inside-moved .stPlotlyChart")
    assert save_figure(page, moved, "SVG", tmp_path).read_text("utf-8").startswith("<svg")
