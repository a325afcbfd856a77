"""Version 1: people, servers, runs and what is kept of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _run_id() -> sa.Column[int]:
    return sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)


def upgrade() -> None:
    """Make the tables."""
    _make_people_and_servers()
    _make_runs()
    _make_parts()


def _make_people_and_servers() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_table(
        "server",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
    )


def _make_runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(32), nullable=False, unique=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("server_id", sa.String(32)),
        sa.Column("share", sa.String(64), unique=True),
        sa.Column("made_name", sa.Text, nullable=False),
        sa.Column("given_name", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("starred", sa.Boolean, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("deleted_at", sa.Float),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("experiment", sa.Text, nullable=False),
        sa.Column("data", sa.String(32), nullable=False),
        sa.Column("layers", sa.Text, nullable=False),
        sa.Column("parameters", sa.Integer),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("best_epoch", sa.Integer, nullable=False),
        sa.Column("best_loss", sa.Float),
        sa.Column("best_score", sa.Float),
        sa.Column("last_loss", sa.Float),
        sa.Column("last_score", sa.Float),
        sa.Column("edit_count", sa.Integer, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("preparation", sa.LargeBinary),
    )
    op.create_index("run_of_person", "run", ["person_id", "created_at"])


def _make_parts() -> None:
    op.create_table(
        "plan",
        _run_id(),
        sa.Column("epoch", sa.Integer, primary_key=True),
        sa.Column("experiment", sa.Text, nullable=False),
    )
    op.create_table(
        "history",
        _run_id(),
        sa.Column("first_row", sa.Integer, primary_key=True),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "weights",
        _run_id(),
        sa.Column("which", sa.String(4), primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "edit",
        _run_id(),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary),
    )
    op.create_table("tag", _run_id(), sa.Column("name", sa.Text, primary_key=True))
    op.create_index("tag_name", "tag", ["name"])
    op.create_table(
        "setting",
        _run_id(),
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("number", sa.Float),
    )
    op.create_index("setting_number", "setting", ["key", "number"])
