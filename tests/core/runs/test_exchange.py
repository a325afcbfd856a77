"""All runs as one file and back, one run as a bundle, the table as CSV, and the command."""

import io
import json
import zipfile

import numpy as np
import pytest

from core import bounded_process
from core.__main__ import main
from core.errors import DataError, HiddenLayersError
from core.experiment import read_query, to_json
from core.messages.edits import Begin, SetWeight
from core.messages.updates import FINISHED, INTERRUPTED, RUNNING
from core.runs.database import DATABASE_VARIABLE, writing
from core.runs.exchange import bundle_of, keep_runs, read_runs, write_runs
from core.runs.recording import write_change
from core.runs.run_table import runs_csv
from core.runs.values import BEST, LAST
from core.trained.bundle import load_bundle
from tests.core.runs.changes import ME, MOONS, OTHER, change, finished, key, random_weights, rows, trained


@pytest.fixture
def write(engine):
    def write(*changes) -> None:
        for one in changes:
            with writing(engine) as connection:
                write_change(connection, one, "s" * 32)

    return write


def exported(store) -> bytes:
    file = io.BytesIO()
    write_runs(store, ME, file)
    return file.getvalue()


def test_all_runs_travel_as_one_file(store, write):
    begin = Begin(random_weights(read_query(MOONS), 5))
    edits = ((0, begin), (3, SetWeight("output/bias", (0,), 0.5)))
    write(
        finished("a", at=1.0, trained=trained(edits=edits), edits=edits),
        finished("b", f"{MOONS}&lr=0.1", at=2.0),
        change("c", at=3.0, status=RUNNING),
    )
    store.note(ME, key("a"), "a note")
    store.tag(ME, key("a"), ["good"])
    store.star(ME, key("a"), True)
    content = exported(store)
    names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    assert {"runs.json", "1-last.zip", "1-best.zip", "1-begin.zip", "2-last.zip", "3.csv"} <= names
    assert keep_runs(store, ME, read_runs(content)) == 0  # they are there
    assert keep_runs(store, OTHER, read_runs(content)) == 3
    first, second, third = store.runs(OTHER, sort="oldest")
    assert (first.name, first.note, first.tags, first.starred) == (
        "Moons, layers tanh-4,tanh-2",
        "a note",
        ("good",),
        True,
    )
    assert [run.status for run in (first, second, third)] == [FINISHED, FINISHED, INTERRUPTED]
    mine, theirs = store.run(ME, key("a")), store.run(OTHER, first.key)
    assert first.key != key("a")
    assert (theirs.history, theirs.plan) == (mine.history, mine.plan)
    assert theirs.edits[1:] == mine.edits[1:]
    assert np.array_equal(theirs.edits[0][1].weights["output/kernel"], begin.weights["output/kernel"])
    for which in (LAST, BEST):
        a, b = store.weights(ME, key("a"), which), store.weights(OTHER, first.key, which)
        assert a.epoch == b.epoch
        assert all(np.array_equal(b.arrays[name], array) for name, array in a.arrays.items())
    assert store.run(OTHER, third.key).history == store.run(ME, key("c")).history


def test_a_bundle_of_the_best_epoch_ends_there(store, write):
    write(finished("a"))
    run = store.run(ME, key("a"))
    bundle = bundle_of(run, store.weights(ME, key("a"), BEST))
    assert len(bundle.history["loss"]) == 7
    assert bundle.experiment == read_query(MOONS)
    write(change("b"))
    with pytest.raises(HiddenLayersError, match="interrupted"):
        bundle_of(store.run(ME, key("b")), store.weights(ME, key("a"), LAST))


def changed(content: bytes, **values: object) -> bytes:
    """Return an export whose first run has other values."""
    source, out = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name == "runs.json":
                listed = json.loads(data)
                listed["runs"][0] |= values
                data = json.dumps(listed).encode()
            archive.writestr(name, data)
    return out.getvalue()


def test_nothing_in_an_uploaded_file_is_trusted(store, write):
    write(finished("a"))
    content = exported(store)
    other = read_query("data=moons&layers=tanh-9")
    for wrong in (
        b"text",
        b"PK\x03\x04 nothing",
        content[:-100],
        changed(content, created_at=1e300),
        changed(content, created_at="now"),
        changed(content, seconds=float("nan")),
        changed(content, status="great"),
        changed(content, key="../../etc"),
        changed(content, plan=[]),
        changed(content, plan=[[0, "{}"]]),
        changed(content, plan=[[0, to_json(other)]]),
        changed(content, edits=[[0, '{"kind": "begin"}']]),
        changed(content, edits=[[0, '{"kind": "exec"}']]),
        changed(content, edits=[[0, "[1]"]]),
        changed(content, name="x" * 1000),
        changed(content, tags=["a b"]),
        changed(content, number=77),
    ):
        with pytest.raises(HiddenLayersError):
            read_runs(wrong)
    with pytest.raises(DataError, match=r"must hold runs\.json"):
        read_runs(empty_zip())


