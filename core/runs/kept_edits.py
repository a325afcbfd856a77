"""Changes by hand as JSON and bytes, without pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from core.errors import ExperimentError, RunsError
from core.experiment import from_json, to_json
from core.messages.edits import Begin, Edit, Freeze, SetWeight, Silence, TakeStep, Undo
from core.runs.kept_weights import read_weights
from core.trained.bundle import weights_file

_SWITCHES: dict[str, type[Freeze | Silence]] = {"freeze": Freeze, "silence": Silence}


def write_edit(edit: Edit) -> tuple[str, bytes | None]:
    """Return an edit as JSON, and the weights in it as an .npz file, which only a `Begin` has."""
    data = weights_file(edit.weights) if isinstance(edit, Begin) else None
    return json.dumps(_as_json(edit)), data


def _as_json(edit: Edit) -> dict[str, Any]:
    match edit:
        case SetWeight():
            return {"kind": "set", **asdict(edit)}
        case Freeze():
            return {"kind": "freeze", **asdict(edit)}
        case Silence():
            return {"kind": "silence", **asdict(edit)}
        case TakeStep(experiment, epoch, rows):
            return {"kind": "step", "experiment": to_json(experiment), "epoch": epoch, "rows": rows}
        case Begin(weights=weights):
            return {"kind": "begin", "weights": len(weights)}
        case Undo():
            return {"kind": "undo"}
    raise TypeError(f"No edit: {edit!r}")


def read_edit(text: str, data: bytes | None) -> Edit:
    """Return the edit that `write_edit` wrote.

    Raises:
        RunsError: where the text or the bytes are anything else.
    """
    try:
        return _read(json.loads(text), data)
    except (ValueError, KeyError, TypeError, ExperimentError) as error:
        raise RunsError("A change by hand of this run is damaged in the database.") from error


def _read(value: dict[str, Any], data: bytes | None) -> Edit:
    match value["kind"]:
        case "set":
            return SetWeight(str(value["name"]), tuple(value["index"]), float(value["value"]))
        case "freeze" | "silence" as kind:
            return _SWITCHES[kind](int(value["layer"]), int(value["unit"]), bool(value["on"]))
        case "step":
            rows = value["rows"]
            return TakeStep(from_json(value["experiment"]), int(value["epoch"]), None if rows is None else tuple(rows))
        case "begin":
            return Begin(read_weights(data or b""))
        case "undo":
            return Undo()
    raise KeyError(value["kind"])
