"""The results page: every run from every side."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from sklearn import metrics

from core.datasets import prepare
from core.datasets.upload_store import fingerprint, keep_upload
from core.errors import WorkersError
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.updates import FINISHED, PAUSED
from core.trained.network import TrainedNetwork
from tests.pages.lab_page import NUMBERS, PARTS, PICTURES, SMALL, LabPage
from ui import server
from ui.results.confusion_matrix import choose_clicked_cell
from ui.results.run_results import RunResults

OpenLab = Callable[..., LabPage]
_CLASSES = ["Summary", "Confusion matrix", "Worst predictions", "Per class", "ROC and PR", "Calibration", "Importance"]
_NUMBERS = ["Summary", "Predictions", "Worst predictions", "Importance"]


OpenFinished = Callable[[str, str], LabPage]
_NO_HELD_OUT = "data=iris&epochs=3&split=all"
_ONE_FEATURE = "data=curve&epochs=3"


@pytest.fixture
def open_results(open_finished: OpenFinished) -> OpenLab:
    """Open the results of a finished run, which all tests share: `open_results(query)`."""
    return partial(open_finished, "results")


def _group(lab: LabPage, key: str) -> Any:
    return next(group for group in lab.at.get("button_group") if group.key == key)


def _look(lab: LabPage, view: str) -> LabPage:
    _group(lab, "results-view").set_value(view)
    return lab.run()


def _rows(lab: LabPage, part: str) -> LabPage:
    _group(lab, "results-rows").set_value(part)
    return lab.run()


def _figures(lab: LabPage) -> list[dict[str, Any]]:
    parts = [json.loads(part.proto.json) for part in lab.at.main.get("bidi_component")]
    staying = [part["figure"] for part in parts if part["part"] == "figure"]
    return [json.loads(chart.proto.spec) for chart in lab.at.main.get("plotly_chart")] + staying


def _table(lab: LabPage) -> Any:
    return lab.at.main.dataframe[0].value


def _network(lab: LabPage) -> Any:
    return server.jobs().trained(lab.running)


@pytest.mark.parametrize(
    ("query", "views"),
    [
        (f"{SMALL}&epochs=5", _CLASSES),
        (_NO_HELD_OUT, _CLASSES),
        (f"{PICTURES}&epochs=3", _CLASSES[:-1]),
        ("data=olivetti&layers=none&epochs=3", _CLASSES[:-1]),
        (_ONE_FEATURE, _NUMBERS),
        (f"{NUMBERS}&epochs=3", _NUMBERS),
    ],
)
def test_every_run_is_seen_from_every_side(open_results: OpenLab, query: str, views: list[str]) -> None:
    lab = open_results(query)
    assert list(_group(lab, "results-view").options) == views
    for view in views:
        _look(lab, view)
        assert _figures(lab) or not lab.at.main.dataframe[0].value.empty
        assert lab.at.main.error == []


def test_scores_of_every_part_stand_side_by_side(open_results: OpenLab) -> None:
    lab = open_results(f"{PARTS}&epochs=3")
    table = _table(lab).set_index("rows")
    split, network = prepare(lab.experiment.data), _network(lab)
    parts = {
        "training": (split.x_train, split.y_train),
        "validation": (split.x_val, split.y_val),
        "test": (split.x_test, split.y_test),
    }
    assert list(table.index) == list(parts)
    for part, (inputs, labels) in parts.items():
        probabilities = network.predict(inputs)
        assert table["count"][part] == len(labels)
        assert table["accuracy"][part] == f"{metrics.accuracy_score(labels, probabilities.argmax(axis=1)):.3f}"
        whole = probabilities / probabilities.sum(axis=1, keepdims=True, dtype=np.float64)
        expected = metrics.log_loss(labels, whole, labels=[0, 1, 2])
        assert float(table["cross-entropy"][part]) == pytest.approx(expected, abs=1e-4)


def test_the_cross_entropy_is_the_one_of_the_curves(open_results: OpenLab) -> None:
    sharp = open_results("data=moons&points=60&noise=0.5&layers=relu-32,relu-32&lr=0.3&batch=8&epochs=30&test=0.5")
    losses = sharp.running.history()["val_loss"]
    assert losses[-1] > 3  # very sure and wrong
    assert _table(sharp).set_index("rows")["cross-entropy"]["held-out"] == f"{losses[-1]:.4f}"
    alone = open_results(_NO_HELD_OUT)
    assert (
        _table(alone).set_index("rows")["cross-entropy"]["training"] == f"{alone.running.history()['val_loss'][-1]:.4f}"
    )


def test_scores_of_numbers_are_in_the_targets_own_units(open_results: OpenLab) -> None:
    lab = open_results(f"{NUMBERS}&epochs=3")
    table = _table(lab).set_index("rows")
    split, network = prepare(lab.experiment.data), _network(lab)
    said = split.unscale_target(network.predict(split.x_test)[:, 0])
    assert list(table.index) == ["training", "validation", "test"]
    assert float(table["MAE"]["test"]) == pytest.approx(metrics.mean_absolute_error(split.y_test, said), rel=1e-3)
    assert float(table["R²"]["test"]) == pytest.approx(metrics.r2_score(split.y_test, said), abs=1e-3)


def test_the_summary_says_what_the_figures_mean(open_results: OpenLab) -> None:
    assert any(text.startswith("**Not tested.**") for text in open_results(_NO_HELD_OUT).texts)
    no_pattern = open_results("data=moons&epochs=3&random_labels=1")
    assert any("guessing.**" in text for text in no_pattern.texts)


def test_a_cell_of_the_matrix_lists_its_rows(open_results: OpenLab) -> None:
    lab = _look(open_results(f"{PARTS}&epochs=3"), "Confusion matrix")
    split, network = prepare(lab.experiment.data), _network(lab)
    probabilities = network.predict(split.x_val)
    said = probabilities.argmax(axis=1)
    mistakes = metrics.confusion_matrix(split.y_val, said, labels=[0, 1, 2])
    np.fill_diagonal(mistakes, 0)
    at_first = lab.control("True class").value, lab.control("Predicted class").value
    assert mistakes[at_first] == mistakes.max()
    for true in range(3):
        for predicted in range(3):
            lab.choose("True class", true).choose("Predicted class", predicted)
            rows = np.flatnonzero((split.y_val == true) & (said == predicted))
            table = _table(lab)
            assert sorted(table["row"]) == rows.tolist()
            assert set(table["true"]) <= {split.class_names[true]}
            assert set(table["predicted"]) <= {split.class_names[predicted]}
            np.testing.assert_allclose(table["P(predicted)"], probabilities[table["row"], predicted], atol=6e-4, rtol=0)
            np.testing.assert_allclose(table["petal length (cm)"], split.raw_val[table["row"], 2])


@pytest.mark.parametrize(
    ("message", "chosen"),
    [
        ({"clicked": [1.2, 0.4]}, (0, 1)),
        ({"clicked": [-0.4, 2.4]}, (2, 0)),
        (None, (None, None)),
        ({"clicked": None}, (None, None)),
        ({"clicked": [1, 3]}, (None, None)),
        ({"clicked": [10**400, 1]}, (None, None)),
        ({"clicked": [-1, 0]}, (None, None)),
        ({"clicked": ["0", 1]}, (None, None)),
        ({"clicked": [float("nan"), 1]}, (None, None)),
        ({"clicked": [float("inf"), 1]}, (None, None)),
        ({"clicked": {"x": 1, "y": 1}}, (None, None)),
    ],
)
def test_a_click_into_the_matrix_chooses_a_cell(monkeypatch, message, chosen) -> None:
    results = cast(RunResults, SimpleNamespace(token="run", split=SimpleNamespace(classes=3)))
    state = {"confusion-matrix": message} if message is not None else {}
    monkeypatch.setattr(st, "session_state", state)
    choose_clicked_cell(results)
    assert (state.get("true-run"), state.get("predicted-run")) == chosen


def test_points_of_a_cell_are_lit_up_on_the_boundary(open_results: OpenLab) -> None:
    lab = _look(open_results(f"{SMALL}&epochs=5"), "Confusion matrix")
    lab.choose("True class", 1).choose("Predicted class", 1)
    split = prepare(lab.experiment.data)
    said = _network(lab).predict(split.x_test).argmax(axis=1)
    lit = next(figure for figure in _figures(lab) if figure["layout"].get("images"))
    assert lit["layout"]["images"][0]["source"].startswith("data:image/png")
    assert len(lit["data"][-1].get("customdata", [])) == np.count_nonzero((split.y_test == 1) & (said == 1))


def test_pictures_of_a_cell_are_shown(open_results: OpenLab) -> None:
    lab = _look(open_results(f"{PICTURES}&epochs=3"), "Confusion matrix")
    lab.choose("True class", 3).choose("Predicted class", 3)
    captions = next(figure["data"][0]["text"] for figure in _figures(lab) if figure["layout"].get("images"))
    assert captions
    assert all(caption.startswith("3<br>") for caption in captions)


def test_the_worst_prediction_comes_first(open_results: OpenLab) -> None:
    lab = _look(open_results(f"{PARTS}&epochs=3"), "Worst predictions")
    split = prepare(lab.experiment.data)
    probabilities = _network(lab).predict(split.x_val)
    of_the_true = probabilities[np.arange(len(split.y_val)), split.y_val]
    assert _table(lab)["row"].tolist() == np.argsort(of_the_true, kind="stable").tolist()
    assert _table(lab)["loss"].is_monotonic_decreasing
    lab = _look(open_results(_ONE_FEATURE), "Worst predictions")
    assert _table(lab)["residual"].abs().is_monotonic_decreasing


def test_rows_of_another_part_can_be_looked_at(open_results: OpenLab) -> None:
    lab = _look(open_results(f"{PARTS}&epochs=3"), "Per class")
    split = prepare(lab.experiment.data)
    assert _group(lab, "results-rows").value == "validation"
    for part, labels in (("training", split.y_train), ("validation", split.y_val), ("test", split.y_test)):
        table = _table(_rows(lab, part))
        assert table["rows"].tolist() == [*np.bincount(labels), len(labels), len(labels)]
        assert table["class"].tolist()[:3] == list(split.class_names)
    assert any("none left for a fair test" in text for text in lab.texts)


def test_a_view_and_rows_are_still_chosen_after_a_visit_to_the_lab(open_results: OpenLab) -> None:
    lab = _rows(_look(open_results(f"{PARTS}&epochs=3"), "Calibration"), "training")
    lab.turn_to("lab").turn_to("results")
    assert (_group(lab, "results-view").value, _group(lab, "results-rows").value) == ("Calibration", "training")


def test_without_a_run_the_page_leads_to_the_lab(lab: LabPage) -> None:
    lab.turn_to("results")
    (info,) = lab.at.main.info
    assert "Train" in info.value
    assert [link.proto.label for link in lab.at.main.get("page_link")] == ["Go to the lab"]


def test_another_experiment_has_other_results(open_results: OpenLab) -> None:
    lab = open_results(f"{PARTS}&epochs=3").turn_to("lab").choose("Data set", "wine").turn_to("results")
    assert len(lab.at.main.info) == 1


def test_a_run_is_found_at_its_address(open_lab: OpenLab) -> None:
    query = f"{SMALL}&epochs=5"
    trained = open_lab(query).press("train").wait_for_status(FINISHED).turn_to("results")
    lab = open_lab("", trained.browser)
    lab.at.switch_page("../pages/results.py")
    lab.open(query)
    assert _table(lab).equals(_table(trained))


def test_a_run_that_trains_is_looked_at_as_it_is_and_again(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=100")
    job = lab.train_slowly()
    lab.turn_to("results")
    assert any("weights from about epoch" in text for text in lab.texts)
    lab.press("refresh")
    server.jobs().pause(job)
    lab.wait_for_status(PAUSED)
    assert any(f"after epoch {job.epoch}" in text for text in lab.texts)
    assert "Latest weights" not in lab.buttons


def test_weights_that_are_late_are_waited_for(open_results: OpenLab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = open_results(f"{PARTS}&epochs=3")
    ask = Jobs.trained
    answers = iter([WorkersError("The worker is *busy*."), WorkersError("Still busy.")])

    def late(jobs: Jobs, job: Job, seconds: float = 5.0) -> TrainedNetwork:
        if error := next(answers, None):
            raise error
        return ask(jobs, job, seconds)

    monkeypatch.setattr(Jobs, "trained", late)
    lab.run()
    assert [warning.value for warning in lab.at.main.warning] == [r"The worker is \*busy\*."]
    assert not lab.at.main.dataframe
    lab.run()
    assert lab.at.main.warning == []
    assert not _table(lab).empty


def test_names_of_a_file_are_shown_letter_for_letter(open_results: OpenLab) -> None:
    classes = ["<b>bold</b>, yes", ":smile: **x**", '$a$ 🌲 "quoted"']
    feature = "size, [in](http://x) <i>cm</i> %{x}"
    numbers = np.random.default_rng(0).normal(size=90)
    frame = pd.DataFrame({feature: numbers, "other": numbers[::-1], "kind": classes * 30})
    content = frame.to_csv(index=False).encode()
    keep_upload(content)
    lab = open_results(urlencode({"data": "file", "file": fingerprint(content), "epochs": 3}))
    names = prepare(lab.experiment.data).class_names
    assert sorted(names) == sorted(classes)
    assert list(_table(_look(lab, "Per class"))["class"][:3]) == list(names)
    table = _table(_look(lab, "Worst predictions"))
    assert feature in table
    assert set(table["true"]) <= set(classes)
    for view in ("Confusion matrix", "ROC and PR", "Importance"):
        written = json.dumps([figure["data"] for figure in _figures(_look(lab, view))])
        assert "<b>bold" not in written
        assert "<i>cm" not in written
