"""Somebody wants faces that are not on the server, which has no network, and puts the file there by hand."""

from __future__ import annotations

import joblib
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.server import Server


def test_what_cannot_be_downloaded_is_put_there_and_trains(server: Server, lab: Lab) -> None:
    lab.page.goto(f"{lab.base}/?data=olivetti&epochs=3")
    expect(lab.page.get_by_text("is not on this server yet")).to_be_visible()
    expect(lab.button("train")).to_have_count(0)
    lab.press("download")
    expect(lab.page.get_by_text("Downloading Olivetti faces")).to_be_visible()
    message = lab.page.get_by_test_id("stMain").get_by_role("alert")
    folder = server.home / "scikit_learn_data"
    expect(message).to_contain_text("Without a network, put olivetti_py3.pkz")
    expect(message).to_contain_text(str(folder))
    joblib.dump(_faces(), folder / "olivetti_py3.pkz")
    lab.press("download").wait_until_drawn()
    expect(lab.page.get_by_text("is not on this server yet")).to_have_count(0)
    lab.press("train").wait_for_status("finished")
    assert "After epoch 3:" in lab.final_figures


def _faces() -> NDArray[np.float32]:
    """Return ten stand-ins for each of forty faces, told apart by a bright row, as scikit-learn keeps them."""
    images = np.random.default_rng(0).random((400, 64, 64), np.float32) / 2
    images[np.arange(400), np.arange(400) // 10] += 0.5
    return images.reshape(400, -1)
