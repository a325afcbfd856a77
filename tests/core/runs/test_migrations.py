"""Databases of every version open in this one."""

import shutil
from pathlib import Path

import optuna
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url, text

from core.errors import RunsError
from core.runs.database import (
    DATABASE_VARIABLE,
    VERSION_TABLE,
    database_url,
    open_engine,
    reading,
    upgrade,
    writing,
)
from core.runs.store import RunStore
from core.runs.tables import metadata
from core.runs.values import BEST, LAST
from tests.core.runs.changes import ME, key

FIRST = Path(__file__).with_name("version_1.db")


def test_the_migrations_make_the_tables_that_the_store_uses(engine):
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
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


def test_the_version_of_a_database_from_before_optuna_moves_to_its_own_table(engine):
    with writing(engine) as connection:
        at = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": at})
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all() == [at]
        assert "alembic_version" not in inspect(connection).get_table_names()


@pytest.mark.parametrize("first", ["ours", "optuna"])
def test_optuna_has_its_tables_in_the_same_database(url, first):
    engine = open_engine(make_url(url))
    if first == "ours":
        upgrade(engine)
    search = optuna.create_study(storage=url, study_name="a search")
    search.tell(search.ask(), 0.5)
    upgrade(engine)
    again = optuna.load_study(storage=url, study_name="a search")
    assert [trial.value for trial in again.trials] == [0.5]
    assert RunStore(engine).runs(ME) == []
    engine.dispose()


def test_a_database_of_a_later_version_is_refused_in_words(engine):
    with writing(engine) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
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
