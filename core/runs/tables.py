"""The tables of the newest version; `core.runs.migrations` brings older databases here."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()


def _run_id() -> Column[int]:
    return Column("run_id", Integer, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)


# `key` is the SHA-256 of a browser's cookie: who reads the database cannot pretend to be a person.
person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("seen_at", Float, nullable=False),
)

# A server that writes. Its runs are interrupted when it is dead.
server = Table(
    "server",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Float, nullable=False),  # as the system knows it: another process may get the number
    Column("seen_at", Float, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(32), nullable=False, unique=True),
    Column("person_id", Integer, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("server_id", String(32)),  # that trains it, while it goes on
    Column("share", String(64), unique=True),
    Column("made_name", Text, nullable=False),  # what differs from the person's run before
    Column("given_name", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("starred", Boolean, nullable=False, default=False),
    Column("searched", Text, nullable=False),  # names, note, tags and settings, in lower case
    Column("status", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("deleted_at", Float),  # for an hour it can be brought back
    Column("seconds", Float, nullable=False),
    Column("experiment", Text, nullable=False),  # JSON, the one in force in the end
    Column("data", String(32), nullable=False),  # its data set and hidden layers, for the table
    Column("layers", Text, nullable=False),
    Column("parameters", Integer),
    Column("epoch", Integer, nullable=False),
    Column("best_epoch", Integer, nullable=False),
    Column("best_loss", Float),
    Column("best_score", Float),
    Column("last_loss", Float),
    Column("last_score", Float),
    Column("edit_count", Integer, nullable=False, default=0),
    Column("bytes", Integer, nullable=False, default=0),
    Column("fingerprint", String(32), nullable=False, default=""),
    Column("preparation", LargeBinary),  # JSON, deflated
    Index("run_of_person", "person_id", "created_at"),
)

# The experiment in force from each epoch on, as JSON.
plan = Table(
    "plan",
    metadata,
    _run_id(),
    Column("epoch", Integer, primary_key=True),
    Column("experiment", Text, nullable=False),
)

# Blocks of rows of a history: float32, little-endian, row by row. A run that has ended has one block.
history = Table(
    "history",
    metadata,
    _run_id(),
    Column("first_row", Integer, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# `data` is an .npz file without pickles.
weights = Table(
    "weights",
    metadata,
    _run_id(),
    Column("which", String(4), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Changes by hand. `data` is an .npz file where the edit is a `Begin`.
edit = Table(
    "edit",
    metadata,
    _run_id(),
    Column("place", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("value", Text, nullable=False),  # JSON
    Column("data", LargeBinary),
)

tag = Table("tag", metadata, _run_id(), Column("name", Text, primary_key=True), Index("tag_name", "name"))

# The settings of the experiment in force in the end, by their keys in the address; `number` where they are one.
setting = Table(
    "setting",
    metadata,
    _run_id(),
    Column("key", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("number", Float),
    Index("setting_number", "key", "number"),
)

# A study; its runs are lines of `study_member` and not of `run`.
study = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(32), nullable=False, unique=True),
    Column("person_id", Integer, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("server_id", String(32)),  # that trains it, while it goes on
    Column("name", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("plan", Text, nullable=False),  # JSON
    Column("status", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("deleted_at", Float),  # for an hour it can be brought back
    Column("seconds", Float, nullable=False),
    Column("total", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
    Column("best", Float),
    Column("bytes", Integer, nullable=False),
    Index("study_of_person", "person_id", "created_at"),
)

study_member = Table(
    "study_member",
    metadata,
    Column("study_id", Integer, ForeignKey("study.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("member", Text, nullable=False),  # JSON, where the plan does not say what the run trains; else ""
    Column("status", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("history", LargeBinary, nullable=False),  # float32, little-endian, row by row, deflated
    Column("surface", LargeBinary),  # an .npy file without pickles, deflated
)

# A step of a lesson that a person has begun, done or skipped. `proof` is the key of the run or study that reached its
# goal; it may be gone, or on another machine.
lesson_step = Table(
    "lesson_step",
    metadata,
    Column("person_id", Integer, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("lesson", String(60), primary_key=True),
    Column("step", String(60), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("predicted", Integer),
    Column("proof", String(32)),
    Column("changed_at", Float, nullable=False),
    Index("lesson_step_proof", "proof"),
)
