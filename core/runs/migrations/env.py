"""Run by Alembic: brings the database of the connection that it is given to another version."""

from __future__ import annotations

from alembic import context

from core.runs.database import VERSION_TABLE
from core.runs.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