def test_an_uploaded_file_is_read_in_a_bounded_process(store, write):
    write(finished("a"))
    content = exported(store)
    bounded_process.start(("core.runs.exchange",))
    try:
        (run,) = read_runs(content)
        with pytest.raises(DataError, match="damaged"):
            read_runs(content[:-100])
    finally:
        bounded_process.stop()
    assert keep_runs(store, OTHER, [run]) == 1
    assert store.runs(OTHER)[0].epoch == 10


def empty_zip() -> bytes:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").writestr("a", "b")
    return out.getvalue()


def test_the_csv_of_the_table_runs_nothing_in_a_spreadsheet(store, write):
    write(finished("a"))
    store.rename(ME, key("a"), '=HYPERLINK("https://evil.example")')
    store.note(ME, key("a"), "@sum(a1)")
    header, line = runs_csv(store.runs(ME)).decode().splitlines()
    assert header.startswith("name,status,started,data,layers")
    assert line.startswith("\"'=HYPERLINK(")
    assert "'@sum(a1)" in line
    assert "1970-01-01T00:16:40+00:00" in line


@pytest.fixture
def command(url, store, write, monkeypatch, capsysbinary):
    """Run `python -m core runs …` on two runs; return what it prints."""
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    write(finished("a", at=1.0), change("b", f"{MOONS}&lr=0.1", at=2.0))

    def run(*arguments: str, status: int = 0) -> str:
        assert main(["runs", *arguments]) == status
        out, err = capsysbinary.readouterr()
        return (err if status else out).decode()

    return run


def test_the_command_lists_and_shows_runs(command):
    first, second = command("list").splitlines()
    assert first.startswith(f"{key('b')[:8]}   running     best 0.030 (epoch 3)    last 0.030  learning rate 0.1")
    assert second.startswith(f"{key('a')[:8]}   finished")
    assert [run["key"] for run in json.loads(command("list", "--search", "lr<0.1", "--json"))] == [key("a")]
    assert len(command("list", "--csv").splitlines()) == 3
    shown = json.loads(command("show", key("a")[:6], "--json"))
    assert np.array_equal(np.array(shown["history"]["val_loss"], np.float32), rows(0, 10)[:, 2])
    assert "best_epoch       10" in command("show", key("a"))


def test_the_command_exports_and_deletes_runs(command, tmp_path):
    out = tmp_path / "out.zip"
    command("export", key("a"), "-o", str(out))
    assert len(load_bundle(out.read_bytes()).history["loss"]) == 10
    command("export", key("a"), "--best", "-o", str(out))
    assert len(load_bundle(out.read_bytes()).history["loss"]) == 7
    command("export", "-o", str(out))
    assert len(read_runs(out.read_bytes())) == 2
    assert command("delete", key("a")) == "1 deleted\n"
    assert len(command("list").splitlines()) == 1


def test_the_command_imports_runs_for_the_only_person_or_one_that_is_named(command, tmp_path, store, write):
    file = tmp_path / "runs.zip"
    command("export", "-o", str(file))
    assert command("import", str(file)) == "0 of 2 added\n"
    command("delete", key("a"))
    write(finished("c", owner=OTHER))
    assert "--beside" in command("import", str(file), status=2)
    assert command("import", str(file), "--beside", key("c")[:8]) == "2 of 2 added\n"
    moons = "Moons, layers tanh-4,tanh-2"
    assert sorted(run.name for run in store.runs(OTHER)) == [moons, moons, "learning rate 0.1"]
    assert [run.key for run in store.runs(ME)] == [key("b")]


def test_there_must_be_somebody_who_gets_imported_runs(url, store, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    file = tmp_path / "runs.zip"
    with file.open("wb") as out:
        write_runs(store, None, out)
    assert main(["runs", "import", str(file)]) == 2
    assert capsys.readouterr().err.startswith("error: Nobody has runs here yet.")


def test_the_command_says_in_one_line_what_is_wrong(command, monkeypatch):
    for arguments in (
        ("show", "f" * 32),
        ("show", ""),
        ("list", "--search", "hue=red"),
        ("list", "--sort", "colour"),
        ("export", key("b"), "-o", "-"),
    ):
        assert command(*arguments, status=2).startswith("error: ")
    monkeypatch.setenv(DATABASE_VARIABLE, "mysql://me:secret@host/runs")
    error = command("list", status=2)
    assert len(error.splitlines()) == 1
    assert "secret" not in error
