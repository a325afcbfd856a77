"""Version 3: how far people have come in lessons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "lesson_step",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("lesson", sa.String(60), primary_key=True),
        sa.Column("step", sa.String(60), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("predicted", sa.Integer),
        sa.Column("proof", sa.String(32)),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Index("lesson_step_proof", "proof"),
    )
