"""What the writer does to the database about studies."""

from __future__ import annotations

import io
import time
import zlib
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select, update

from core.errors import RunsError
from core.messages.updates import INTERRUPTED, RUNNING
from core.runs import tables
from core.runs.kept_weights import rows_from_bytes, rows_to_bytes
from core.runs.lesson_progress import is_no_proof
from core.runs.limits import STUDIES_MOST, STUDIES_TOTAL_MOST_BYTES, STUDY_BYTES_MOST, UNDO_SECONDS
from core.runs.recording import person_of
from core.runs.study_values import KeptMember, StudyChange

_INTERRUPTED = "The server was stopped while this study was training."
_AT_ONCE = 500  # studies named in one statement


def write_study(connection: Connection, change: StudyChange, server_id: str) -> None:
    """Write what is new about a study, which may be new itself."""
    study, line = tables.study, change.line
    values = {
        "name": line.name,
        "kind": line.kind,
        "plan": line.plan,
        "status": line.status,
        "message": line.message.replace("\0", ""),
        "deleted_at": line.deleted_at,
        "seconds": line.seconds,
        "total": line.total,
        "ended": line.ended,
        "best": line.best,
        "server_id": server_id if change.is_live else None,
    }
    study_id = connection.execute(select(study.c.id).where(study.c.key == line.key)).scalar()
    if study_id is None:
        person_id = person_of(connection, change.owner, time.time())
        new = {"key": line.key, "person_id": person_id, "created_at": line.created_at, "bytes": 0, **values}
        (study_id,) = connection.execute(insert(study).values(**new)).inserted_primary_key or (0,)
    else:
        connection.execute(update(study).where(study.c.id == study_id).values(**values))
    for place, member in change.members.items():
        _write_member(connection, int(study_id), place, member)
    if change.members:
        _measure(connection, int(study_id))


def _write_member(connection: Connection, study_id: int, place: int, member: KeptMember) -> None:
    kept = tables.study_member
    here = (kept.c.study_id == study_id, kept.c.place == place)
    connection.execute(delete(kept).where(*here))
    values = {
        "study_id": study_id,
        "place": place,
        "member": member.member,
        "status": member.status,
        "message": member.message.replace("\0", ""),
        "seconds": member.seconds,
        "epochs": len(member.rows),
        "history": zlib.compress(rows_to_bytes(member.rows), 1),
        "surface": None if member.surface is None else _picture_to_bytes(member.surface),
    }
    connection.execute(insert(kept).values(**values))


def read_member(row: Any) -> KeptMember:
    """Return the run of a line of `study_member`.

    Raises:
        RunsError: where it is damaged.
    """
    try:
        data = zlib.decompress(row.history)
        rows = rows_from_bytes(data, max(1, len(data) // (4 * max(1, row.epochs))))
        surface = None if row.surface is None else np.load(io.BytesIO(zlib.decompress(row.surface)), allow_pickle=False)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise RunsError("A run of this study is damaged in the database.") from error
    return KeptMember(row.status, row.message, row.seconds, rows, surface, row.member)


def interrupt_studies_of(connection: Connection, server_ids: list[str]) -> None:
    """Mark what servers that are dead were training as interrupted."""
    study, kept = tables.study, tables.study_member
    found = list(connection.execute(select(study.c.id).where(study.c.server_id.in_(server_ids))).scalars())
    if not found:
        return
    values = {"status": INTERRUPTED, "message": _INTERRUPTED, "server_id": None}
    connection.execute(update(study).where(study.c.id.in_(found)).values(**values))
    begun = (kept.c.study_id.in_(found), kept.c.status == RUNNING)
    connection.execute(update(kept).where(*begun).values(status=INTERRUPTED))


def make_room_for_studies(connection: Connection) -> None:
    """Delete for good what was deleted an hour ago, and the oldest beyond a person's share and the whole's."""
    study = tables.study
    over = (study.c.server_id.is_(None), study.c.deleted_at < time.time() - UNDO_SECONDS)
    connection.execute(delete(study).where(*over))
    totals = select(study.c.person_id, func.count().label("studies"), func.sum(study.c.bytes).label("bytes"))
    for row in connection.execute(totals.group_by(study.c.person_id)).all():
        if row.studies > STUDIES_MOST or row.bytes > STUDY_BYTES_MOST:
            of_person = [study.c.person_id == row.person_id]
            _shrink(connection, of_person, row.studies - STUDIES_MOST, row.bytes - STUDY_BYTES_MOST)
    total = int(connection.execute(select(func.coalesce(func.sum(study.c.bytes), 0))).scalar_one())
    if total > STUDIES_TOTAL_MOST_BYTES:
        _shrink(connection, [], 0, total - STUDIES_TOTAL_MOST_BYTES)


def _shrink(connection: Connection, of: list[Any], studies: int, size: int) -> None:
    """Delete the oldest studies that nobody trains, deleted ones first, until so many and so many bytes are gone.

    Those that proved that a lesson's goal was reached stay.
    """
    study = tables.study
    candidates = (
        select(study.c.id, study.c.bytes)
        .where(study.c.server_id.is_(None), is_no_proof(study), *of)
        .order_by(study.c.deleted_at.is_(None), study.c.created_at)
    )
    gone = []
    for row in connection.execute(candidates):
        if studies <= 0 and size <= 0:
            break
        gone.append(row.id)
        studies, size = studies - 1, size - row.bytes
    for start in range(0, len(gone), _AT_ONCE):
        connection.execute(delete(study).where(study.c.id.in_(gone[start : start + _AT_ONCE])))


def _measure(connection: Connection, study_id: int) -> None:
    """Note how many bytes a study takes."""
    kept, study = tables.study_member, tables.study
    each = func.length(kept.c.history) + func.coalesce(func.length(kept.c.surface), 0) + func.length(kept.c.member)
    size = connection.execute(select(func.coalesce(func.sum(each), 0)).where(kept.c.study_id == study_id)).scalar_one()
    plan = connection.execute(select(func.length(study.c.plan)).where(study.c.id == study_id)).scalar_one()
    total = 1_000 + int(size) + int(plan)  # its lines and indexes, about
    connection.execute(update(study).where(study.c.id == study_id).values(bytes=total))


def _picture_to_bytes(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, picture, allow_pickle=False)
    return zlib.compress(file.getvalue(), 1)
