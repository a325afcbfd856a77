"""The page "Take home": the code that it shows, and the files that it offers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import keras
import numpy as np
import pytest
from streamlit.delta_generator import DeltaGenerator

from core.datasets import prepare
from core.datasets.upload_store import keep_upload
from core.experiment import read_query, to_params
from core.export.script import notebook, script
from core.messages.updates import FINISHED, PAUSED
from core.trained.bundle import load_bundle
from tests.pages.lab_page import SMALL, LabPage
from ui.take_home.page import how_to_load

OpenLab = Callable[..., LabPage]
QUICK = f"{SMALL}&epochs=4"
TREES = "\n".join(["height,kind", *(f"{100 + row % 7},{'oak' if row % 2 else '<b>elm</b>'}" for row in range(40))])


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each button would have downloaded, by the name of its file: Streamlit makes it when it is pressed."""
    found: dict[str, Any] = {}
    button = DeltaGenerator.download_button

    def record(self: DeltaGenerator, label: str, data: Any, file_name: str, *arguments: Any, **named: Any) -> bool:
        found[file_name] = data
        return button(self, label, data, file_name, *arguments, **named)

    monkeypatch.setattr(DeltaGenerator, "download_button", record)
    return found


def test_the_code_is_there_before_anything_is_trained(open_lab: OpenLab, offered: dict[str, Any]) -> None:
    page = open_lab(QUICK).turn_to("take_home")
    expected = script(read_query(QUICK))
    assert page.at.title[0].value == "Take home"
    assert page.at.code[0].value == expected.strip()
    assert list(offered) == ["moons.py", "moons.ipynb"]
    assert offered["moons.py"]() == expected
    assert offered["moons.ipynb"]() == notebook(read_query(QUICK))
    assert "Train this experiment" in page.at.info[0].value
    assert page.experiment == read_query(QUICK)  # in the address, so that a reload finds it


def test_a_run_is_offered_as_files(open_lab: OpenLab, offered: dict[str, Any], tmp_path: Any) -> None:
    lab = open_lab(QUICK).press("train").wait_for_status(FINISHED)
    history = lab.running.history()
    page = lab.turn_to("take_home")
    assert list(offered)[2:] == [
        "moons.keras", "moons-weights.npz", "moons-history.csv", "moons-report.html", "moons-run.zip",
    ]  # fmt: skip
    assert "After epoch 4." in page.texts
    assert how_to_load(read_query(QUICK), "moons.keras") in page.texts
    inputs = prepare(read_query(QUICK).data).x_val
    bundle = load_bundle(offered["moons-run.zip"]())
    assert bundle.history == history
    (tmp_path / "moons.keras").write_bytes(offered["moons.keras"]())
    outputs = keras.saving.load_model(tmp_path / "moons.keras").predict(inputs, verbose=0)
    np.testing.assert_allclose(outputs[:, 0], bundle.network.predict(inputs)[:, 1], rtol=1e-5)
    with np.load(io.BytesIO(offered["moons-weights.npz"]()), allow_pickle=False) as weights:
        assert set(weights) == set(bundle.network.weights)
        np.testing.assert_array_equal(weights["output/kernel"], bundle.network.weights["output/kernel"])
    rows = list(csv.DictReader(io.StringIO(offered["moons-history.csv"]())))
    assert [float(row["val_loss"]) for row in rows] == history["val_loss"]
    report = offered["moons-report.html"]()
    assert "After epoch 4" in report
    assert "hidden_1 (Dense)" in report


def test_a_paused_run_is_offered_as_it_stands(open_lab: OpenLab, offered: dict[str, Any]) -> None:
    lab = open_lab(QUICK).press("step").wait_for_status(PAUSED)
    page = lab.turn_to("take_home")
    assert "After epoch 1." in page.texts
    assert len(load_bundle(offered["moons-run.zip"]()).history["loss"]) == 1


def test_loading_a_model_takes_the_sine_by_name() -> None:
    sine = how_to_load(read_query(QUICK.replace("tanh", "sine")), "moons.keras")
    assert 'keras.saving.load_model("moons.keras", custom_objects={"sin": keras.ops.sin})' in sine
    assert "custom_objects" not in how_to_load(read_query(QUICK), "moons.keras")


def test_the_script_of_a_file_says_which_file_it_reads(open_lab: OpenLab, offered: dict[str, Any]) -> None:
    file = keep_upload(TREES.encode())
    query = urlencode(to_params(read_query(f"data=file&file={file}&layers=relu-4&epochs=2")))
    lab = open_lab(query)
    lab.at.session_state["files"] = {file: "my *trees*.csv"}
    page = lab.turn_to("take_home")
    assert any("`` my *trees*.csv ``" in text or "` my *trees*.csv `" in text for text in page.texts)
    assert 'FILE = "my *trees*.csv"' in page.at.code[0].value
    assert json.loads(offered["file.ipynb"]())["nbformat"] == 4
    page.turn_to("lab").press("train").wait_for_status(FINISHED).turn_to("take_home")
    report = offered["file-report.html"]()
    assert "Your file: predict a class (my *trees*.csv)" in report
    assert "<td>&lt;b&gt;elm&lt;/b&gt;</td>" in report


def test_a_file_that_came_by_a_link_has_a_name_to_be_changed(open_lab: OpenLab) -> None:
    file = keep_upload(TREES.encode())
    page = open_lab(f"data=file&file={file}").turn_to("take_home")
    assert 'FILE = "data.csv"' in page.at.code[0].value


def test_without_a_file_the_page_says_what_is_missing(open_lab: OpenLab) -> None:
    page = open_lab("data=file").turn_to("take_home")
    assert "Upload a file" in page.at.info[0].value
    assert not page.at.code
