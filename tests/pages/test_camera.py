"""The camera page: what it makes of the pictures that a browser sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.datasets.camera import NAME_MOST, PICTURES_MOST, SIDE, read_taken, to_zip
from core.datasets.upload_store import fingerprint, read_upload
from core.experiment import DataSpec, TableSpec
from tests.core.datasets.test_camera import DARK, LIGHT, sent
from tests.pages.lab_page import LabPage
from ui.camera import page as camera

OpenLab = Callable[..., LabPage]
TAKEN = sent(dark=list(DARK.pictures), light=list(LIGHT.pictures))


@pytest.fixture
def page(lab: LabPage) -> LabPage:
    """The camera page, before anything was taken."""
    return lab.turn_to("camera")


@pytest.fixture
def send(page: LabPage, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], LabPage]:
    """Have a browser send something: for the one run of the page that it brings about."""

    def send(taken: Any) -> LabPage:
        with monkeypatch.context() as patch:
            patch.setattr(camera, "camera_panel", lambda key: taken)
            return page.run()

    return send


def test_the_panel_knows_how_much_there_may_be(page: LabPage) -> None:
    assert page.at.title[0].value == "Camera"
    data = page.panel("camera")
    assert (data["side"], data["most"], data["letters"]) == (SIDE, PICTURES_MOST, NAME_MOST)
    assert any("stay in your browser" in text for text in page.texts)
    assert page.run().at.title[0].value == "Camera"


def test_pictures_train_in_the_lab(send: Callable[[Any], LabPage]) -> None:
    lab = send(TAKEN)
    content = to_zip(read_taken(TAKEN))
    file = fingerprint(content)
    assert read_upload(file) == content
    assert lab.experiment.data == DataSpec("file", scaling="none", table=TableSpec(file))
    assert any("camera pictures" in text.value and "12 pictures" in text.value for text in lab.at.caption)
    assert lab.turn_to("lab").running.experiment == lab.experiment
    lab.choose("Picture size (pixels)", 8)
    assert "64 × 4 + 4" in " ".join(lab.unfold().texts)


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        ("nonsense", "list of classes"),
        (TAKEN[:1], "2 to 8 classes"),
        (sent(dark=list(DARK.pictures), light=[b"\xff\xd8\xff"] * 5), "cannot be read"),
        ([TAKEN[0], TAKEN[1] | {"name": "**x**/y"}], "\\*\\*x\\*\\*/y"),
    ],
)
def test_what_cannot_be_used_is_said_and_changes_nothing(
    page: LabPage, send: Callable[[Any], LabPage], taken: Any, words: str
) -> None:
    send(taken)
    (error,) = page.at.main.error
    assert words in error.value
    assert page.at.title[0].value == "Camera"
    assert page.turn_to("lab").experiment.data == DataSpec("moons")


def test_whoever_brings_a_file_is_led_to_the_camera(open_lab: OpenLab) -> None:
    lab = open_lab().choose("Data set", "file")
    (link,) = lab.at.sidebar.get("page_link")
    assert link.proto.page == "camera"
