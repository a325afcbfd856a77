"""Edits by hand: read from the inside panel's messages, passed on to the run, and described in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import DataError, HiddenLayersError
from core.jobs.job import Job
from core.messages.edits import Edit, Freeze, SetWeight, Silence, TakeStep, Undo
from ui.components.markdown import literal
from ui.server import jobs
from ui.session import edits, run, widgets

NetworkJson = Mapping[str, Any]  # what `network_json` returns

PANEL = "inside-panel"  # the key of the component
_LISTED_MOST = 6


def receive() -> None:
    """Pass on to the session's job what the panel has sent."""
    job = run.job()
    if job is not None:
        receive_message(widgets.component_value(PANEL, "edit"), job)


def receive_message(message: Any, job: Job) -> None:
    """Have the job make the edits in a message of the panel, or remember what is wrong with them.

    Args:
        message: {"panel": name, "changes": [{"token": …, "number": …, "kind": …, …}]}; a browser sent it, so it may be
            anything. An edit that was received before, or is meant for another run, is ignored.
        job: the job that the page shows.
    """
    panel, changes = (message.get("panel"), message.get("changes")) if isinstance(message, Mapping) else (None, None)
    if not isinstance(panel, str) or not isinstance(changes, list):
        return
    for change in changes:
        number = change.get("number") if isinstance(change, Mapping) else None
        if isinstance(number, int) and edits.is_new(panel, number) and change.get("token") == job.token:
            _make(change, job)


def read_edit(change: Mapping[str, Any]) -> Edit:
    """Return the edit that the panel describes; `Jobs.edit` checks its values.

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


def in_force(made: Sequence[tuple[int, Edit]]) -> list[tuple[int, Edit]]:
    """Return the edits that still hold: the last of every weight and switch, without switches that are off; all steps.

    Args:
        made: every edit with its epoch, in order.
    """
    last: dict[tuple[object, ...], tuple[int, Edit]] = {}
    for place, (epoch, edit) in enumerate(made):
        match edit:
            case TakeStep():
                last[TakeStep, place] = epoch, edit
            case SetWeight(name, index):
                last[name, index] = epoch, edit
            case Silence(layer, unit) | Freeze(layer, unit):
                last[type(edit), layer, unit] = epoch, edit
    return [(epoch, edit) for epoch, edit in last.values() if getattr(edit, "on", True)]


def in_words(holding: Sequence[tuple[int, Edit]], network: NetworkJson) -> str:
    """Return the last of the edits in force as a sentence in Markdown."""
    steps = Counter(epoch for epoch, edit in holding if isinstance(edit, TakeStep))
    parts: list[str] = []
    for epoch, edit in holding:
        if not isinstance(edit, TakeStep):
            parts.append(f"{_edit_in_words(edit, network)} (epoch {epoch:,})")
        elif count := steps.pop(epoch, 0):
            parts.append(f"{count} {'step' if count == 1 else 'steps'} of training by hand (epoch {epoch:,})")
    if len(parts) > _LISTED_MOST:
        parts = [f"{len(parts) - _LISTED_MOST} more", *parts[-_LISTED_MOST:]]
    return f"**Changed by hand**: {'; '.join(parts)}. Its link no longer reproduces this run."


def marks(holding: Sequence[tuple[int, Edit]]) -> list[dict[str, Any]]:
    """Return the edits in force as the panel marks them; steps of training have no mark."""
    return [_as_json(epoch, edit) for epoch, edit in holding if not isinstance(edit, TakeStep)]


def _as_json(epoch: int, edit: Edit) -> dict[str, Any]:
    if isinstance(edit, SetWeight):
        return {"epoch": epoch, "kind": "set", "name": edit.name, "index": list(edit.index)}
    assert isinstance(edit, Silence | Freeze)
    return {"epoch": epoch, "kind": type(edit).__name__.lower(), "layer": edit.layer, "unit": edit.unit}


def _make(change: Mapping[str, Any], job: Job) -> None:
    try:
        jobs().edit(job, read_edit(change))
    except HiddenLayersError as error:
        edits.set_problem(str(error))


def _edit_in_words(edit: Edit, network: NetworkJson) -> str:
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
    """Return which level a weight leads into, where level 0 is the inputs."""
    return 1 + [layer["name"] for layer in network["layers"]].index(name.partition("/")[0])


def _unit(network: NetworkJson, level: int, unit: int) -> str:
    """Return the name of a unit, as Markdown."""
    if level == 0:
        return literal(network["inputs"]["names"][unit])
    if level < len(network["sizes"]) - 1:
        return f"layer {level}, unit {unit + 1}"
    return f"output {literal(network['classNames'][unit])}" if network["classes"] > 2 else "the output"
