"""The draw page: what it takes from the canvas and from a link, and what it makes of the points."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import streamlit as st

from core.datasets.drawn_points import STARTERS, DrawnPoints, encode, ring, to_csv, two_blobs
from core.datasets.upload_store import fingerprint, read_upload
from core.experiment import DataSpec, TableSpec
from core.messages.updates import FINISHED
from tests.pages.lab_page import LabPage
from ui.draw import page as draw
from ui.session import drawing

OpenLab = Callable[..., LabPage]
SMALL = DrawnPoints(tuple((100 * row, 50 * label, label) for label in range(2) for row in range(5)))


@pytest.fixture
def page(lab: LabPage) -> LabPage:
    """The draw page, still empty."""
    return lab.turn_to("draw")


def canvas(page: LabPage) -> dict[str, Any]:
    """Return what the canvas was given."""
    data = page.panel("draw")
    return data | {"points": [tuple(point) for point in data["points"]]}


def _moves(before: list[Any], after: list[Any]) -> list[int]:
    return [now[0] - then[0] for then, now in zip(before, after, strict=True)]


def put(page: LabPage, drawing: DrawnPoints) -> LabPage:
    """Have these points drawn, as if the canvas had sent them."""
    page.at.session_state["drawing"] = drawing
    return page.run()


def test_an_empty_plane_can_be_drawn_on_and_nothing_else(page: LabPage) -> None:
    assert page.at.title[0].value == "Draw"
    assert (canvas(page)["points"], canvas(page)["revision"]) == ([], 0)
    assert len(set(canvas(page)["colours"])) == 8
    assert page.at.button(key="train-drawing").disabled
    assert page.at.button(key="add-noise").disabled
    assert any("two classes" in text for text in page.texts)


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_fills_the_plane_and_trains(page: LabPage, name: str) -> None:
    page.press(f"start-{name.replace(' ', '-')}")
    assert canvas(page)["points"] == list(STARTERS[name]().points)
    assert canvas(page)["revision"] == 1
    assert not page.at.button(key="train-drawing").disabled


def test_noise_moves_every_point_otherwise_at_every_press(page: LabPage) -> None:
    page.press("start-ring").choose("Noise", 0.1)
    seen = [canvas(page)["points"]]
    for revision in (2, 3):
        page.press("add-noise")
        assert canvas(page)["revision"] == revision
        seen.append(canvas(page)["points"])
    steps = [_moves(before, after) for before, after in pairwise(seen)]
    assert steps[0] != steps[1]
    assert [label for *_, label in seen[2]] == [label for *_, label in seen[0]]


def test_too_few_points_of_a_class_are_said(page: LabPage) -> None:
    put(page, DrawnPoints(SMALL.points[:-1]))
    assert page.at.button(key="train-drawing").disabled
    assert any("class 2 has 4" in text for text in page.texts)
    assert not put(page, SMALL).at.button(key="train-drawing").disabled


def test_the_points_train_in_the_lab(page: LabPage) -> None:
    page.press("start-two-blobs").press("train-drawing")
    content = to_csv(two_blobs()).encode()
    file = fingerprint(content)
    assert read_upload(file) == content
    assert page.experiment.data == DataSpec("file", scaling="none", table=TableSpec(file, target_column="class"))
    assert "drawn" not in page.address
    assert any("drawn points" in text.value for text in page.at.caption)
    assert page.turn_to("lab").running.experiment == page.experiment
    assert page.wait_for_status(FINISHED).running.epoch == page.experiment.training.epochs


def test_the_inputs_that_are_chosen_in_the_lab_stay_and_can_be_chosen_again(open_lab: OpenLab) -> None:
    page = open_lab("data=circles&inputs=x1x1,x2x2&epochs=3&layers=none").turn_to("draw")
    page.press("start-ring").press("train-drawing")
    assert page.experiment.data.inputs == ("x1x1", "x2x2")
    lab = page.turn_to("lab")
    assert lab.control("Inputs").value == ["x1x1", "x2x2"]
    assert any("gets x₁², x₂², where x₁ is 'x1'" in caption.value for caption in lab.at.caption)
    assert lab.wait_for_status(FINISHED).running.experiment.data.inputs == ("x1x1", "x2x2")
    for name in ("data", "inside", "results", "take_home", "predict"):
        assert not lab.turn_to(name).at.main.error, name
    assert [slider.label for slider in lab.at.main.slider] == ["x1", "x2"]
    assert lab.turn_to("lab").choose("Inputs", ["x1", "x2x2"]).address["inputs"] == "x1,x2x2"
    assert any("gets x₁, x₂², where" in caption.value for caption in lab.at.caption)
    lab.turn_to("draw").press("start-two-blobs").press("train-drawing")
    assert lab.experiment.data.inputs == ("x1", "x2x2")


def test_classes_have_the_same_colour_on_the_canvas_and_in_the_lab(page: LabPage) -> None:
    gap = DrawnPoints(tuple((x1, x2, 3 * label + 1) for x1, x2, label in SMALL.points))
    put(page, gap).press("train-drawing")
    assert page.experiment.data.table == TableSpec(fingerprint(to_csv(SMALL).encode()), target_column="class")
    assert canvas(page.turn_to("draw"))["points"] == list(SMALL.points)


def test_points_are_still_there_after_a_visit_to_another_page(page: LabPage) -> None:
    put(page, SMALL).choose("Noise", 0.2)
    page.turn_to("learn").turn_to("draw")
    assert canvas(page)["points"] == list(SMALL.points)
    assert page.control("Noise").value == 0.2


def test_a_link_brings_the_points_back_once(page: LabPage, open_lab: OpenLab) -> None:
    put(page, ring())
    (link,) = [code.value for code in page.at.main.code]
    assert link.endswith(f"/draw?drawn={encode(ring())}")
    other = open_lab().turn_to("draw").open(link.partition("?")[2])
    assert canvas(other)["points"] == list(ring().points)
    # The address stays, and what is drawn afterwards too.
    assert canvas(put(other, SMALL))["points"] == list(SMALL.points)


@pytest.mark.parametrize("text", ["nonsense!", "AAA", "A" * 10_000, "%00", "_____w", "[x](y)"])
def test_a_damaged_link_is_a_message_and_an_empty_plane(page: LabPage, text: str) -> None:
    put(page, SMALL).open(f"drawn={text}")
    assert canvas(page)["points"] == []
    assert "could not be read" in page.at.main.warning[0].value
    assert not page.press("start-ring").at.main.warning


def test_many_points_are_no_link(page: LabPage) -> None:
    put(page, DrawnPoints(SMALL.points * 41))
    assert not page.at.main.code
    assert any("at most 400 points, and you have 410" in text for text in page.texts)


@pytest.fixture
def _kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, as outside a server."""
    monkeypatch.setattr(st, "session_state", {})


