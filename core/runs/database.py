"""The database of the run store: a file in the app's home, or the PostgreSQL that a variable names."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from core.datasets.downloads import home
from core.errors import RunsError
from core.runs.limits import LOCK_SECONDS

DATABASE_VARIABLE = "HIDDEN_LAYERS_DATABASE"
# Where Alembic notes the version of our tables. Its usual name, below, is Optuna's, which has its tables beside ours.
VERSION_TABLE = "hidden_layers_version"

_FIRST_VERSION_TABLE = "alembic_version"
_FILE = "runs.db"
_MIGRATIONS = Path(__file__).with_name("migrations")
_MIGRATION_LOCK = 0x68_6C_72_75  # any number that nobody else locks: one server at a time changes the tables
_CONNECT_SECONDS = 5
# A connection whose other end has silently gone is given up, not waited for.
_POSTGRESQL = {
    "connect_timeout": _CONNECT_SECONDS,
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
_WRITES = "hidden_layers_writes"


def database_url() -> URL:
    """Return where the runs are kept.

    Raises:
        RunsError: where DATABASE_VARIABLE names another kind of database.
    """
    named = os.environ.get(DATABASE_VARIABLE, "")
    if not named:
        return URL.create("sqlite", database=str(home() / _FILE))
    expected = f"`{DATABASE_VARIABLE}` must be postgresql+psycopg://USER:PASSWORD@HOST/NAME or sqlite:///FILE."
    try:
        url = make_url(named)
    except ArgumentError as error:  # whose text may hold the password
        raise RunsError(expected) from error
    if url.drivername not in ("postgresql+psycopg", "sqlite"):
        raise RunsError(f"{expected} Received: {url.drivername}.")
    return url


def open_engine(url: URL) -> Engine:
    """Return an engine with our settings; nothing is connected yet.

    Raises:
        RunsError: where the driver is not installed, or there is no room for the file's folder.
    """
    try:
        if url.get_backend_name() == "sqlite":
            return _open_sqlite(url)
        return create_engine(url, pool_pre_ping=True, pool_timeout=_CONNECT_SECONDS, connect_args=_POSTGRESQL)
    except (ImportError, NoSuchModuleError) as error:
        raise RunsError("The driver of PostgreSQL is not installed: pip install 'psycopg[binary]'.") from error
    except OSError as error:
        raise RunsError(f"The folder of the runs cannot be made ({error.strerror}).") from error


def upgrade(engine: Engine) -> None:
    """Bring the database to the present version; an empty one becomes one.

    Raises:
        RunsError: where it is away, damaged, or of a later version.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        _move_version(connection, config)
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise RunsError(f"The database of the runs is of a later version of Hidden Layers ({error}).") from error


def _move_version(connection: Connection, config: Config) -> None:
    """Move the version of a database from before Optuna into the table that it has now.

    Renaming the table would leave its key under a name that PostgreSQL gives only once.
    """
    if connection.dialect.has_table(connection, VERSION_TABLE):
        return
    version = MigrationContext.configure(connection).get_current_revision()
    if version in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
        command.stamp(config, version)
        connection.execute(text(f"DROP TABLE {_FIRST_VERSION_TABLE}"))


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection to read with.

    Raises:
        RunsError: where the database is away.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise away(error) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection to write with, all of it or nothing.

    Raises:
        RunsError: where the database is away, full, or somebody else writes for too long.
    """
    try:
        with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
            yield connection
    except SQLAlchemyError as error:
        raise away(error) from error


def away(error: SQLAlchemyError) -> RunsError:
    """Return what a person is told of a database's error: without a server's address, which PostgreSQL's words hold."""
    found = error.orig if isinstance(error, DBAPIError) else error
    words = f": {found}" if isinstance(found, sqlite3.Error) else ""
    return RunsError(f"The database of the runs does not answer ({type(found).__name__}{words}).")


def _open_sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # `begin` below says when a transaction begins
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes then would fail at once where another one has written meanwhile.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
