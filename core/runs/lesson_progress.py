"""How far a person has come in lessons: values, and what the writer does to the database about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select

from core.errors import ExperimentError
from core.runs import tables
from core.runs.limits import LESSON_STEPS_MOST

BEGUN, SKIPPED, DONE = "begun", "skipped", "done"
STATES = (BEGUN, SKIPPED, DONE)  # each outweighs the ones before it


@dataclass(frozen=True)
class StepProgress:
    """How a step of a lesson stands.

    Attributes:
        state: one of STATES.
        predicted: the number of the choice that the person made first, from 0; None where they made none.
        proof: the key of the run or study that reached the goal; None where none did.
        changed_at: in seconds since 1970.
    """

    state: str
    predicted: int | None = None
    proof: str | None = None
    changed_at: float = 0.0

    def then(self, newer: StepProgress) -> StepProgress:
        """Return what holds when a newer state is noted: what is done stays done, and the first prediction counts.

        >>> StepProgress(DONE, 1, "a" * 32, 1.0).then(StepProgress(SKIPPED, 0, None, 2.0))
        StepProgress(state='done', predicted=1, proof='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', changed_at=1.0)
        """
        kept = newer if STATES.index(newer.state) > STATES.index(self.state) else self
        predicted = self.predicted if self.predicted is not None else newer.predicted
        return replace(kept, predicted=predicted)


StepKey = tuple[str, str]  # the ids of a lesson and of its step
Progress = Mapping[StepKey, StepProgress]


def read_progress(connection: Connection, person_id: int) -> dict[StepKey, StepProgress]:
    """Return a person's progress."""
    table = tables.lesson_step
    rows = connection.execute(select(table).where(table.c.person_id == person_id)).all()
    return {(row.lesson, row.step): StepProgress(row.state, row.predicted, row.proof, row.changed_at) for row in rows}


def merge_progress(connection: Connection, person_id: int, newer: Progress) -> None:
    """Note newer states of steps, and make room where there are too many."""
    table = tables.lesson_step
    before = read_progress(connection, person_id)
    for (lesson, step), state in newer.items():
        here = (table.c.person_id == person_id, table.c.lesson == lesson, table.c.step == step)
        kept = before.get((lesson, step))
        connection.execute(delete(table).where(*here))
        values = vars(state if kept is None else kept.then(state))
        connection.execute(insert(table).values(person_id=person_id, lesson=lesson, step=step, **values))
    newest = select(table.c.changed_at).where(table.c.person_id == person_id).order_by(table.c.changed_at.desc())
    last_kept = connection.execute(newest.offset(LESSON_STEPS_MOST - 1).limit(1)).scalar()
    if last_kept is not None:
        connection.execute(delete(table).where(table.c.person_id == person_id, table.c.changed_at < last_kept))


def hand_over_progress(connection: Connection, before: int, person_id: int) -> None:
    """Give a person's progress to another one, who may have some of their own."""
    if before != person_id:
        merge_progress(connection, person_id, read_progress(connection, before))
        connection.execute(delete(tables.lesson_step).where(tables.lesson_step.c.person_id == before))


def is_no_proof(kept: Table) -> ColumnElement[bool]:
    """Return whether a line of runs or studies is no proof that a goal was reached."""
    proofs = select(tables.lesson_step.c.proof).where(tables.lesson_step.c.proof.is_not(None))
    return kept.c.key.not_in(proofs)


def checked_key(name: str, key: str) -> str:
    """Return the id of a lesson or step; raises `ExperimentError` where it cannot be one."""
    is_id = key.isascii() and key.replace("-", "").isalnum() and key == key.lower()
    if not is_id or not 1 <= len(key) <= 60:
        raise ExperimentError(name, "small letters, digits and dashes, at most 60", key)
    return key
