"""All of a person's runs as one file, and back: a zip of bundles.

    runs.json           format, and for every run what a bundle does not hold
    NUMBER-last.zip     the bundle of a run's last epoch, as `core.trained.bundle` writes it
    NUMBER-best.zip     the same of its best epoch, where that is another one
    NUMBER-begin.zip    the same of the weights that it began with, where those were another run's
    NUMBER.csv          the history of a run without weights, such as one that was interrupted

NUMBER counts the runs from 1, oldest first. Nothing in such a file is trusted: bundles are opened as any uploaded one,
everything else is JSON and CSV whose every value is checked.
"""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any

import numpy as np
from sqlalchemy import Connection, select, update

from core.bounded_process import bounded
from core.errors import DataError, RunsError
from core.experiment import Experiment, from_json, menus, to_json
from core.messages.edits import MAX_EDITS, Begin, Timeline
from core.messages.updates import INTERRUPTED
from core.runs import tables
from core.runs.kept_edits import read_edit, write_edit
from core.runs.recording import set_tags, write_change
from core.runs.store import RunStore, checked_name, checked_note, checked_tags
from core.runs.values import BEST, LAST, LIVE, OUTCOMES, KeptRun, Plan, RunChange, RunWeights, Trained
from core.trained.bundle import Bundle, load_bundle, save_bundle
from core.trained.history import history_csv, read_history
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation

FORMAT = "Hidden Layers runs, version 1"
MAX_BYTES = 1_000_000_000  # of what a file with runs unpacks to

_LIST = "runs.json"
_LIST_MOST = 100_000_000
_RUNS_MOST = 10_000
_PLAN_MOST = 2_001  # an experiment an epoch, and the first one
_LATEST, _LONGEST = 4e9, 1e9  # when a run was started, and how long it took, in seconds
_BEGIN = "begin"
_EXPECTED = "Expected: a file that the Runs page has saved."


@dataclass(frozen=True, eq=False)
class ImportedRun:
    """A run from a file, ready to be written: its change, and what a person wrote on it."""

    change: RunChange
    name: str
    note: str
    tags: tuple[str, ...]
    starred: bool


def bundle_of(run: KeptRun, weights: RunWeights) -> Bundle:
    """Return a kept run as a bundle.

    Args:
        weights: of its last or best epoch; the bundle's history ends there.

    Raises:
        RunsError: where it is not known how its rows were prepared.
    """
    if not run.preparation:
        raise RunsError("This run was interrupted before its weights were saved.")
    preparation = Preparation.from_json(json.loads(run.preparation))
    history = {name: column[: weights.epoch] for name, column in run.history.items()}
    experiment = next(one for epoch, one in reversed(run.plan) if epoch <= weights.epoch)
    return Bundle(TrainedNetwork(experiment, weights.arrays), preparation, history, run.fingerprint)


def write_runs(store: RunStore, owner: str | None, file: IO[bytes]) -> int:
    """Write all of a person's runs into a file, and return how many.

    Raises:
        RunsError: where the database does not answer.
    """
    lines = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, summary in enumerate(store.runs(owner, sort="oldest"), start=1):
            run = store.run(owner, summary.key)
            lines.append(_as_json(run, number))
            for name, content in _members(store, owner, run, number):
                archive.writestr(name, content)
        archive.writestr(_LIST, json.dumps({"format": FORMAT, "runs": lines}))
    return len(lines)


def _members(store: RunStore, owner: str | None, run: KeptRun, number: int) -> list[tuple[str, bytes]]:
    found = []
    for which in run.weights_of:
        weights = store.weights(owner, run.summary.key, which)
        if weights is not None:
            found.append((f"{number}-{which}.zip", save_bundle(bundle_of(run, weights))))
    begin = _begin_of(run.edits)
    if begin is not None and run.preparation:
        found.append((f"{number}-{_BEGIN}.zip", save_bundle(bundle_of(run, RunWeights(0, begin.weights)))))
    return [*found, (f"{number}.csv", history_csv(run.history).encode())]


def _as_json(run: KeptRun, number: int) -> dict[str, Any]:
    summary = run.summary
    return {
        "number": number,
        "key": summary.key,
        "name": summary.name,
        "note": summary.note,
        "tags": summary.tags,
        "starred": summary.starred,
        "status": INTERRUPTED if summary.status in LIVE else summary.status,
        "message": summary.message,
        "created_at": summary.created_at,
        "seconds": summary.seconds,
        "parameters": summary.parameters,
        "plan": [[epoch, to_json(one)] for epoch, one in run.plan],
        "edits": [[epoch, write_edit(edit)[0]] for epoch, edit in run.edits],
    }


@bounded
def read_runs(content: bytes) -> list[ImportedRun]:
    """Return the runs of a file that `write_runs` wrote, oldest first; they have no owner yet.

    Raises:
        DataError: where it is another file, damaged or too large.
        ExperimentError: where a value in it is not allowed.
    """
    from core.tables.binary_files import ARCHIVE_ERRORS, open_zip  # imports PyArrow

    if not content.startswith(b"PK"):
        raise DataError(f"The file is not a zip archive. {_EXPECTED}")
    archive = open_zip(content, MAX_BYTES, 4 * _RUNS_MOST + 1)
    names = set(archive.namelist())
    if _LIST not in names or archive.getinfo(_LIST).file_size > _LIST_MOST:
        raise DataError(f"The file must hold {_LIST}. {_EXPECTED}")
    try:
        listed = json.loads(archive.read(_LIST))
        if not isinstance(listed, dict) or listed.get("format") != FORMAT or len(listed["runs"]) > _RUNS_MOST:
            raise DataError(f"The file's format must be {FORMAT!r}, with at most {_RUNS_MOST:,} runs.")
        lines = [(line, int(line["number"])) for line in listed["runs"]]
        return [_read_run(line, number, names, archive.read) for line, number in lines]
    except ARCHIVE_ERRORS as error:
        raise DataError(f"The file is damaged and cannot be read. {_EXPECTED}") from error


