"""What the writer does to the database: runs begin, grow and end, and the oldest make room."""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.experiment import Experiment, format_layers, from_json, menus, to_json, to_params
from core.messages.edits import Timeline
from core.messages.updates import INTERRUPTED
from core.runs import tables
from core.runs.kept_edits import write_edit
from core.runs.kept_weights import rows_from_bytes, rows_to_bytes
from core.runs.lesson_progress import hand_over_progress, is_no_proof
from core.runs.limits import BYTES_MOST, RUNS_MOST, TOTAL_MOST_BYTES, UNDO_SECONDS, UNSEEN_DAYS
from core.runs.naming import name_after
from core.runs.search import number_of
from core.runs.values import BEST, LAST, LIVE, OUTCOMES, Plan, RunChange, RunWeights, Trained
from core.trained.bundle import weights_file

_DAY = 24 * 3600
_AT_ONCE = 500  # runs named in one statement
_INTERRUPTED = "The server was stopped while this run was training."


def key_of(owner: str) -> str:
    """Return how the database names a browser: not by its cookie, so that nobody who reads it can pretend to be it."""
    return hashlib.sha256(owner.encode()).hexdigest()


def write_change(connection: Connection, change: RunChange, server_id: str, person_id: int | None = None) -> None:
    """Write what is new about a run, which may be new itself. A run that was deleted for good meanwhile stays so.

    Args:
        server_id: of the server that trains it.
        person_id: the person who gets a new run; the change's owner where there is none.
    """
    run = tables.run
    row = connection.execute(select(run.c.id, run.c.experiment).where(run.c.key == change.key)).first()
    if row is None:
        if not change.plan:
            return
        experiment = change.plan[-1][1]
        run_id = _begin(connection, change, experiment, person_id)
    else:
        run_id, experiment = row.id, from_json(row.experiment)
    final = change.trained
    plan = final.plan if final else change.plan
    if plan:
        experiment = plan[-1][1]
        _write_plan(connection, run_id, plan)
    edits = final.edits if final else change.edits
    if edits is not None:
        _write_edits(connection, run_id, edits)
    if final:
        _write_trained(connection, run_id, final)
    columns = len(menus.HISTORY[experiment.data.task])
    _write_rows(connection, run_id, change.first_row, change.rows, columns)
    values = {
        "status": change.status,
        "message": change.message.replace("\0", ""),
        "epoch": change.epoch,
        "seconds": change.seconds,
        "server_id": server_id if change.status in LIVE else None,
        **_figures(connection, run_id, experiment, change.status in OUTCOMES),
    }
    connection.execute(update(run).where(run.c.id == run_id).values(**values))
    if change.status in OUTCOMES:
        measure(connection, run_id)


def _begin(connection: Connection, change: RunChange, experiment: Experiment, person_id: int | None) -> int:
    run = tables.run
    if person_id is None:
        person_id = person_of(connection, change.owner, time.time())
    before = connection.execute(
        select(run.c.experiment)
        .where(run.c.person_id == person_id, run.c.created_at <= change.created_at)
        .order_by(run.c.created_at.desc(), run.c.id.desc())
        .limit(1)
    ).scalar()
    values = {
        "key": change.key,
        "person_id": person_id,
        "made_name": name_after(from_json(before) if before else None, experiment),
        "searched": "",
        "status": change.status,
        "message": "",
        "created_at": change.created_at,
        "seconds": 0.0,
        **_settings(experiment),
        "epoch": 0,
        "best_epoch": 0,
    }
    (run_id,) = connection.execute(insert(run).values(**values)).inserted_primary_key or (0,)
    return int(run_id)


def _settings(experiment: Experiment) -> dict[str, str]:
    layers = format_layers(experiment.network.layers)
    return {"experiment": to_json(experiment), "data": experiment.data.name, "layers": layers}


def person_of(connection: Connection, owner: str, now: float) -> int:
    """Return the number of a person, who may be new, and note that they were here."""
    person, key = tables.person, key_of(owner)
    insert_unless_there(connection, person, {"key": key, "seen_at": now})
    connection.execute(update(person).where(person.c.key == key).values(seen_at=now))
    return int(connection.execute(select(person.c.id).where(person.c.key == key)).scalar_one())


