"""Run stores in a fresh database: every test runs on SQLite, and on PostgreSQL where the machine has it."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, make_url

from benchmarks.postgres import new_database, postgres, postgres_programs
from core.runs.database import DATABASE_VARIABLE, open_engine, upgrade
from core.runs.store import RunStore
from core.runs.writer import RunWriter


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"] if postgres_programs() else ["sqlite"])
def url(request, tmp_path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'runs.db'}"
    return new_database(request.getfixturevalue("postgres_address"), uuid.uuid4().hex)


@pytest.fixture
def engine(url) -> Iterator[Engine]:
    """A database of the present version."""
    engine = open_engine(make_url(url))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine) -> RunStore:
    return RunStore(engine)


@pytest.fixture
def start_writer(url, monkeypatch) -> Iterator[Callable[[], RunWriter]]:
    """Start the writer of one more server of the same database."""
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    started = []

    def start() -> RunWriter:
        started.append(RunWriter())
        started[-1].start()
        return started[-1]

    yield start
    for writer in started:
        writer.close()