def _read_run(line: Mapping[str, Any], number: int, names: set[str], read: Callable[[str], bytes]) -> ImportedRun:
    """Return a run; raises ValueError, KeyError or TypeError where a line is not what `_as_json` makes."""
    bundles = {
        which: load_bundle(read(name)) for which in (LAST, BEST, _BEGIN) if (name := f"{number}-{which}.zip") in names
    }
    plan: Plan = tuple((_count(epoch), from_json(text)) for epoch, text in line["plan"][:_PLAN_MOST])
    if not plan or plan[0][0] != 0 or [epoch for epoch, _ in plan] != sorted({epoch for epoch, _ in plan}):
        raise ValueError("a plan whose epochs do not rise from 0")
    experiment = plan[-1][1]
    columns = menus.HISTORY[experiment.data.task]
    history = read_history(read(f"{number}.csv").decode(), columns)
    rows = np.array([history[name] for name in columns], np.float32).T.reshape(-1, len(columns))
    if len(rows) > menus.EPOCHS.high:
        raise ValueError("a history of too many epochs")
    edits = _read_edits(line["edits"], bundles.get(_BEGIN))
    change = RunChange(
        key=uuid.UUID(hex=line["key"]).hex,
        owner="",
        created_at=_number(line["created_at"], _LATEST),
        status=_one_of(line["status"], OUTCOMES),
        message=checked_note(str(line["message"])),
        epoch=len(rows),
        seconds=_number(line["seconds"], _LONGEST),
        first_row=0,
        rows=rows,
        plan=plan,
        edits=edits,
        trained=_trained(line, plan, edits, bundles, experiment),
    )
    tags = checked_tags([str(tag) for tag in line["tags"]])
    note, name = checked_note(str(line["note"])), checked_name(str(line["name"]))
    return ImportedRun(change, name, note, tuple(tags), bool(line["starred"]))


def _trained(
    line: Mapping[str, Any], plan: Plan, edits: Timeline, bundles: Mapping[str, Bundle], experiment: Experiment
) -> Trained | None:
    any_bundle = next(iter(bundles.values()), None)
    if any_bundle is None:
        return None
    if any(bundle.experiment.network != experiment.network for bundle in bundles.values()):
        raise ValueError("a bundle of another network")
    kept = {which: RunWeights(_length(bundle), dict(bundle.network.weights)) for which, bundle in bundles.items()}
    return Trained(
        plan,
        edits,
        _count(line["parameters"] or 0),
        kept.get(LAST),
        kept.get(BEST),
        json.dumps(any_bundle.preparation.to_json()),
        any_bundle.fingerprint,
    )


def _length(bundle: Bundle) -> int:
    return len(next(iter(bundle.history.values())))


def _read_edits(lines: Sequence[Any], begin: Bundle | None) -> Timeline:
    if len(lines) > MAX_EDITS:
        raise ValueError("too many edits")
    edits = []
    for epoch, text in lines:
        if json.loads(text).get("kind") != _BEGIN:
            edits.append((_count(epoch), read_edit(text, None)))
        elif begin is not None:
            edits.append((_count(epoch), Begin(dict(begin.network.weights))))
        else:
            raise ValueError("a run that began with weights which are not there")
    return tuple(edits)


def keep_runs(store: RunStore, owner: str | None, runs: Sequence[ImportedRun], beside: str = "") -> int:
    """Add runs from a file to a person's, and return how many; those that are already there stay as they are.

    Args:
        beside: for whoever runs the server, a run of the person who gets them; "" for the only person there is.

    Raises:
        RunsError: where the database does not answer, or nobody is named and there is not exactly one person.
    """

    def add(connection: Connection, person_id: int) -> int:
        return sum(_add(connection, person_id, run) for run in runs)

    return store.keep_all(owner, add, beside)


def _add(connection: Connection, person_id: int, imported: ImportedRun) -> bool:
    run, change = tables.run, imported.change
    there = connection.execute(select(run.c.person_id).where(run.c.key == change.key)).scalar()
    if there == person_id:
        return False
    if there is not None:
        change = replace(change, key=uuid.uuid4().hex)
    write_change(connection, change, "", person_id)
    run_id = connection.execute(select(run.c.id).where(run.c.key == change.key)).scalar_one()
    values = {"given_name": imported.name, "note": imported.note, "starred": imported.starred}
    connection.execute(update(run).where(run.c.id == run_id).values(**values))
    set_tags(connection, run_id, imported.tags)
    return True


def _begin_of(edits: Timeline) -> Begin | None:
    return next((edit for _, edit in edits if isinstance(edit, Begin)), None)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise ValueError("no whole number from 0")
    return value


def _number(value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"no number from 0 to {most}")
    return float(value)


def _one_of(value: object, words: Sequence[str]) -> str:
    if value not in words:
        raise ValueError("no such status")
    return str(value)
