"""What the page "Inside" shows of a run: the network as a picture, what was changed in it by hand, and the figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.datasets import Split
from core.errors import DataError, HiddenLayersError
from core.jobs.job import Job
from core.messages.edits import Edit, Freeze, SetWeight, Silence, Undo
from ui import session
from ui.components.live_panel import live_figures
from ui.components.markdown import literal
from ui.inside import views
from ui.inside.network_json import network_json
from ui.inside.panel import inside_panel
from ui.lab.panel_figures import panel_json
from ui.server import jobs

NetworkJson = Mapping[str, Any]  # what `network_json` returns

_TOLD_MOST = 6  # changes that are told one by one


def show(job: Job | None, split: Split) -> None:
    """Draw the page below its bar."""
    if job is None:
        st.info("There is no run to look into yet. Press **Train** here, or shape a network in the lab first.")
        st.page_link("../pages/lab.py", label="Go to the lab", icon=":material/science:")
        return
    experiment = job.experiment
    network = network_json(experiment.data, experiment.network, str(experiment.training.loss))
    in_force = _in_force(job.edits)
    with st.container():  # always there, so that what comes below stays where it is
        if problem := session.take_edit_problem():
            st.warning(literal(problem))
        if in_force:
            st.info(_told(in_force, network), icon=":material/touch_app:")
    marked = [_as_json(epoch, edit) for epoch, edit in in_force]
    inside_panel(session.INSIDE_PANEL, job, network, marked, session.taken_change(), _take_edits)
    live_figures(job, panel_json(experiment.data, session.axes(split), experiment.training.epochs))
    views.show(job, split)


def read_edit(change: Mapping[str, Any]) -> Edit:
    """Return the change that the panel describes, with whatever it says of it: `Jobs.edit` checks that.

    Args:
        change: {"kind": "set", "name": …, "index": […], "value": …}, {"kind": "silence" or "freeze", "layer": …,
            "unit": …, "on": …} or {"kind": "undo"}; a browser sent it, so it may be anything.

    Raises:
        DataError: where it is none of these.
    """
    get = change.get
    match get("kind"):
        case "set":
            index = get("index")
            return SetWeight(get("name", ""), tuple(index) if isinstance(index, list) else (), get("value", math.nan))
        case "silence":
            return Silence(get("layer", -1), get("unit", -1), get("on", True))
        case "freeze":
            return Freeze(get("layer", -1), get("unit", -1), get("on", True))
        case "undo":
            return Undo()
    raise DataError("A change must set a weight, silence or freeze a unit, or undo the last one.")


def take_message(message: Any, job: Job) -> None:
    """Have the job change what a message of the panel asks for, or say what is wrong with it.

    Args:
        message: {"panel": name, "changes": [{"token": …, "number": …, "kind": …, …}]}; a browser sent it, so it may be
            anything. What it says a second time was taken, and what is meant for another run than the one that is shown
            was overtaken: both are left alone.
    """
    panel, changes = (message.get("panel"), message.get("changes")) if isinstance(message, Mapping) else (None, None)
    if not isinstance(panel, str) or not isinstance(changes, list):
        return
    for change in changes:
        number = change.get("number") if isinstance(change, Mapping) else None
        if isinstance(number, int) and session.is_new_change(panel, number) and change.get("token") == job.token:
            _take(change, job)


def _take(change: Mapping[str, Any], job: Job) -> None:
    try:
        jobs().edit(job, read_edit(change))
    except HiddenLayersError as error:
        session.set_edit_problem(str(error))


def _take_edits() -> None:
    job = session.job()
    if job is not None:
        take_message(session.edit_message(), job)


def _in_force(edits: Sequence[tuple[int, Edit]]) -> list[tuple[int, Edit]]:
    """Return what still holds of what was changed by hand: of every weight and switch the last, and no switch off."""
    last: dict[tuple[object, ...], tuple[int, Edit]] = {}
    for epoch, edit in edits:
        match edit:
            case SetWeight(name, index):
                last[name, index] = epoch, edit
            case Silence(layer, unit) | Freeze(layer, unit):
                last[type(edit), layer, unit] = epoch, edit
    return [(epoch, edit) for epoch, edit in last.values() if getattr(edit, "on", True)]


def _told(in_force: Sequence[tuple[int, Edit]], network: NetworkJson) -> str:
    """Return in words what was changed by hand."""
    told = [f"{_words(edit, network)} (epoch {epoch:,})" for epoch, edit in in_force[-_TOLD_MOST:]]
    if len(in_force) > _TOLD_MOST:
        told.insert(0, f"{len(in_force) - _TOLD_MOST} more")
    return f"**Changed by hand**: {'; '.join(told)}. So this run is no longer what its link trains."


def _words(edit: Edit, network: NetworkJson) -> str:
    match edit:
        case SetWeight(name, (unit,), value):
            return f"bias of {_unit(network, _level(name, network), unit)} set to {value:.4g}"
        case SetWeight(name, (start, unit), value):
            level = _level(name, network)
            return f"weight from {_unit(network, level - 1, start)} to {_unit(network, level, unit)} set to {value:.4g}"
        case Silence(layer, unit):
            return f"{_unit(network, layer + 1, unit)} silenced"
        case Freeze(layer, unit):
            return f"{_unit(network, layer + 1, unit)} frozen"
    raise ValueError(f"An edit in force must set, silence or freeze. Received: {edit!r}.")


def _level(name: str, network: NetworkJson) -> int:
    """Return which level, from 0 for the inputs, a weight leads into."""
    return 1 + [layer["name"] for layer in network["layers"]].index(name.partition("/")[0])


def _unit(network: NetworkJson, level: int, unit: int) -> str:
    """Return what a unit is called, as Markdown."""
    if level == 0:
        return literal(network["inputs"]["names"][unit])
    if level < len(network["sizes"]) - 1:
        return f"layer {level}, unit {unit + 1}"
    return f"output {literal(network['classNames'][unit])}" if network["classes"] > 2 else "the output"


def _as_json(epoch: int, edit: Edit) -> dict[str, Any]:
    """Return an edit in force as the panel marks it."""
    if isinstance(edit, SetWeight):
        return {"epoch": epoch, "kind": "set", "name": edit.name, "index": list(edit.index)}
    assert isinstance(edit, Silence | Freeze)
    return {"epoch": epoch, "kind": type(edit).__name__.lower(), "layer": edit.layer, "unit": edit.unit}
