"""The page "Inside": what the panel is given, what it says of changes by hand, and what it takes from the panel."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pandas as pd
import pytest
import streamlit as st

from core.analysis.packed_weights import ARRAYS
from core.datasets.upload_store import keep_upload
from core.errors import HiddenLayersError
from core.experiment import Experiment, LayerSpec, NetworkSpec
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages import edits
from core.messages.edits import Edit, Freeze, SetWeight, Silence, Undo, check_edit
from tests.pages.lab_page import SMALL, LabPage
from ui.inside import hand_edits
from ui.session import edits as received

OpenLab = Callable[..., LabPage]
QUICK = f"{SMALL}&epochs=5"
NETWORK = NetworkSpec((LayerSpec(4, "tanh", "batch"), LayerSpec(2, "relu")))


def _read(message: Any) -> Edit:
    """Return the change that a message describes, once `Jobs.edit` would have looked at it."""
    edit = hand_edits.read_edit(message)
    check_edit(edit, replace(Experiment(), network=NETWORK), inputs=4, classes=3, rows=50)
    return edit


_numbers = count(1)


def _send(job: Job, change: Any) -> None:
    """Have one change told by the panel, as its next."""
    numbered = {**change, "number": next(_numbers)} if isinstance(change, dict) else change
    hand_edits.receive_message({"panel": "test", "changes": [numbered]}, job)


def test_before_a_run_there_is_a_message_and_a_way_to_the_lab(lab: LabPage) -> None:
    lab.turn_to("inside")
    assert "no run to inspect" in lab.at.main.info[0].value
    (link,) = lab.at.main.get("page_link")
    assert (link.proto.label, link.proto.page) == ("Go to the lab", "")
    assert not any(data["part"] == "inside" for data in lab._panels())


def test_a_run_of_the_lab_is_shown_with_its_network_and_its_figures(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK).press("train").wait_for_status("finished")
    token = lab.running.token
    lab.turn_to("inside")
    panel = lab.panel("inside")
    assert panel["token"] == token
    assert panel["stream"] == lab.panel("strip")["stream"] == lab.panel("figures")["stream"]
    assert panel["network"]["sizes"] == [2, 3, 1]
    assert panel["network"]["edits"] == []
    assert list(lab.cards) == ["boundary", "curves", "confusion"]
    assert not lab.at.main.info


def test_a_run_can_be_started_here(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK).turn_to("inside").press("train").wait_for_status("finished")
    assert lab.panel("inside")["token"] == lab.running.token


def test_changes_by_hand_are_marked_and_said_until_they_are_undone(open_lab: OpenLab, jobs: Jobs) -> None:
    lab = open_lab(f"{SMALL}&epochs=100")
    job = lab.train_slowly()
    lab.turn_to("inside").press("pause").wait_for_status("paused")
    jobs.edit(job, SetWeight("hidden_1/kernel", (1, 2), 0.75))
    jobs.edit(job, Silence(0, 1, True))
    lab.wait_for(lambda: len(job.edits) == 2)
    (told,) = [info.value for info in lab.at.main.info]
    assert "weight from x₂ to layer 1, unit 3 set to 0.75" in told
    assert "layer 1, unit 2 silenced" in told
    assert "no longer reproduces this run" in told
    assert lab.panel("inside")["network"]["edits"] == [
        {"epoch": job.epoch, "kind": "set", "name": "hidden_1/kernel", "index": [1, 2]},
        {"epoch": job.epoch, "kind": "silence", "layer": 0, "unit": 1},
    ]
    jobs.edit(job, Silence(0, 1, False))
    lab.wait_for_page(lambda: len(lab.panel("inside")["network"]["edits"]) == 1)
    for _ in range(3):
        jobs.edit(job, Undo())
    lab.wait_for(lambda: not job.edits)
    assert not lab.at.main.info


@pytest.mark.parametrize(
    ("message", "edit"),
    [
        (
            {"kind": "set", "name": "hidden_1/kernel", "index": [3, 0], "value": -1.5},
            SetWeight("hidden_1/kernel", (3, 0), -1.5),
        ),
        ({"kind": "set", "name": "output/bias", "index": [2], "value": 1}, SetWeight("output/bias", (2,), 1)),
        ({"kind": "silence", "layer": 1, "unit": 1, "on": True}, Silence(1, 1, True)),
        ({"kind": "freeze", "layer": 0, "unit": 3, "on": False}, Freeze(0, 3, False)),
        ({"kind": "undo"}, Undo()),
    ],
)
def test_what_the_panel_sends_is_a_change(message: dict[str, Any], edit: Edit) -> None:
    assert _read(message) == edit


@pytest.mark.parametrize(
    "message",
    [
        *({}, {"kind": None}, {"kind": ["set"]}, {"kind": "drop"}, {"kind": "set"}),
        {"kind": "set", "name": "hidden_3/kernel", "index": [0, 0], "value": 1},
        {"kind": "set", "name": ["output/bias"], "index": [0], "value": 1},
        {"kind": "set", "name": "output/bias", "index": [3], "value": 1},
        {"kind": "set", "name": "output/bias", "index": [-1], "value": 1},
        {"kind": "set", "name": "output/bias", "index": [True], "value": 1},
        {"kind": "set", "name": "output/bias", "index": [0.0], "value": 1},
        {"kind": "set", "name": "output/bias", "index": [], "value": 1},
        {"kind": "set", "name": "output/bias", "index": "0", "value": 1},
        {"kind": "set", "name": "output/bias", "index": {"0": 0}, "value": 1},
        *(
            {"kind": "set", "name": "output/bias", "index": [0], "value": value}
            for value in (None, "1", True, math.nan, math.inf, 1e300, 10**400, [1])
        ),
        *({"kind": "silence", "layer": layer, "unit": 0, "on": True} for layer in (-1, 2, "0", None, 0.0, True, [0])),
        *({"kind": "freeze", "layer": 1, "unit": unit, "on": True} for unit in (-1, 2, "0", None, 0.0, [0])),
        *({"kind": "freeze", "layer": 1, "unit": 0, "on": on} for on in (None, 1, "true")),
    ],
    ids=str,
)
def test_what_no_panel_sends_is_refused(message: Any) -> None:
    with pytest.raises(HiddenLayersError):
        _read(message)


@pytest.fixture
def _kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of its own, as outside a server."""
    monkeypatch.setattr(st, "session_state", {})


