"""The page "Try it": the lab's network, or a bundle's, asked by hand and by a file of rows."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from functools import partial
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image

from core.datasets import prepare
from core.errors import WorkersError
from core.experiment import read_query
from core.messages.updates import FINISHED, PAUSED
from core.trained import sketch as sketched
from core.trained.bundle import load_bundle, save_bundle
from core.trained.sketch import SIDE
from core.trained.what_if import Trial
from tests.core.trained.networks import NAUGHTY, QUERIES, bundle_of, table_query
from tests.pages.lab_page import NUMBERS, PARTS, SMALL, LabPage
from ui import server
from ui.session import trials
from ui.try_it import own_picture, plane, what_if
from ui.try_it.bundles import bundle_maker
from ui.try_it.tried_model import TriedModel, preparation_of

OpenLab = Callable[..., LabPage]
TRIED = TriedModel("run", "moons", bundle_of(QUERIES["two classes"]).preparation, None)


@pytest.fixture
def open_model(open_finished: Callable[[str, str], LabPage]) -> OpenLab:
    """Open the page for a finished run, which all tests share: `open_model(query)`."""
    return partial(open_finished, "predict")


def bars(page: LabPage) -> dict[str, float]:
    """What the bars say, by class."""
    bar = figures(page)["Probabilities"]["figure"]["data"][0]
    shares = _numbers(bar["x"])
    return dict(zip(bar["customdata"], shares, strict=True))


def figures(page: LabPage) -> dict[str, dict]:
    """What the figures of the page get, by name."""
    parts = [json.loads(part.proto.json) for part in page.at.get("bidi_component")]
    return {part["name"]: part for part in parts if part["part"] == "figure"}


def _numbers(values) -> list[float]:
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()
    return values


def said_of(page: LabPage, raw: list[float]) -> np.ndarray:
    """What the run's network says of a row, through the split's own scaling."""
    network = server.jobs().trained(page.running)
    split = prepare(page.running.experiment.data)
    answer = network.predict(split.to_inputs(np.array([raw], np.float32)))[0]
    return answer if split.classes else split.unscale_target(answer)


def cells_of(plane: dict) -> np.ndarray:
    """The bytes that the plane is painted by."""
    packed = plane["arrays"]["cells"]
    return np.frombuffer(base64.b64decode(packed["bytes"]), np.uint8).reshape(packed["shape"])


def said_all_over(page: LabPage, plane: dict) -> np.ndarray:
    """What the run's network says in the middle of every cell: (rows from the top, columns, classes)."""
    layout = plane["figure"]["layout"]
    side = cells_of(plane).shape[-1]
    (x_low, x_high), (y_low, y_high) = layout["xaxis"]["range"], layout["yaxis"]["range"]
    middles = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(x_low + middles * (x_high - x_low), y_high - middles * (y_high - y_low))
    split = prepare(page.running.experiment.data)
    points = np.column_stack([x.ravel(), y.ravel()]).astype(np.float32)
    return server.jobs().trained(page.running).predict(split.to_inputs(points)).reshape(side, side, -1)


def with_bundle(page: LabPage, query: str) -> LabPage:
    page.at.session_state["bundle"] = ("my <b>run</b>.zip", bundle_of(query))
    return page.run()


def test_without_a_run_the_page_leads_to_the_lab(lab: LabPage) -> None:
    page = lab.turn_to("predict")
    assert "no trained network yet" in page.at.info[0].value
    page.press("to-lab")
    assert "Train" in page.buttons


def test_a_moved_slider_changes_the_answer(open_model: OpenLab) -> None:
    page = open_model(f"{SMALL}&epochs=5")
    split = prepare(page.running.experiment.data)
    row = np.median(split.raw_train, axis=0)
    np.testing.assert_allclose(list(bars(page).values()), said_of(page, row), rtol=1e-4)
    page.choose("x1", float(split.raw_train[:, 0].max()))
    moved = [split.raw_train[:, 0].max(), row[1]]
    assert list(bars(page)) == ["class 0", "class 1"]
    np.testing.assert_allclose(list(bars(page).values()), said_of(page, moved), rtol=1e-4)
    page.press("reset-row")
    np.testing.assert_allclose(list(bars(page).values()), said_of(page, row), rtol=1e-4)


