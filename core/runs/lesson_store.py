"""What the server asks of the store about lessons, and a person's progress as a file."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from core.errors import DataError, ExperimentError
from core.runs import tables
from core.runs.database import reading
from core.runs.lesson_progress import (
    STATES,
    StepKey,
    StepProgress,
    checked_key,
    merge_progress,
    read_progress,
)
from core.runs.limits import LESSON_STEPS_MOST, PROGRESS_MOST_BYTES
from core.runs.recording import key_of, person_of
from core.runs.store import Write

FORMAT = "Hidden Layers progress, version 1"

_EXPECTED = "Expected: a file that the Learn page has saved."
_LATEST = 4e9  # seconds since 1970
_PROOF = re.compile("[0-9a-f]{32}")
_CHOICES_MOST = 20


class LessonStore:
    """The progress of all people. Safe to use from any thread.

    Args:
        engine: of a database of the present version.
        write: has the one thread that writes on a server make a change.

    Raises:
        RunsError: from every method, where the database does not answer.
    """

    def __init__(self, engine: Engine, write: Write) -> None:
        self._engine = engine
        self._write = write

    def progress(self, owner: str) -> dict[StepKey, StepProgress]:
        """Return how far a person has come, by lesson and step; steps that they have not begun are left out."""
        person = tables.person
        with reading(self._engine) as connection:
            found = connection.execute(select(person.c.id).where(person.c.key == key_of(owner))).scalar()
            return {} if found is None else read_progress(connection, found)

    def note(
        self,
        owner: str,
        lesson: str,
        step: str,
        state: str,
        predicted: int | None = None,
        proof: str | None = None,
    ) -> None:
        """Note how a step stands; what is done stays done, and the first prediction counts.

        Args:
            state: one of `core.runs.lesson_progress.STATES`.
            predicted: the number of the choice that the person made, from 0.
            proof: the key of the run or study that has reached the goal.

        Raises:
            ExperimentError: where a value is not allowed.
        """
        newer = _checked(StepProgress(state, predicted, proof, time.time()))
        key = (checked_key("lesson", lesson), checked_key("step", step))
        self._write(lambda connection: _merge(connection, owner, {key: newer}))

    def forget(self, owner: str, lesson: str) -> None:
        """Forget a person's progress in a lesson, so that they can begin it again."""
        table, person = tables.lesson_step, tables.person
        of_person = select(person.c.id).where(person.c.key == key_of(owner)).scalar_subquery()
        gone = delete(table).where(table.c.person_id == of_person, table.c.lesson == lesson)
        self._write(lambda connection: _execute(connection, gone))

    def export(self, owner: str) -> bytes:
        """Return a person's progress as a small JSON file, which `read_file` reads."""
        steps = [
            {"lesson": lesson, "step": step, **vars(state)} for (lesson, step), state in self.progress(owner).items()
        ]
        steps.sort(key=lambda one: one["changed_at"])
        return json.dumps({"format": FORMAT, "steps": steps}, indent=1).encode()

    def add(self, owner: str, progress: Mapping[StepKey, StepProgress]) -> None:
        """Add the progress of a file to a person's; what is done here stays done."""
        self._write(lambda connection: _merge(connection, owner, progress))


def read_file(content: bytes) -> dict[StepKey, StepProgress]:
    """Return the progress of a file that `LessonStore.export` has written.

    Raises:
        DataError: where it is another file, damaged, or too large.
        ExperimentError: where a value in it is not allowed.
    """
    if len(content) > PROGRESS_MOST_BYTES:
        raise DataError(f"The file has more than {PROGRESS_MOST_BYTES:,} bytes. {_EXPECTED}")
    try:
        found = json.loads(content)
        if found["format"] != FORMAT or len(found["steps"]) > LESSON_STEPS_MOST:
            raise DataError(f"The file's format must be {FORMAT!r}, with at most {LESSON_STEPS_MOST:,} steps.")
        return dict(map(_read_step, found["steps"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"The file holds no progress, or is damaged. {_EXPECTED}") from error


def _read_step(line: Mapping[str, Any]) -> tuple[StepKey, StepProgress]:
    key = (checked_key("lesson", str(line["lesson"])), checked_key("step", str(line["step"])))
    return key, _checked(StepProgress(line["state"], line["predicted"], line["proof"], line["changed_at"]))


def _checked(progress: StepProgress) -> StepProgress:
    _check("state", progress.state in STATES, f"one of {', '.join(STATES)}", progress.state)
    predicted, proof, at = progress.predicted, progress.proof, progress.changed_at
    is_choice = predicted is None or (type(predicted) is int and 0 <= predicted < _CHOICES_MOST)
    _check("predicted", is_choice, f"a whole number from 0, below {_CHOICES_MOST}", predicted)
    is_key = proof is None or (isinstance(proof, str) and _PROOF.fullmatch(proof) is not None)
    _check("proof", is_key, "the key of a run", proof)
    is_time = type(at) in (int, float) and 0 <= at <= _LATEST
    _check("changed_at", is_time, "seconds since 1970", at)
    return progress


def _check(name: str, is_allowed: bool, expected: str, received: object) -> None:
    if not is_allowed:
        raise ExperimentError(name, expected, received)


def _merge(connection: Connection, owner: str, progress: Mapping[StepKey, StepProgress]) -> None:
    merge_progress(connection, person_of(connection, owner, time.time()), progress)


def _execute(connection: Connection, statement: Any) -> None:
    connection.execute(statement)
