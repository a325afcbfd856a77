"""The view "One step" on the page "Inside": all four stages, the check, Apply and Discard."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from core.analysis.one_step import LossLine
from core.datasets.upload_store import keep_upload
from core.errors import ExperimentError
from core.messages.edits import TakeStep
from core.messages.updates import FAILED, FINISHED
from tests.pages.lab_page import PICTURES, SMALL, LabPage
from tests.waiting import wait_until
from ui.inside.views.explained import explained_step
from ui.inside.views.one_step import read_rows
from ui.inside.views.step_stages import number, rate_in_words
from ui.session.one_step import STAGES

OpenLab = Callable[..., LabPage]
DEEP = "data=moons&points=60&layers=relu-4-batch,tanh-3&dropout=0.2&l2=0.01&batch=16&epochs=3"


@pytest.fixture
def open_inside(open_finished: Callable[[str, str], LabPage]) -> OpenLab:
    """Look inside a finished run, which all tests share: `open_inside(query)`."""
    return partial(open_finished, "inside")


def _look(lab: LabPage, rows: str = "Next batch") -> LabPage:
    _group(lab, "inside-view").set_value("One step")
    lab.run()
    _group(lab, "step-choice").set_value(rows)
    return lab.run().press("step-explain")


def _group(lab: LabPage, key: str) -> Any:
    return next(group for group in lab.at.get("button_group") if group.key == key)


def _tables(lab: LabPage) -> list[list[list[str]]]:
    return [table.value.to_numpy().tolist() for table in lab.at.main.table]


def _figures(lab: LabPage) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in lab.at.main.get("plotly_chart")]


def _step(lab: LabPage) -> Any:
    look = lab.at.session_state["explained step"]
    return explained_step(lab.running, look.number, look.rows)


@pytest.mark.parametrize(
    "query", [DEEP, f"{PICTURES}&epochs=3", "data=curve&epochs=3", f"{SMALL}&layers=none&epochs=3"]
)
def test_every_stage_of_a_step_is_shown(query, open_inside):
    query = query.replace("layers=tanh-3&batch=16&layers=none", "layers=none&batch=16")
    lab = _look(open_inside(query))
    step = _step(lab)
    assert lab.control("Unit").value == np.abs(step.layers[0].deltas[0]).argmax()
    lab.choose("Unit", 0)
    assert any(text.startswith(f"**After epoch {step.epoch}**, on the next batch") for text in lab.texts)
    (forward,) = _tables(lab)
    layer = step.layers[0]
    assert ["**z**", "sum", f"**{number(float(layer.sums[0, 0]))}**"] in forward
    assert [line[0] for line in forward if line[2] == f"**{number(float(layer.activated[0, 0]))}**"][-1:] == ["**a**"]

    lab.press("step-next")
    (loss,) = _tables(lab)
    assert ["**loss**", f"**{number(step.loss.total)}**"] in loss
    lab.press("step-next")
    lab.choose("Weight from", 0)
    delta, gradient = _tables(lab)
    assert delta[-1][2] == number(float(layer.deltas[0, 0]))
    kernel = step.tensors[f"{layer.name}/kernel"]
    assert gradient[-1] == ["**gradient**", "", f"**{number(float(kernel.gradient[0, 0]))}**"]
    lab.press("step-check")
    assert any("Finite difference" in text for text in lab.texts)

    lab.press("step-stage-3")
    (update,) = _tables(lab)
    assert f"**{number(float(kernel.after[0, 0]))}**" in update[-1][2]
    assert len(_figures(lab)) == 2
    assert lab.at.button(key="step-next").disabled
    lab.press("step-discard")
    assert not lab.at.main.table
    assert lab.running.status == FINISHED
    assert lab.running.edits == ()


def test_the_inputs_of_a_file_have_the_names_of_its_columns(open_inside):
    file = keep_upload(
        b"age,size,dose,kind\n"
        + b"".join(b"%d,%d,%d,%s\n" % (n, n * n % 7, n % 5, b"ab"[n % 2 :][:1]) for n in range(40))
    )
    lab = _look(open_inside(f"data=file&file={file}&columns=age,size,dose&target=kind&layers=tanh-3&batch=16&epochs=2"))
    lab.choose("Unit", 0)
    (forward,) = _tables(lab)
    assert {line[0] for line in forward} >= {"age", "size", "dose", "bias"}


def test_a_unit_a_weight_and_a_row_are_chosen(open_inside):
    lab = _look(open_inside(DEEP), "A few rows")
    step = _step(lab)
    assert step.rows.tolist() == [0, 1, 2]
    lab.choose("Layer", 1).choose("Unit", 2).choose("Row", 1)
    lab.press("step-stage-2").choose("Weight from", 3)
    delta, gradient = _tables(lab)
    assert delta[-1][2] == number(float(step.layers[1].deltas[1, 2]))
    assert gradient[-1][2] == f"**{number(float(step.tensors['hidden_2/kernel'].gradient[3, 2]))}**"
    (network,) = _figures(lab)
    points = {trace.get("name"): trace for trace in network["data"]}
    assert [2, 2, 3] in points["edges"]["customdata"]
    assert [2, 2] in points["units"]["customdata"]
    lab.choose("Weight from", -1)
    assert _tables(lab)[1][-1][2] == f"**{number(float(step.tensors['hidden_2/bias'].gradient[2]))}**"


def test_a_step_is_applied_once_and_listed_with_the_changes_by_hand(open_lab):
    lab = open_lab(f"{SMALL}&epochs=4").press("train").wait_for_status(FINISHED).turn_to("inside")
    job = lab.running
    _look(lab, "One row").press("step-stage-3")
    step = _step(lab)
    lab.press("step-apply")
    assert job.edits == ((4, TakeStep(job.experiment, 4, (0,))),)
    assert any("1 step of training by hand (epoch 4)" in info.value for info in lab.at.info)
    _look(lab)
    after = _step(lab)
    assert (after.count, after.edits) == (step.count + 1, 1)
    for name, tensor in step.tensors.items():
        np.testing.assert_array_equal(after.tensors[name].before, tensor.after)

    lab.press("step-undo")
    assert job.edits == ()
    assert all("by hand" not in info.value for info in lab.at.info)
    with pytest.raises(KeyError):
        lab.at.button(key="step-undo")
    _look(lab)
    for name, tensor in _step(lab).tensors.items():
        np.testing.assert_array_equal(tensor.before, step.tensors[name].before)


def test_a_run_goes_on_while_a_step_is_explained(open_lab):
    lab = open_lab(f"{SMALL}&epochs=2000")
    lab.train_slowly()
    lab.turn_to("inside")
    _look(lab).press("step-stage-3")
    epoch = _step(lab).epoch
    wait_until(lambda: lab.running.epoch > epoch)
    lab.run()
    assert any(f"These numbers still belong to epoch {epoch}." in info.value for info in lab.at.info)
    assert lab.at.button(key="step-apply").disabled


def test_where_a_run_diverged_is_said(open_lab):
    query = "data=moons&points=70&noise=0.3&batch=14&layers=linear-4,relu-3&optimizer=sgd&lr=10&l2=0.01&epochs=12"
    lab = open_lab(query).press("train")
    lab.wait_for_status(FAILED).turn_to("inside")
    _look(lab)
    assert any("NaN or infinity appears first in the weights, in hidden layer 1" in one.value for one in lab.at.error)
    assert any("NaN" in cell for table in _tables(lab) for line in table for cell in line)
    for place in range(1, len(STAGES)):
        lab.press(f"step-stage-{place}")
    assert lab.at.button(key="step-apply").disabled


def test_rows_are_read_as_people_write_them(open_inside):
    assert read_rows("3, 17;4-6  9–10") == (3, 17, 4, 5, 6, 9, 10)
    for wrong in ("", "x", "3.5", "-1", "0-64", "9999999999"):
        with pytest.raises(ExperimentError, match="`rows` must be up to 64 row numbers"):
            read_rows(wrong)
    lab = open_inside(DEEP)
    _look(lab, "A few rows")
    lab.at.text_input(key="step-rows").set_value("1, 99999")
    lab.run().press("step-explain")
    assert any("different whole numbers from 0 to" in warning.value for warning in lab.at.warning)


@pytest.mark.parametrize(
    ("lowest", "words"),
    [
        (4.0, "still falls"),
        (2.0, "on the small side"),
        (1.0, "about right"),
        (0.6, "past the lowest"),
        (0.2, "too large"),
    ],
)
def test_the_rate_is_said_to_be_too_small_right_or_too_large(lowest, words):
    times = np.linspace(0, 4, 33)
    assert words in rate_in_words(LossLine(times, (times - lowest) ** 2))
