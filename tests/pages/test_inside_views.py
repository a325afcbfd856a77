"""The closer looks on the page "Inside": each view of every kind of run."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from core.datasets import prepare
from core.figures import Encoder
from tests.pages.lab_page import NUMBERS, PARTS, PICTURES, SMALL, LabPage
from ui import server
from ui.inside.views import animation

OpenLab = Callable[..., LabPage]
_ALL = ["Health", "First layer", "What activates a unit", "Loss landscape", "Animation"]
_NO_PICTURES = [view for view in _ALL if view != "First layer"]


_TWO_LAYERS = "data=moons&points=60&layers=relu-4,tanh-3&epochs=30"


@pytest.fixture
def open_inside(open_finished: Callable[[str, str], LabPage]) -> OpenLab:
    """Look inside a finished run, which all tests share: `open_inside(query)`."""
    return partial(open_finished, "inside")


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], bytes]]:
    """What the download buttons would give: Streamlit makes it when one is pressed."""
    made: list[Callable[[], bytes]] = []
    button = st.download_button

    def record(label: str, data: Any, *arguments: Any, **options: Any) -> Any:
        made.append(data)
        return button(label, data, *arguments, **options)

    monkeypatch.setattr(st, "download_button", record)
    return made


def _views(lab: LabPage) -> Any:
    return next(group for group in lab.at.get("button_group") if group.key == "inside-view")


def _look(lab: LabPage, view: str) -> LabPage:
    _views(lab).set_value(view)
    return lab.run()


def _figures(lab: LabPage) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in lab.at.main.get("plotly_chart")]


def _box(lab: LabPage, label: str) -> Any:
    return next(box for box in lab.at.main.selectbox if box.label == label)


@pytest.mark.parametrize(
    ("query", "views"),
    [
        (_TWO_LAYERS, _NO_PICTURES),
        (f"{PARTS}&layers=none&epochs=3", _NO_PICTURES),
        ("data=moons&points=60&layers=relu-1&split=all&epochs=3", _NO_PICTURES),
        ("data=curve&epochs=3", _NO_PICTURES),
        (f"{NUMBERS}&layers=tanh-4-batch,elu-3&dropout=0.2&epochs=3", _NO_PICTURES),
        (f"{PICTURES}&epochs=3", _ALL),
        ("data=olivetti&layers=none&epochs=3", _ALL),
    ],
)
def test_every_run_is_looked_at_closely(
    open_inside: OpenLab, downloads: list[Callable[[], bytes]], query: str, views: list[str]
) -> None:
    lab = open_inside(query)
    assert list(_views(lab).options) == ["One step", *views]
    assert _figures(lab) == []
    for view in views:
        _look(lab, view)
        assert lab.at.main.warning == []
        assert lab.at.main.error == []
        assert _figures(lab) or lab.at.main.dataframe or view == "Animation"
    epochs = lab.running.epoch
    gif = Image.open(io.BytesIO(downloads[-1]()))
    assert gif.n_frames == epochs + 1  # before the first epoch, and after each
    first = np.asarray(gif.convert("RGB"))
    gif.seek(epochs)
    assert not np.array_equal(first, np.asarray(gif.convert("RGB")))


def _encoder(folder: Path, *lines: str) -> Encoder:
    """Write a program that stands in for ffmpeg; its video is what it writes to `out`, of the `frames` it is given."""
    path = folder / "encoder"
    reading = [
        "#!" + sys.executable,
        "import sys",
        "frames = sys.stdin.buffer.read()",
        "out = open(sys.argv[-1], 'wb')",
    ]
    path.write_text("\n".join([*reading, *lines, ""]), "utf-8")
    path.chmod(0o755)
    return Encoder(str(path), "libx264")


def _buttons(lab: LabPage) -> list[str]:
    return [button.label for button in lab.at.main.button]


def test_without_an_encoder_there_is_the_gif_alone(open_inside: OpenLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(animation, "find_encoder", lambda: None)
    lab = _look(open_inside(f"{SMALL}&epochs=5"), "Animation")
    assert "Create MP4" not in _buttons(lab)
    assert [button.label for button in lab.at.main.get("download_button")] == ["Download GIF"]
    assert not any("MP4" in text for text in lab.texts)


def test_with_an_encoder_the_same_frames_become_an_mp4(
    open_inside: OpenLab, downloads: list[Callable[[], bytes]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    encoder = _encoder(tmp_path, "out.write(str(len(frames)).encode())")
    monkeypatch.setattr(animation, "find_encoder", lambda: encoder)
    lab = _look(open_inside(f"{SMALL}&epochs=5"), "Animation")
    gif = Image.open(io.BytesIO(downloads[-1]()))
    assert lab.at.main.get("video") == []
    lab.press("inside-mp4")
    assert len(lab.at.main.get("video")) == 1
    assert downloads[-1] == str((6 + 16) * 3 * gif.width * gif.height).encode()  # the last frame for two seconds
    assert lab.at.main.warning == []


def test_an_encoder_that_fails_is_reported_and_the_gif_can_still_be_downloaded(
    open_inside: OpenLab, downloads: list[Callable[[], bytes]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    encoder = _encoder(tmp_path, "sys.exit('no *room* left')")
    monkeypatch.setattr(animation, "find_encoder", lambda: encoder)
    lab = _look(open_inside(f"{SMALL}&epochs=5"), "Animation").press("inside-mp4")
    (warning,) = lab.at.main.warning
    assert "code 1" in warning.value
    assert r"no \*room\* left" in warning.value
    assert lab.at.main.get("video") == []
    assert Image.open(io.BytesIO(downloads[-1]())).n_frames == 6


def test_health_shows_every_layer_over_the_kept_epochs(open_inside: OpenLab) -> None:
    lab = _look(open_inside(_TWO_LAYERS), "Health")
    layers, norms, moved, idle = _figures(lab)
    assert len(layers["data"]) == 3 * 12
    assert [trace["name"] for trace in norms["data"]] == ["hidden layer 1", "hidden layer 2", "output layer"]
    assert len(moved["data"]) == 3
    assert [trace["name"] for trace in idle["data"]] == ["hidden layer 1: dead", "hidden layer 2: saturated"]
    assert any("the latest being epoch 30" in text for text in lab.texts)


def test_a_run_of_no_epoch_says_what_it_lacks(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=5").press("step").wait_for_status("paused").turn_to("inside")
    _look(lab, "Loss landscape")
    assert "three saved epochs" in lab.at.main.info[0].value


def test_the_rows_that_activate_a_unit_come_by_its_output(open_inside: OpenLab) -> None:
    lab = _look(open_inside(f"{PARTS}&epochs=3"), "What activates a unit")
    _box(lab, "Layer").set_value(0)
    lab.run()
    _box(lab, "Unit").set_value(2)
    lab.run()
    split = prepare(lab.experiment.data)
    given = server.jobs().trained(lab.running).layer_outputs(split.x_train)[0][:, 2]
    table = lab.at.main.dataframe[0].value
    np.testing.assert_allclose(table["unit output"], np.sort(given)[::-1][: len(table)], rtol=1e-6)
    np.testing.assert_allclose(given[table["row"]], table["unit output"], rtol=1e-6)
    assert table["class"].tolist() == [split.class_names[label] for label in split.y_train[table["row"]]]
    np.testing.assert_allclose(table["petal length (cm)"], split.raw_train[table["row"], 2])


def test_the_strongest_units_of_the_first_layer_are_pictures(open_inside: OpenLab) -> None:
    lab = _look(open_inside(f"{PICTURES}&epochs=3"), "First layer")
    (figure,) = _figures(lab)
    kernel = server.jobs().trained(lab.running).weights["hidden_1/kernel"]
    strongest = np.argsort(-np.linalg.norm(kernel, axis=0))[:20]
    assert len(figure["layout"]["images"]) == 20
    assert figure["data"][0]["text"] == [f"unit {unit + 1}" for unit in strongest]
