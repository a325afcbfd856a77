"""The closer looks below the live picture of the page "Inside"."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.lab import Lab


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_look_is_drawn_and_the_film_comes_down(
    lab: Lab, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    lab.page.emulate_media(color_scheme=scheme)
    lab.open("data=digits&layers=relu-16,tanh-8&epochs=15").press("train").wait_for_status("finished").turn_to("Inside")
    page = lab.page
    for view, charts in (("Health", 4), ("First layer", 1), ("What activates a unit", 1), ("Loss landscape", 1)):
        page.get_by_role("radio", name=view, exact=True).click()
        drawn = page.locator(f".st-key-inside-view-{view.replace(' ', '-')} .js-plotly-plot .main-svg:first-child")
        expect(drawn).to_have_count(charts)
    page.get_by_role("radio", name="Animation", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download GIF").click()
    download.value.save_as(tmp_path / "film.gif")
    assert download.value.suggested_filename == "digits.gif"
    assert Image.open(io.BytesIO((tmp_path / "film.gif").read_bytes())).n_frames == 16