def test_a_held_out_row_can_be_started_from(open_model: OpenLab) -> None:
    page = open_model(f"{SMALL}&epochs=5")
    split = prepare(page.running.experiment.data)
    page.choose(f"Held-out row, 1 to {len(split.x_test)}", 4).press("start-from-row")
    assert page.control("x1").value == pytest.approx(float(split.raw_test[3, 0]))
    np.testing.assert_allclose(list(bars(page).values()), said_of(page, split.raw_test[3]), rtol=1e-4)
    truth = split.class_names[split.y_test[3]]
    assert f"Held-out row 4: the true class is **{truth}**." in page.texts
    page.choose("x2", 0.0)
    assert not any("true class" in text for text in page.texts)


@pytest.mark.parametrize(
    ("query", "row"), [("data=iris&epochs=3&split=all", "Training row"), (f"{PARTS}&epochs=3", "Test row")]
)
def test_a_row_is_called_what_it_is(open_model: OpenLab, query: str, row: str) -> None:
    page = open_model(query)
    count = len(prepare(page.running.experiment.data).x_test)
    page.choose(f"{row}, 1 to {count:,}", 2).press("start-from-row")
    assert any(f"{row} 2: the true class is" in text for text in page.texts)


def test_a_click_on_the_plane_asks_there(open_model: OpenLab) -> None:
    page = open_model(f"{SMALL}&epochs=5")
    plane = figures(page)["Plane"]
    assert plane["clickable"]
    assert not figures(page)["Probabilities"]["clickable"]
    np.testing.assert_array_equal(cells_of(plane)[0], said_all_over(page, plane).argmax(axis=-1))
    page.at.session_state["trial"] = Trial(page.running.token, np.array([0.25, -0.5], np.float32), None, 9)
    page.run()
    cross = figures(page)["Plane"]["figure"]["data"][-1]
    assert (cross["x"], cross["y"]) == ([0.25], [-0.5])
    assert (page.control("x1").value, page.control("x2").value) == (0.25, -0.5)
    np.testing.assert_allclose(list(bars(page).values()), said_of(page, [0.25, -0.5]), rtol=1e-4)


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        {"clicked": None},
        {"clicked": []},
        {"clicked": [1, 2, 3]},
        {"clicked": ["1", 2]},
        {"clicked": {"x": 1, "y": 2}},
        {"clicked": [10**400, 2]},
        {"clicked": [2, float("nan")]},
        {"clicked": [0, float("inf")]},
    ],
)
def test_a_click_that_is_none_is_not_taken(monkeypatch, message) -> None:
    monkeypatch.setattr(st, "session_state", {"what-if-plane": message} if message is not None else {})
    plane.take_click(TRIED)
    assert "trial" not in st.session_state


def test_a_click_sets_both_features(monkeypatch) -> None:
    monkeypatch.setattr(st, "session_state", {"what-if-plane": {"clicked": [0.25, -1]}})
    plane.take_click(TRIED)
    trial = trials.trial("run", np.zeros(2, np.float32))
    assert trial.row.tolist() == [0.25, -1.0]
    assert trial.row.dtype == np.float32


def test_a_number_is_said_in_its_units(open_model: OpenLab) -> None:
    page = open_model(f"{NUMBERS}&epochs=3")
    split = prepare(page.running.experiment.data)
    said = said_of(page, np.median(split.raw_train, axis=0))[0]
    assert page.at.metric[0].label == split.target_name
    assert float(page.at.metric[0].value) == pytest.approx(said, rel=1e-4)
    assert any(f"rows: {split.y_train.min():.5g} to {split.y_train.max():.5g}" in text for text in page.texts)


@pytest.mark.parametrize(("data", "controls"), [("curve", 1), ("iris", 4), ("cancer", 30)])
def test_every_input_of_a_few_has_a_control(lab: LabPage, data: str, controls: int) -> None:
    page = with_bundle(lab.turn_to("predict"), f"data={data}")
    assert len(page.at.main.slider) == controls


@pytest.mark.parametrize(("data", "classes"), [("digits", 10), ("mnist", 10), ("olivetti", 20)])
def test_of_many_inputs_those_that_are_searched_for_have_one(lab: LabPage, data: str, classes: int) -> None:
    query = f"data={data}&layers=relu-4"
    page = with_bundle(lab.turn_to("predict"), query)
    split = prepare(read_query(query).data)
    assert len(page.at.main.slider) == 0
    assert any("There is no picture yet" in info.value for info in page.at.main.info)
    page.choose(f"Inputs to change (of {split.features:,})", [20])
    slider = page.at.main.slider[0]
    assert slider.label == split.feature_names[20].replace(":", ":\u200b").replace("_", "\\_")
    slider.set_value(slider.max)
    page.run()
    assert len(page.at.main.get("image")) == 1
    assert len(bars(page)) == classes


