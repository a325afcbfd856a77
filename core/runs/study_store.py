"""What the server asks of the store about studies."""

from __future__ import annotations

import time

from sqlalchemy import ColumnElement, Connection, Engine, Row, select, update

from core.errors import NoRunError
from core.runs import tables
from core.runs.database import reading
from core.runs.limits import UNDO_SECONDS
from core.runs.recording import key_of
from core.runs.store import Write
from core.runs.study_recording import read_member
from core.runs.study_values import KeptStudy, StudyLine

_NO_STUDY = "There is no such study, or it was deleted, or it is another person's."


class StudyStore:
    """The studies of all people. Safe to use from any thread; a study of somebody else is as one that does not exist.

    Args:
        engine: of a database of the present version.
        write: has the one thread that writes on a server make a change.

    Raises:
        NoRunError: from every method that takes a study's key, where the person has no such study.
        RunsError: from every method, where the database does not answer.
    """

    def __init__(self, engine: Engine, write: Write) -> None:
        self._engine = engine
        self._write = write

    def studies(self, owner: str) -> list[StudyLine]:
        """Return a person's studies, newest first, without those that were deleted."""
        study = tables.study
        query = select(study).where(_is_of(owner), study.c.deleted_at.is_(None))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(study.c.created_at.desc(), study.c.id.desc())).all()
        return [_line(row) for row in rows]

    def study(self, owner: str, key: str) -> KeptStudy:
        """Return a study with its runs."""
        study, kept = tables.study, tables.study_member
        with reading(self._engine) as connection:
            row = connection.execute(
                select(study).where(_is_of(owner), study.c.key == key, study.c.deleted_at.is_(None))
            ).first()
            if row is None:
                raise NoRunError(_NO_STUDY)
            members = connection.execute(select(kept).where(kept.c.study_id == row.id).order_by(kept.c.place)).all()
        return KeptStudy(_line(row), {member.place: read_member(member) for member in members})

    def keys(self) -> frozenset[str]:
        """Return the keys of everybody's studies, also of deleted ones that can be brought back."""
        with reading(self._engine) as connection:
            return frozenset(connection.execute(select(tables.study.c.key)).scalars())

    def rename(self, owner: str, key: str, name: str) -> None:
        """Give a study a name."""
        self._set(owner, key, name=name)

    def delete(self, owner: str, key: str) -> None:
        """Delete a study, which for UNDO_SECONDS can be brought back."""
        self._set(owner, key, deleted_at=time.time())

    def bring_back(self, owner: str, key: str) -> None:
        """Undo a delete."""
        self._set(owner, key, is_deleted=True, deleted_at=None)

    def _set(self, owner: str, key: str, is_deleted: bool = False, **values: object) -> None:
        study = tables.study
        is_here = study.c.deleted_at > time.time() - UNDO_SECONDS if is_deleted else study.c.deleted_at.is_(None)
        change = update(study).where(_is_of(owner), study.c.key == key, is_here).values(**values)

        def write(connection: Connection) -> None:
            if not connection.execute(change).rowcount:
                raise NoRunError(_NO_STUDY)

        self._write(write)


def _is_of(owner: str) -> ColumnElement[bool]:
    person = tables.person
    return tables.study.c.person_id == select(person.c.id).where(person.c.key == key_of(owner)).scalar_subquery()


def _line(row: Row[tuple[object, ...]]) -> StudyLine:
    return StudyLine(
        key=row.key,
        name=row.name,
        kind=row.kind,
        plan=row.plan,
        status=row.status,
        message=row.message,
        created_at=row.created_at,
        deleted_at=row.deleted_at,
        seconds=row.seconds,
        total=row.total,
        ended=row.ended,
        best=row.best,
    )
