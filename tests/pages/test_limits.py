"""A teacher's link hides and locks controls; the experiment and its run stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.experiment import read_query
from core.experiment.control_limits import NAMES
from core.messages.updates import FINISHED
from tests.pages.lab_page import SMALL, LabPage

OpenLab = Callable[..., LabPage]

_KINDS = ("selectbox", "select_slider", "slider", "number_input", "multiselect", "toggle", "pills", "button")
_LOCKED = ",".join(name for name in NAMES if name not in ("pages", "share"))
# Experiments that together show nearly every control.
_SHOWN = (
    "data=moons&optimizer=adamw&schedule=warm_up&clip=norm&l1=0.01&patience=5",
    "data=blobs&split=ordered&optimizer=rmsprop&loss=focal&validation=0.2",
    "data=diabetes&loss=huber&layers=relu-8-batch-noise0.1-drop0.2",
)


def _widgets(lab: LabPage) -> list[Any]:
    lab.unfold()
    return [widget for kind in _KINDS for widget in getattr(lab.at, kind)]


@pytest.mark.parametrize("query", _SHOWN)
def test_everything_can_be_hidden_and_everything_locked(open_lab: OpenLab, query: str) -> None:
    plain = {widget.label for widget in _widgets(open_lab(query))}
    assert {"Learning rate", "Layer 1: units", "Train", "Weight seed"} <= plain
    hiding = open_lab(f"{query}&hide={','.join(NAMES)}")
    assert _widgets(hiding) == []
    assert hiding.experiment == read_query(query)
    locking = open_lab(f"{query}&lock={_LOCKED}")
    found = _widgets(locking)
    assert {widget.label for widget in found if not widget.disabled} <= {"Learn in five minutes"}
    assert plain - {widget.label for widget in found} == {"Find a learning rate"}  # it would change a locked rate
    assert locking.experiment == read_query(query)
    assert locking.panel("speed")["fixed"]


def test_what_is_not_named_works_and_the_address_keeps_the_limits(open_lab: OpenLab) -> None:
    lab = open_lab("lr=0.3&epochs=20&hide=lr&lock=layers,batch")
    assert not lab.has_control("Learning rate")
    assert lab.control("Hidden layers").disabled
    assert lab.control("Batch size").disabled
    assert not lab.control("Epochs").disabled
    lab.choose("Epochs", 30)
    assert lab.experiment == read_query("lr=0.3&epochs=30")
    assert (lab.address["hide"], lab.address["lock"]) == ("lr", "layers,batch")
    lab.turn_to("data").turn_to("lab")
    assert (lab.address["hide"], lab.address["lock"]) == ("lr", "layers,batch")
    assert not lab.has_control("Learning rate")


def test_a_run_is_found_whatever_the_link_hides(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=3", "one").press("train").wait_for_status(FINISHED)
    limited = open_lab(f"{SMALL}&epochs=3&hide=train,data&lock=epochs", "one")
    assert limited.job is lab.job
    assert "Train" not in limited.buttons


def test_an_address_that_comes_late_changes_nothing(open_lab: OpenLab) -> None:
    lab = open_lab("hide=lr")
    first = lab.address
    second = lab.choose("Epochs", 30).address
    assert lab.run_late(first).address == second
    assert not lab.has_control("Learning rate")


def test_a_wrong_name_is_told_until_it_is_dismissed(open_lab: OpenLab) -> None:
    lab = open_lab("hide=lr,everything&epochs=20")
    (warning,) = lab.at.main.warning
    assert "must be one or more of recipe, data," in warning.value
    assert "everything" in warning.value
    assert lab.address["hide"] == "lr"
    assert len(lab.run().at.main.warning) == 1
    lab.press("dismiss-address-problems")
    assert not lab.at.main.warning
    assert not lab.run_late({**lab.address, "hide": "lr,everything"}).at.main.warning