def _twenty_kinds() -> str:
    """Keep a table of twenty classes, told apart by two numbers, and return the query that learns it."""
    kinds = [(f"kind {kind}" if kind else '<b>none</b>, "none"', divmod(kind, 5)) for kind in range(20)]
    table = pd.DataFrame(
        [(across + shift / 10, up - shift / 10, name) for name, (across, up) in kinds for shift in range(10)],
        columns=["across", "up", "kind"],
    )
    return f"data=file&file={keep_upload(table.to_csv(index=False).encode())}&target_column=kind"


@pytest.mark.parametrize(
    ("data", "layers", "classes", "mode"),
    [("data=moons&points=60", "tanh-3", 2, "half"), (None, ",".join(["relu-512"] * 6), 20, "summary")],
    ids=["a small network of two classes", "the largest network of twenty"],
)
def test_the_page_is_whole_for_any_network(
    open_lab: OpenLab, jobs: Jobs, data: str | None, layers: str, classes: int, mode: str
) -> None:
    lab = open_lab(f"{data or _twenty_kinds()}&layers={layers}&epochs=1&batch=16").turn_to("inside")
    lab.press("train").wait_for_status("finished")
    network = lab.panel("inside")["network"]
    levels = 2 + layers.count(",") + 1
    assert network["sizes"][0] == 2
    assert network["sizes"][-1] == (1 if classes == 2 else 20)
    assert len(network["sizes"]) == len(network["titles"]) == levels
    assert network["mode"] == mode
    assert len(network["classNames"]) == len(network["classColours"]) == classes
    assert len(set(network["samples"]["labels"])) == classes
    assert list(lab.cards) == ["boundary", "curves", "confusion"]
    assert not lab.at.main.error
    assert not lab.at.main.warning
    job = lab.running
    jobs.look_inside(job)
    lab.wait_for(lambda: job.array("separable") is not None)
    arrays = job.frame(0, 0, 0, inside=True).arrays
    assert arrays["separable"].shape == (1, levels)
    assert arrays["spaces"].shape[0] == levels
    assert sum(arrays[name].nbytes for name in ARRAYS if name in arrays) <= 30_000


@pytest.mark.usefixtures("_kept")
def test_a_message_reaches_the_run_and_a_bad_one_is_said(open_lab: OpenLab) -> None:
    job = open_lab(QUICK).press("train").wait_for_status("finished").running
    freeze = {"token": job.token, "kind": "freeze", "layer": 0, "unit": 1, "on": True}
    _send(job, freeze | {"unit": 9})
    assert "`unit` must be" in received.pop_problem()
    _send(job, {"token": job.token, "kind": "drop"})
    assert "A change must" in received.pop_problem()
    assert received.pop_problem() == ""
    # Of another run, or none: it was overtaken.
    for change in ({"token": "other", "kind": "undo"}, {"kind": "undo"}, None, 7, "undo", []):
        _send(job, change)
    for message in (
        None,
        7,
        "undo",
        [],
        {},
        {"panel": "a"},
        {"panel": 1, "changes": [freeze]},
        {"panel": "a", "changes": 1},
    ):
        hand_edits.receive_message(message, job)
    assert received.pop_problem() == ""
    assert job.edits == ()
    _send(job, freeze)
    assert [edit for _, edit in job.edits] == [Freeze(0, 1, True)]


@pytest.mark.usefixtures("_kept")
def test_a_change_that_is_sent_again_is_made_once(open_lab: OpenLab) -> None:
    job = open_lab(QUICK).press("train").wait_for_status("finished").running
    silence = {"token": job.token, "kind": "silence", "layer": 0, "on": True}
    changes = [silence | {"number": number, "unit": number} for number in (1, 2)]
    changes += [{"token": job.token, "kind": "undo", "number": 3}]
    for told in (1, 2, 2, 3, 3):
        hand_edits.receive_message({"panel": "a", "changes": changes[:told]}, job)
    assert [edit for _, edit in job.edits] == [Silence(0, 1, True)]
    assert received.last_received() == {"panel": "a", "number": 3}
    # The panel of the page when it is opened again counts for itself.
    hand_edits.receive_message({"panel": "b", "changes": [silence | {"number": 1, "unit": 0}]}, job)
    assert [edit for _, edit in job.edits] == [Silence(0, 1, True), Silence(0, 0, True)]


@pytest.mark.usefixtures("_kept")
def test_a_change_more_than_a_run_keeps_is_refused_with_what_to_do(
    open_lab: OpenLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "MAX_EDITS", 2)
    job = open_lab(QUICK).press("train").wait_for_status("finished").running
    message = {"token": job.token, "kind": "silence", "layer": 0, "on": True}
    for unit in range(3):
        _send(job, message | {"unit": unit})
    assert "press Reset to start again" in received.pop_problem()
    assert [edit for _, edit in job.edits] == [Silence(0, 0, True), Silence(0, 1, True)]
    _send(job, {"token": job.token, "kind": "undo"})
    _send(job, message | {"unit": 2})
    assert received.pop_problem() == ""
    assert [edit for _, edit in job.edits] == [Silence(0, 0, True), Silence(0, 2, True)]