def test_names_are_shown_letter_for_letter(lab: LabPage) -> None:
    page = with_bundle(lab.turn_to("predict"), table_query())
    labels = [box.label for box in page.at.main.selectbox]
    assert labels == [name.replace("<", "\\<").replace(">", "\\>") for name in (NAUGHTY[1], NAUGHTY[2])]
    box = page.at.main.selectbox[0]
    assert [*box.options] == ["<i>blue</i>", "green, dark", "red", "any other"]
    assert list(bars(page)) == ["&lt;script&gt;", 'a "b"', "ü"]
    before = bars(page)
    box.set_value(3)
    assert bars(page.run()) != before


def test_while_it_trains_the_newest_weights_answer(open_lab: OpenLab) -> None:
    page = open_lab(f"{SMALL}&epochs=100")
    page.train_slowly()
    page.turn_to("predict")
    assert any("still training" in text for text in page.texts)
    page.press("newest-weights")
    assert sum(bars(page).values()) == pytest.approx(1, rel=1e-4)


def test_a_worker_that_is_late_is_said(open_lab: OpenLab) -> None:
    page = open_lab(f"{SMALL}&epochs=5").press("step").wait_for_status(PAUSED).turn_to("predict")
    with mock.patch.object(server.jobs(), "trained", side_effect=WorkersError("The *worker* is busy.")):
        page.run()
    assert page.at.warning[0].value == "The \\*worker\\* is busy."
    page.press("ask-again")
    assert bars(page)


# A picture of one's own


def test_without_a_picture_there_is_no_prediction(open_model: OpenLab) -> None:
    page = open_model(QUERIES["pictures"])
    assert "There is no picture yet" in page.at.info[0].value
    assert "Probabilities" not in figures(page)
    page.press("start-from-row")
    assert not page.at.info
    assert bars(page)
    assert "There is no picture yet" in page.press("reset-row").at.info[0].value


def test_a_picture_of_one_shade_is_blank() -> None:
    preparation = bundle_of(QUERIES["pictures"]).preparation
    blank = np.full(64, 16, np.float32)
    assert what_if.is_blank(preparation, blank)
    blank[0] = 0
    assert not what_if.is_blank(preparation, blank)
    points = bundle_of(QUERIES["two classes"]).preparation
    assert not what_if.is_blank(points, points.typical)


def test_a_drawn_picture_becomes_the_row(monkeypatch) -> None:
    preparation = bundle_of(QUERIES["pictures"]).preparation
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[20:90, 50:60] = 255
    model = TriedModel("run", "digits", preparation, None)
    take = partial(own_picture.take_picture, model, own_picture.read_drawing)
    state = {"sketch-panel": {"sketched": base64.b64encode(ink.tobytes()).decode()}}
    monkeypatch.setattr(st, "session_state", state)
    take()
    drawn = trials.trial("run", preparation.typical)
    picture = sketched.centred(ink.astype(np.float32) / 255, "digits", (8, 8))
    np.testing.assert_array_equal(drawn.row, sketched.row_of(picture, preparation))
    assert drawn.row.max() > 8
    state["sketch-panel"] = {"sketched": "nonsense"}
    take()
    assert "112 x 112" in trials.trial("run", preparation.typical).problem
    state["sketch-panel"] = {"sketched": ""}
    take()
    cleared = trials.trial("run", preparation.typical)
    np.testing.assert_array_equal(cleared.row, preparation.typical)
    assert cleared.problem == ""
    assert cleared.revision > drawn.revision


@pytest.mark.parametrize(("data", "ways"), [("digits", 3), ("fashion", 3), ("olivetti", 2)])
def test_pictures_are_drawn_where_they_are_ink(lab: LabPage, data: str, ways: int) -> None:
    page = with_bundle(lab.turn_to("predict"), f"data={data}&layers=none")
    way = page.at.button_group(key=f"picture-way-{data}")
    assert len(way.options) == ways
    parts = [json.loads(part.proto.json)["part"] for part in page.at.get("bidi_component")]
    assert ("sketch" in parts) == (data == "digits")


