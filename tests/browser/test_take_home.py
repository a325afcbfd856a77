"""Files that a browser really gets: of the page "Take home", of a figure in the lab, of a report."""

from __future__ import annotations

import ast
import struct
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.lab import Lab

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
    """Open a report as it lies there, without a network, and save a figure of it."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.goto(report.as_uri())
    page.locator(".plotly-graph-div .main-svg").first.wait_for()
    assert page.locator(".plotly-graph-div").count() == 3
    assert save(page, "Save as SVG", folder).read_text("utf-8").startswith("<svg")
    assert not mistakes
    context.close()


@pytest.mark.parametrize("form", ["PNG", "SVG"])
def test_a_figure_of_the_lab_is_saved_as_it_stands(lab: Lab, tmp_path: Path, form: str) -> None:
    lab.open(QUICK).press("train").wait_for_status("finished")
    card = lab.page.locator(".hl-card").filter(has_text="Decision boundary")
    card.hover()
    with lab.page.expect_download() as started:
        card.get_by_role("button", name=form).click()
    assert started.value.suggested_filename == f"decision boundary.{form.lower()}"
    started.value.save_as(path := tmp_path / "figure")
    if form == "SVG":
        text = path.read_text("utf-8")
        assert text.startswith("<svg")
        assert "class 0" in text
        assert "data:image/png" in text  # the boundary below the points
    else:
        content = path.read_bytes()
        size = card.locator(".hl-chart").evaluate("chart => [3 * chart.clientWidth, 3 * chart.clientHeight]")
        assert list(struct.unpack(">II", content[16:24])) == size
