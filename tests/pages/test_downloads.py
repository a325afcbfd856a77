"""Data that have to be downloaded first, as a person meets them in the lab."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.datasets import downloads as pictures
from core.datasets.data_cache import DATA_CACHE
from core.datasets.downloads import HOME_VARIABLE, write_pictures
from core.datasets.pictures import Pictures
from core.errors import DataError
from core.jobs.downloads import Downloads
from tests.pages.lab_page import LabPage
from tests.waiting import wait_until
from ui import server

QUERY = "data=olivetti"


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What a worker was asked for, where nothing has been downloaded."""
    asked = []
    # A worker that starts now would look for all files in an empty folder.
    wait_until(lambda: server.jobs().cluster.ready)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    DATA_CACHE.clear()
    monkeypatch.setattr(server.jobs(), "downloads", Downloads(lambda *request: asked.append(request)))
    yield asked
    DATA_CACHE.clear()  # of what the tests put there


def said(lab: LabPage) -> str:
    return " ".join([*lab.texts, *(error.value for error in lab.at.error)])


def test_it_is_offered_followed_and_shown(asked: list, open_lab: Callable[..., LabPage]) -> None:
    lab = open_lab(QUERY)
    assert "Olivetti faces** is not on this server yet" in said(lab)
    assert "Train" not in lab.buttons
    lab.press("download")
    assert "Downloading **Olivetti faces**" in said(lab)
    ((take, _, name),) = asked
    assert name == "olivetti"

    lab.choose("Data set", "moons")  # everything else goes on
    assert lab.buttons["Train"]
    lab.choose("Data set", "olivetti")
    assert "Downloading **Olivetti faces**" in said(lab)

    write_pictures(name, Pictures(np.zeros((20, 4, 3), np.float32), np.arange(20) % 2, ("a", "b")))
    take(None, None)
    lab.run()
    assert lab.buttons["Train"]
    assert "Downloading" not in said(lab)


def test_what_to_do_without_a_network_is_said(asked: list, open_lab: Callable[..., LabPage]) -> None:
    lab = open_lab(QUERY).press("download")
    asked[0][0](None, DataError("put olivetti_py3.pkz there"))
    lab.run()
    assert "put olivetti_py3.pkz there" in said(lab)
    lab.press("download")
    assert "Downloading **Olivetti faces**" in said(lab)
    assert len(asked) == 2
    assert pictures.is_downloaded("olivetti") is False