@pytest.mark.usefixtures("_kept")
def test_points_from_the_canvas_are_kept() -> None:
    draw.receive_message({"points": json.loads(json.dumps(SMALL.points)), "revision": 0})
    assert (drawing.points(), drawing.revision(), drawing.problem()) == (SMALL, 0, "")


@pytest.mark.usefixtures("_kept")
def test_points_that_a_press_of_a_button_has_overtaken_are_left_to_the_canvas() -> None:
    drawing.replace(SMALL)
    for revision in (0, 2, None, "1", [1]):
        draw.receive_message({"points": [], "revision": revision})
    assert drawing.points() == SMALL


@pytest.mark.usefixtures("_kept")
@pytest.mark.parametrize("points", [None, "x", [[0, 0]], [[0, 0, 8]], [[0.5, 0, 0]], [[0, 0, 0]] * 2001, [[None] * 3]])
def test_what_no_canvas_sends_changes_nothing_and_is_said(points: Any) -> None:
    drawing.replace(SMALL)
    draw.receive_message({"points": points, "revision": 1})
    assert drawing.points() == SMALL
    assert drawing.problem()


@pytest.mark.usefixtures("_kept")
@pytest.mark.parametrize("message", [None, 7, "drawn", [], {}])
def test_what_is_no_message_changes_nothing(message: Any) -> None:
    drawing.replace(SMALL)
    draw.receive_message(message)
    assert drawing.points() == SMALL