def test_a_photographed_digit_is_tried(lab: LabPage) -> None:
    page = with_bundle(lab.turn_to("predict"), "data=digits&layers=none")
    assert any("There is no picture yet" in info.value for info in page.at.main.info)
    page.at.button_group(key="picture-way-digits").set_value("Picture file")
    page.run()
    light = np.full((60, 60), 230, np.uint8)
    light[10:50, 28:34] = 20
    file = io.BytesIO()
    Image.fromarray(light).save(file, "PNG")
    page.at.file_uploader(key="picture-file").set_value(("seven.png", file.getvalue(), "image/png"))
    assert len(bars(page.run())) == 10
    page.at.file_uploader(key="picture-file").set_value(("seven.png", b"no picture", "image/png"))
    assert "cannot be read" in page.run().at.error[0].value


# Predict a file


def view(page: LabPage, title: str) -> LabPage:
    page.at.button_group(key="try-view").set_value(title)
    return page.run()


def test_a_file_of_rows_is_predicted(open_model: OpenLab) -> None:
    page = view(open_model(f"{SMALL}&epochs=5"), "Predict a file")
    assert page.at.button(key="predict-rows").disabled
    page.at.file_uploader(key="rows-file").set_value(("rows.csv", b"name,x1,x2\na,0,0.5\nb,1,-0.5\n", "text/csv"))
    page.run().press("predict-rows")
    frame: pd.DataFrame = page.at.dataframe[0].value
    assert json.loads(page.at.dataframe[0].proto.columns)["predicted class"]["pinned"] is True
    assert list(frame) == ["name", "x1", "x2", "predicted class", "probability of class 0", "probability of class 1"]
    np.testing.assert_allclose(frame.iloc[:, 4:], [said_of(page, row) for row in ([0, 0.5], [1, -0.5])], rtol=1e-4)


def test_a_missing_column_is_named(open_model: OpenLab) -> None:
    page = view(open_model(f"{SMALL}&epochs=5"), "Predict a file")
    page.at.file_uploader(key="rows-file").set_value(("rows.csv", b"x1,<b>\n0,0.5\n1,2\n", "text/csv"))
    page.run().press("predict-rows")
    assert "Missing:\u200b 'x2'" in page.at.error[0].value
    assert "\\<b\\>" in page.at.error[0].value


# Bundles


def test_a_bundle_is_brought_looked_at_and_put_away(lab: LabPage) -> None:
    page = lab.turn_to("predict")
    content = save_bundle(bundle_of(QUERIES["three parts"]))
    page.at.file_uploader(key="bundle-file").set_value(("my run.zip", content, "application/zip"))
    page.run()
    assert any("` my run.zip `" in text and "4 inputs, 3 classes" in text for text in page.texts)
    assert len(bars(page)) == 3
    view(page, "Bundle").press("bundle-to-lab")
    assert page.experiment == read_query(QUERIES["three parts"])
    page.turn_to("predict").press("close-bundle")
    assert "no trained network yet" in page.at.info[0].value


def test_a_bundle_is_trained_on_from_its_weights(lab: LabPage) -> None:
    bundle = bundle_of(f"{PARTS}&epochs=3")
    page = lab.turn_to("predict")
    page.at.file_uploader(key="bundle-file").set_value(("run.zip", save_bundle(bundle), "application/zip"))
    view(page.run(), "Bundle").press("train-on")
    assert page.experiment == bundle.experiment
    page.turn_to("lab").wait_for_status(FINISHED)
    assert page.running.message == "Started from a bundle's weights with a new optimizer."
    assert page.running.epoch == bundle.experiment.training.epochs
    trained_on = page.running.history()
    assert page.press("train").wait_for_status(FINISHED).running.history() != trained_on
    assert page.running.message == ""


def test_a_file_that_is_no_bundle_is_refused_with_a_message(lab: LabPage) -> None:
    page = lab.turn_to("predict")
    page.at.file_uploader(key="bundle-file").set_value(("run.zip", b"hello", "application/zip"))
    page.run()
    assert "not a zip archive" in page.at.error[0].value


def test_this_runs_bundle_holds_this_run(open_model: OpenLab) -> None:
    page = view(open_model(f"{SMALL}&epochs=5"), "Bundle")
    job = page.running
    network = server.jobs().trained(job)
    bundle = load_bundle(bundle_maker(network, preparation_of(job.experiment.data), job)())
    assert bundle.experiment == job.experiment
    assert bundle.history == job.history()
    for name, weight in network.weights.items():
        np.testing.assert_array_equal(bundle.network.weights[name], weight)


def test_a_reload_finds_the_run_again(open_model: OpenLab) -> None:
    page = open_model(f"{SMALL}&epochs=5")
    before = bars(page)
    for key in ("experiment", "addresses", "token", "shown", "trial"):  # what a new session does not know
        del page.at.session_state[key]
    assert bars(page.run()) == before