def insert_unless_there(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row where no other one has its unique values; two servers may do so at once."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())


def _write_plan(connection: Connection, run_id: int, plan: Plan) -> None:
    connection.execute(delete(tables.plan).where(tables.plan.c.run_id == run_id))
    lines = [{"run_id": run_id, "epoch": epoch, "experiment": to_json(one)} for epoch, one in plan]
    connection.execute(insert(tables.plan), lines)
    experiment = plan[-1][1]
    connection.execute(update(tables.run).where(tables.run.c.id == run_id).values(**_settings(experiment)))
    connection.execute(delete(tables.setting).where(tables.setting.c.run_id == run_id))
    settings = [
        {"run_id": run_id, "key": key, "text": text.lower(), "number": number_of(text)}
        for key, text in to_params(experiment).items()
    ]
    connection.execute(insert(tables.setting), settings)
    refresh_searched(connection, run_id)


def refresh_searched(connection: Connection, run_id: int) -> None:
    """Put together what a search for words looks at."""
    run, tag = tables.run, tables.tag
    row = connection.execute(select(run).where(run.c.id == run_id)).one()
    tags = connection.execute(select(tag.c.name).where(tag.c.run_id == run_id)).scalars()
    experiment = from_json(row.experiment)
    settings = [f"{key}={text}" for key, text in to_params(experiment).items()]
    parts = [row.given_name, row.made_name, row.note, *tags, menus.DATA[experiment.data.name].title, *settings]
    connection.execute(update(run).where(run.c.id == run_id).values(searched="\n".join(parts).lower()))


def set_tags(connection: Connection, run_id: int, names: Iterable[str]) -> None:
    """Replace a run's tags."""
    lines = [{"run_id": run_id, "name": name} for name in names]
    connection.execute(delete(tables.tag).where(tables.tag.c.run_id == run_id))
    if lines:
        connection.execute(insert(tables.tag), lines)
    refresh_searched(connection, run_id)


def _write_edits(connection: Connection, run_id: int, edits: Timeline) -> None:
    connection.execute(delete(tables.edit).where(tables.edit.c.run_id == run_id))
    lines = []
    for place, (epoch, edit) in enumerate(edits):
        value, data = write_edit(edit)
        lines.append({"run_id": run_id, "place": place, "epoch": epoch, "value": value, "data": data})
    if lines:
        connection.execute(insert(tables.edit), lines)
    connection.execute(update(tables.run).where(tables.run.c.id == run_id).values(edit_count=len(lines)))


def _write_trained(connection: Connection, run_id: int, trained: Trained) -> None:
    connection.execute(delete(tables.weights).where(tables.weights.c.run_id == run_id))
    for which, weights in ((LAST, trained.last), (BEST, trained.best)):
        if weights is not None:
            write_weights(connection, run_id, which, weights)
    values = {
        "parameters": trained.parameters,
        "preparation": zlib.compress(trained.preparation.encode()),
        "fingerprint": trained.fingerprint,
    }
    connection.execute(update(tables.run).where(tables.run.c.id == run_id).values(**values))


def write_weights(connection: Connection, run_id: int, which: str, weights: RunWeights) -> None:
    """Write the weights of a run's last or best epoch."""
    values = {"run_id": run_id, "which": which, "epoch": weights.epoch, "data": weights_file(weights.arrays)}
    connection.execute(insert(tables.weights).values(**values))


def _write_rows(connection: Connection, run_id: int, first_row: int, rows: np.ndarray, columns: int) -> None:
    """Replace a history from a row on. A block that begins before it keeps its first rows."""
    history = tables.history
    connection.execute(delete(history).where(history.c.run_id == run_id, history.c.first_row >= first_row))
    last = connection.execute(
        select(history).where(history.c.run_id == run_id).order_by(history.c.first_row.desc()).limit(1)
    ).first()
    if last is not None and last.first_row + last.rows > first_row:
        keeps = first_row - last.first_row
        values = {"rows": keeps, "data": rows_to_bytes(rows_from_bytes(last.data, columns)[:keeps])}
        place = (history.c.run_id == run_id, history.c.first_row == last.first_row)
        connection.execute(update(history).where(*place).values(**values))
    if len(rows):
        block = {"run_id": run_id, "first_row": first_row, "rows": len(rows), "data": rows_to_bytes(rows)}
        connection.execute(insert(history).values(**block))


def read_rows(connection: Connection, run_id: int, columns: int) -> np.ndarray:
    """Return a run's history, float32 (epochs, columns)."""
    history = tables.history
    query = select(history.c.data).where(history.c.run_id == run_id).order_by(history.c.first_row)
    blocks = [rows_from_bytes(data, columns) for data in connection.execute(query).scalars()]
    return np.concatenate([np.empty((0, columns), np.float32), *blocks])


def _figures(connection: Connection, run_id: int, experiment: Experiment, has_ended: bool) -> dict[str, Any]:
    """Return the figures of a run for its line in the table, and make one block of the history of one that has ended.

    While a run goes on, only the new rows would tell, so all of its history is looked at: 64 kB at most.
    """
    names = menus.HISTORY[experiment.data.task]
    rows = read_rows(connection, run_id, len(names))
    if has_ended:
        _write_rows(connection, run_id, 0, rows, len(names))
    if not len(rows):
        return {}
    loss = names.index("val_loss")
    score = names.index("val_accuracy" if experiment.data.task == menus.CLASSES else "val_r2")
    losses = np.where(np.isfinite(rows[:, loss]), rows[:, loss], np.inf)
    best = int(np.argmin(losses)) if np.isfinite(losses).any() else None
    found = {"last_loss": _finite(rows[-1, loss]), "last_score": _finite(rows[-1, score])}
    if best is None:
        return found | {"best_epoch": 0, "best_loss": None, "best_score": None}
    return found | {
        "best_epoch": best + 1,
        "best_loss": _finite(rows[best, loss]),
        "best_score": _finite(rows[best, score]),
    }


def _finite(value: np.float32) -> float | None:
    return float(value) if np.isfinite(value) else None


def measure(connection: Connection, run_id: int) -> None:
    """Note how many bytes a run takes."""
    total = 1_000  # its lines and indexes, about
    for table in (tables.history, tables.weights, tables.edit):
        size = select(func.coalesce(func.sum(func.length(table.c.data)), 0)).where(table.c.run_id == run_id)
        total += int(connection.execute(size).scalar_one())
    size = select(func.coalesce(func.length(tables.run.c.preparation), 0)).where(tables.run.c.id == run_id)
    total += int(connection.execute(size).scalar_one())
    connection.execute(update(tables.run).where(tables.run.c.id == run_id).values(bytes=total))


def interrupt_runs_of(connection: Connection, server_ids: list[str]) -> int:
    """Mark what servers that are dead were training as interrupted, forget these servers, and return how many runs."""
    run = tables.run
    live = (run.c.status.in_(LIVE), run.c.server_id.in_(server_ids))
    values = {"status": INTERRUPTED, "message": _INTERRUPTED, "server_id": None}
    found = list(connection.execute(select(run.c.id).where(*live)).scalars())
    connection.execute(update(run).where(*live).values(**values))
    connection.execute(delete(tables.server).where(tables.server.c.id.in_(server_ids)))
    for run_id in found:
        measure(connection, run_id)
    return len(found)


def hand_over(connection: Connection, before: str, owner: str) -> None:
    """Give a browser's runs, studies and progress in lessons to the name that it has now."""
    person = tables.person
    old = connection.execute(select(person.c.id).where(person.c.key == key_of(before))).scalar()
    if old is not None:
        new = person_of(connection, owner, time.time())
        for kept in (tables.run, tables.study):
            connection.execute(update(kept).where(kept.c.person_id == old).values(person_id=new))
        hand_over_progress(connection, old, new)


def make_room(connection: Connection) -> None:
    """Delete for good what was deleted an hour ago, what is beyond a person's share, and people who have long left."""
    run, person, now = tables.run, tables.person, time.time()
    is_idle = run.c.status.not_in(LIVE)
    connection.execute(delete(run).where(is_idle, run.c.deleted_at < now - UNDO_SECONDS))
    gone = person.c.seen_at < now - UNSEEN_DAYS * _DAY
    connection.execute(delete(person).where(gone))
    totals = select(run.c.person_id, func.count().label("runs"), func.sum(run.c.bytes).label("bytes"))
    totals = totals.group_by(run.c.person_id)
    for row in connection.execute(totals).all():
        if row.runs > RUNS_MOST or row.bytes > BYTES_MOST:
            _shrink(connection, [run.c.person_id == row.person_id], row.runs - RUNS_MOST, row.bytes - BYTES_MOST)
    total = int(connection.execute(select(func.coalesce(func.sum(run.c.bytes), 0))).scalar_one())
    if total > TOTAL_MOST_BYTES:
        _shrink(connection, [], 0, total - TOTAL_MOST_BYTES)


def _shrink(connection: Connection, of: list[Any], runs: int, size: int) -> None:
    """Delete the oldest runs until so many runs and bytes are gone, deleted ones first.

    Those with a star, and those that proved that a lesson's goal was reached, stay.
    """
    run = tables.run
    candidates = (
        select(run.c.id, run.c.bytes)
        .where(~run.c.starred, run.c.status.not_in(LIVE), is_no_proof(run), *of)
        .order_by(run.c.deleted_at.is_(None), run.c.created_at)
    )
    gone = []
    for row in connection.execute(candidates):
        if runs <= 0 and size <= 0:
            break
        gone.append(row.id)
        runs, size = runs - 1, size - row.bytes
    for start in range(0, len(gone), _AT_ONCE):
        connection.execute(delete(run).where(run.c.id.in_(gone[start : start + _AT_ONCE])))
