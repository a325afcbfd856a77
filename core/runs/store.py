"""What pages and commands ask of the run store: a person's runs, and what the person writes on them."""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select, update
from sqlalchemy import true as always

from core.errors import ExperimentError, NoRunError, RunsError
from core.experiment import Experiment, from_json, menus, to_json
from core.messages.updates import FINISHED, INTERRUPTED
from core.runs import search, tables
from core.runs.database import database_url, open_engine, reading, upgrade, writing
from core.runs.kept_edits import read_edit
from core.runs.kept_weights import read_weights, rows_from_bytes
from core.runs.limits import BYTES_MOST, NAME_MOST, NOTE_MOST, RUNS_MOST, TAG_MOST, TAGS_MOST, UNDO_SECONDS
from core.runs.recording import key_of, person_of, read_rows, refresh_searched, set_tags
from core.runs.search import Search
from core.runs.values import LAST, KeptRun, RunSketch, RunSummary, RunWeights, Usage

Result = TypeVar("Result")


class Write(Protocol):
    """Has a function write to the database, and returns what it returns."""

    def __call__(self, change: Callable[[Connection], Result], /) -> Result: ...


class RunStore:
    """The runs of all people. Safe to use from any thread.

    Every method takes the browser whose runs it is about; None stands for whoever runs the server, who sees all. A run
    of somebody else is as one that does not exist.

    Args:
        engine: of a database of the present version.
        write: has the one thread that writes on a server make a change; without it, changes are made here.

    Raises:
        NoRunError: from every method that takes a run's key, where there is no such run.
        RunsError: from every method, where the database does not answer.
    """

    def __init__(self, engine: Engine, write: Write | None = None) -> None:
        self._engine = engine
        self._write: Write = write or self._write_here

    @classmethod
    def open(cls) -> RunStore:
        """Return the store of this machine, for a process that trains nothing.

        Raises:
            RunsError: where there is no database that can be used.
        """
        engine = open_engine(database_url())
        upgrade(engine)
        return cls(engine)

    # Reading

    def runs(
        self,
        owner: str | None,
        wanted: Search | None = None,
        sort: str = "newest",
        most: int | None = None,
        first: int = 0,
    ) -> list[RunSummary]:
        """Return a person's runs, without those that were deleted.

        Args:
            sort: one of `core.runs.search.SORTS`.
            most: how many, at most.
            first: how many are left out before them.
        """
        if sort not in search.SORTS:
            raise ExperimentError("sort", f"one of {', '.join(search.SORTS)}", sort)
        run = tables.run
        order = (search.SORTS[sort], run.c.id.desc())
        # The order is found from few columns; then what is shown is read of those runs alone.
        ids = select(run.c.id).where(*_found(owner, wanted)).order_by(*order).limit(most).offset(first or None)
        query = select(*_SUMMARY).where(run.c.id.in_(ids)).order_by(*order)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
            tags = _tags(connection, owner, [row.id for row in rows])
        return [_summary(row, tags.get(row.id, ())) for row in rows]

    def count(self, owner: str | None, wanted: Search | None = None) -> int:
        """Return how many runs `runs` would return, without `most`."""
        query = select(func.count()).select_from(tables.run).where(*_found(owner, wanted))
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def which(self, owner: str | None, wanted: Search | None, keys: Collection[str]) -> set[str]:
        """Return those of some runs, by their keys, that `runs` would return."""
        query = select(tables.run.c.key).where(tables.run.c.key.in_(keys), *_found(owner, wanted))
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars()) if keys else set()

    def run(self, owner: str | None, key: str) -> KeptRun:
        """Return a run with its history, plan and edits."""
        with reading(self._engine) as connection:
            return _kept(connection, _row(connection, _is_of(owner), tables.run.c.key == key))

    def newest(self, owner: str, experiment: Experiment) -> KeptRun | None:
        """Return a person's newest run of an experiment, or None where there is none."""
        run = tables.run
        same = (_is_of(owner), run.c.experiment == to_json(experiment), run.c.deleted_at.is_(None))
        query = select(run).where(*same).order_by(run.c.created_at.desc(), run.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
            return None if row is None else _kept(connection, row)

    def interrupted(self, owner: str, experiment: Experiment) -> KeptRun | None:
        """Return a person's newest run of an experiment where that was interrupted, so that it can go on."""
        kept = self.newest(owner, experiment)
        return kept if kept is not None and kept.summary.status == INTERRUPTED else None

    def finished(self, owner: str, experiments: Iterable[Experiment]) -> dict[Experiment, RunSummary]:
        """Return a person's newest finished run of each experiment, without tags; not those changed by hand."""
        run, texts = tables.run, {to_json(one): one for one in experiments}
        same = run.c.experiment.in_(texts), run.c.status == FINISHED, run.c.edit_count == 0
        found = _is_of(owner), run.c.deleted_at.is_(None), *same
        query = select(*_SUMMARY).where(*found).order_by(run.c.created_at, run.c.id)
        with reading(self._engine) as connection:
            return {texts[row.experiment]: _summary(row, ()) for row in connection.execute(query)}

    def shared(self, token: str) -> KeptRun:
        """Return the run of a link, which anybody may read."""
        with reading(self._engine) as connection:
            return _kept(connection, _row(connection, tables.run.c.share == token))

    def weights(self, owner: str | None, key: str, which: str) -> RunWeights | None:
        """Return the weights of a run's last or best epoch, or None where they are not kept."""
        kept = tables.weights
        with reading(self._engine) as connection:
            run_id = _row(connection, _is_of(owner), tables.run.c.key == key).id
            row = connection.execute(select(kept).where(kept.c.run_id == run_id, kept.c.which == which)).first()
        return None if row is None else RunWeights(row.epoch, read_weights(row.data))

    def sketches(self, owner: str | None, keys: Sequence[str]) -> dict[str, RunSketch]:
        """Return what the small pictures of some runs are made of, by their keys; runs of others are left out."""
        run, kept, rows = tables.run, tables.weights, tables.history
        wanted = select(run.c.id, run.c.key, run.c.experiment, run.c.preparation).where(run.c.key.in_(keys))
        with reading(self._engine) as connection:
            about = connection.execute(wanted.where(_is_of(owner))).all()
            ids = [row.id for row in about]
            of_last = select(kept).where(kept.c.run_id.in_(ids), kept.c.which == LAST)
            weights = {row.run_id: row for row in connection.execute(of_last)}
            of_rows = select(rows.c.run_id, rows.c.data).where(rows.c.run_id.in_(ids))
            blocks: dict[int, bytes] = {}
            for row in connection.execute(of_rows.order_by(rows.c.run_id, rows.c.first_row)):
                blocks[row.run_id] = blocks.get(row.run_id, b"") + row.data
        return {row.key: _sketch(row, blocks.get(row.id, b""), weights.get(row.id)) for row in about}

    def usage(self, owner: str) -> Usage:
        """Return how much a person has kept, and may keep."""
        run = tables.run
        query = select(func.count(), func.coalesce(func.sum(run.c.bytes), 0)).where(_is_of(owner))
        with reading(self._engine) as connection:
            runs, size = connection.execute(query).one()
        return Usage(runs, int(size), RUNS_MOST, BYTES_MOST)

    def tags(self, owner: str) -> list[str]:
        """Return the tags that a person uses, in alphabetical order."""
        tag, run = tables.tag, tables.run
        query = select(tag.c.name).distinct().join(run, run.c.id == tag.c.run_id)
        with reading(self._engine) as connection:
            found = connection.execute(query.where(_is_of(owner), run.c.deleted_at.is_(None))).scalars()
            return sorted(found)

    # What a person writes on a run

    def rename(self, owner: str | None, key: str, name: str) -> None:
        """Give a run a name; "" gives it back the one it got by itself.

        Raises:
            ExperimentError: where it is no line of at most NAME_MOST characters.
        """
        self._set(owner, key, given_name=checked_name(name))

    def note(self, owner: str | None, key: str, text: str) -> None:
        """Replace what a person wrote about a run.

        Raises:
            ExperimentError: where it is too long.
        """
        self._set(owner, key, note=checked_note(text))

    def star(self, owner: str | None, key: str, on: bool) -> None:
        """Give a run a star, with which it is never deleted to make room, or take the star away."""
        self._set(owner, key, starred=on)

    def tag(self, owner: str | None, key: str, tags: Iterable[str]) -> None:
        """Replace a run's tags.

        Raises:
            ExperimentError: where one is empty or has spaces, or there are too many.
        """
        names = checked_tags(tags)

        def write(connection: Connection) -> None:
            set_tags(connection, _row(connection, _is_of(owner), tables.run.c.key == key).id, names)

        self._write(write)

    def share(self, owner: str | None, key: str) -> str:
        """Return the token of a run's link, which cannot be guessed; whoever has it may read the run, and no more."""

        def write(connection: Connection) -> str:
            row = _row(connection, _is_of(owner), tables.run.c.key == key)
            token = row.share or secrets.token_urlsafe(24)
            connection.execute(update(tables.run).where(tables.run.c.id == row.id).values(share=token))
            return str(token)

        return self._write(write)

    def unshare(self, owner: str | None, key: str) -> None:
        """End a run's link; sharing it again makes another one."""
        self._set(owner, key, share=None)

    def delete(self, owner: str | None, keys: Sequence[str]) -> int:
        """Delete runs, which for UNDO_SECONDS can be brought back; return how many."""
        return self._set_deleted(owner, keys, time.time())

    def bring_back(self, owner: str | None, keys: Sequence[str]) -> int:
        """Undo a delete, and return how many runs are back."""
        return self._set_deleted(owner, keys, None)

    def keep_all(self, owner: str | None, add: Callable[[Connection, int], Result], beside: str = "") -> Result:
        """Have a function add runs to a person, whose number it is called with: all of them or none.

        Args:
            beside: for whoever runs the server, a run of the person who gets them; "" for the only person there is.

        Raises:
            RunsError: where nobody is named, and there is not exactly one person.
        """

        def write(connection: Connection) -> Result:
            if owner is not None:
                return add(connection, person_of(connection, owner, time.time()))
            if beside:
                return add(connection, _row(connection, tables.run.c.key == beside).person_id)
            people = connection.execute(select(tables.person.c.id).limit(2)).scalars().all()
            if len(people) != 1:
                raise RunsError(_MANY_PEOPLE if people else _NOBODY)
            return add(connection, people[0])

        return self._write(write)

    def _set(self, owner: str | None, key: str, **values: Any) -> None:
        def write(connection: Connection) -> None:
            run_id = _row(connection, _is_of(owner), tables.run.c.key == key).id
            connection.execute(update(tables.run).where(tables.run.c.id == run_id).values(**values))
            refresh_searched(connection, run_id)

        self._write(write)

    def _set_deleted(self, owner: str | None, keys: Sequence[str], at: float | None) -> int:
        run = tables.run
        oldest = time.time() - UNDO_SECONDS
        is_other = run.c.deleted_at.is_(None) if at is not None else run.c.deleted_at > oldest
        change = update(run).where(_is_of(owner), run.c.key.in_(keys), is_other).values(deleted_at=at)
        return self._write(lambda connection: int(connection.execute(change).rowcount))

    def _write_here(self, change: Callable[[Connection], Result]) -> Result:
        with writing(self._engine) as connection:
            return change(connection)


def checked_name(name: str) -> str:
    """Return a name as it is kept; raises `ExperimentError` where it is too long or has several lines."""
    name = name.strip()
    if len(name) > NAME_MOST or not name.isprintable():
        raise ExperimentError("name", f"one line of at most {NAME_MOST} characters", name)
    return name


def checked_note(text: str) -> str:
    """Return a note as it is kept; raises `ExperimentError` where it is too long."""
    text = "".join(letter for letter in text.strip() if letter.isprintable() or letter in "\n\t")
    if len(text) > NOTE_MOST:
        raise ExperimentError("note", f"at most {NOTE_MOST} characters", text)
    return text


def checked_tags(tags: Iterable[str]) -> list[str]:
    """Return tags as they are kept; raises `ExperimentError` where one has spaces, or there are too many."""
    names = sorted({name.strip().lower() for name in tags})
    if len(names) > TAGS_MOST:
        raise ExperimentError("tags", f"at most {TAGS_MOST}", names)
    for name in names:
        if not name or len(name) > TAG_MOST or not name.isprintable() or " " in name:
            raise ExperimentError("tags", f"words of at most {TAG_MOST} characters without spaces", name)
    return names


_TAGGED_MOST = 500  # runs whose tags are asked for one by one
_NOBODY = "Nobody has runs here yet. Train one in the app, so that there is somebody who gets these."
_MANY_PEOPLE = "Several people have runs here. `--beside` must name a run of the one who gets these."
_SUMMARY = [column for column in tables.run.c if column.name not in ("preparation", "searched")]


def _is_of(owner: str | None) -> ColumnElement[bool]:
    if owner is None:
        return always()
    person = tables.person
    return tables.run.c.person_id == select(person.c.id).where(person.c.key == key_of(owner)).scalar_subquery()


def _row(connection: Connection, *conditions: ColumnElement[bool]) -> Row[Any]:
    row = connection.execute(select(tables.run).where(*conditions, tables.run.c.deleted_at.is_(None))).first()
    if row is None:
        raise NoRunError("There is no such run, or it was deleted, or it is another person's.")
    return row


def _found(owner: str | None, wanted: Search | None) -> tuple[ColumnElement[bool], ...]:
    return _is_of(owner), tables.run.c.deleted_at.is_(None), search.matches(wanted or Search())


def _tags(connection: Connection, owner: str | None, run_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the tags of runs of a person, by the runs' numbers; with many runs, those of all the person's runs."""
    tag, run = tables.tag, tables.run
    query = select(tag).order_by(tag.c.name)
    if len(run_ids) > _TAGGED_MOST:
        query = query.join(run, run.c.id == tag.c.run_id).where(_is_of(owner))
    else:
        query = query.where(tag.c.run_id.in_(run_ids))
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(query):
        found[row.run_id] = (*found.get(row.run_id, ()), row.name)
    return found


def _summary(row: Row[Any], tags: tuple[str, ...]) -> RunSummary:
    return RunSummary(
        key=row.key,
        name=row.given_name or row.made_name,
        note=row.note,
        tags=tags,
        starred=row.starred,
        status=row.status,
        message=row.message,
        created_at=row.created_at,
        seconds=row.seconds,
        experiment_text=row.experiment,
        data=row.data,
        layers=row.layers,
        parameters=row.parameters,
        epoch=row.epoch,
        best_epoch=row.best_epoch,
        best_loss=row.best_loss,
        best_score=row.best_score,
        last_loss=row.last_loss,
        last_score=row.last_score,
        edit_count=row.edit_count,
        bytes=row.bytes,
    )


def _sketch(row: Any, blocks: bytes, weights: Row[Any] | None) -> RunSketch:
    names = menus.HISTORY[from_json(row.experiment).data.task]
    return RunSketch(
        losses=rows_from_bytes(blocks, len(names))[:, names.index("val_loss")],
        weights=None if weights is None else RunWeights(weights.epoch, read_weights(weights.data)),
        preparation=zlib.decompress(row.preparation).decode() if row.preparation else "",
    )


def _kept(connection: Connection, row: Row[Any]) -> KeptRun:
    summary = _summary(row, _tags(connection, None, [row.id]).get(row.id, ()))
    names = menus.HISTORY[summary.experiment.data.task]
    rows = read_rows(connection, row.id, len(names))
    edit, plan, kept = tables.edit, tables.plan, tables.weights
    edits = connection.execute(select(edit).where(edit.c.run_id == row.id).order_by(edit.c.place)).all()
    lines = connection.execute(select(plan).where(plan.c.run_id == row.id).order_by(plan.c.epoch)).all()
    which = connection.execute(select(kept.c.which).where(kept.c.run_id == row.id).order_by(kept.c.which.desc()))
    return KeptRun(
        summary=summary,
        history={name: rows[:, place].tolist() for place, name in enumerate(names)},
        plan=tuple((line.epoch, from_json(line.experiment)) for line in lines),
        edits=tuple((line.epoch, read_edit(line.value, line.data)) for line in edits),
        preparation=zlib.decompress(row.preparation).decode() if row.preparation else "",
        fingerprint=row.fingerprint,
        weights_of=tuple(which.scalars()),
        share=row.share or "",
    )
