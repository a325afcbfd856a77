"""Databases of every version open in this one."""

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url, text

from core.errors import RunsError
from core.runs.database import DATABASE_VARIABLE, database_url, open_engine, reading, upgrade, writing
from core.runs.store import RunStore
from core.runs.tables import metadata
from core.runs.values import BEST, LAST
from tests.core.runs.changes import ME, key

FIRST = Path(__file__).with_name("version_1.db")


def test_the_migrations_make_the_tables_that_the_store_uses(engine):
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    upgrade(engine)  # changes nothing


def test_a_database_of_the_first_version_opens(tmp_path):
    shutil.copy(FIRST, tmp_path / "runs.db")
    engine = open_engine(make_url(f"sqlite:///{tmp_path / 'runs.db'}"))
    upgrade(engine)
    store = RunStore(engine)
    first, second = store.runs(ME, sort="oldest")
    assert (first.name, first.note, first.tags, first.starred) == ("kept", "a note", ("old",), True)
    assert second.name == "learning rate 0.1"
    run = store.run(ME, key("a"))
    assert len(run.history["val_loss"]) == run.summary.epoch == 10
    assert store.weights(ME, key("a"), LAST).epoch == 10
    assert store.weights(ME, key("a"), BEST).arrays["output/bias"].shape == (1,)
    assert len(run.edits) == 1
    engine.dispose()


def test_a_database_of_a_later_version_is_refused_in_words(engine):
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RunsError, match="later version"):
        upgrade(engine)


def test_an_error_never_tells_the_password(monkeypatch):
    for wrong in ("mysql://me:secret@host/runs", "postgresql+psycopg:me:secret", "secret"):
        monkeypatch.setenv(DATABASE_VARIABLE, wrong)
        with pytest.raises(RunsError, match="must be postgresql") as caught:
            database_url()
        assert "secret" not in str(caught.value)
    monkeypatch.setenv(DATABASE_VARIABLE, "postgresql+psycopg://me:secret@127.0.0.1:1/runs")
    with pytest.raises(RunsError, match="does not answer") as caught:
        upgrade(open_engine(database_url()))
    assert "secret" not in str(caught.value)
