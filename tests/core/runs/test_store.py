"""What the store keeps of runs, whose they are, and what a person can do with them; on every database."""

import numpy as np
import pytest

from core.errors import ExperimentError, NoRunError
from core.experiment import read_query
from core.messages.edits import Begin, Freeze, SetWeight, Silence, TakeStep, Undo
from core.messages.updates import FINISHED, INTERRUPTED, RUNNING, STOPPED
from core.runs import recording
from core.runs.database import writing
from core.runs.recording import hand_over, interrupt_runs_of, make_room, write_change
from core.runs.search import parse_search
from core.runs.values import BEST, DIVERGED, LAST
from tests.core.runs.changes import ME, MOONS, OTHER, change, finished, key, random_weights, rows, trained

SERVER = "a" * 32


@pytest.fixture
def write(engine):
    def write(*changes) -> None:
        for one in changes:
            with writing(engine) as connection:
                write_change(connection, one, SERVER)

    return write


def names(runs) -> list[str]:
    return [run.name for run in runs]


def test_a_run_is_kept_whole(store, write):
    experiment = read_query(MOONS)
    edits = (
        (0, Begin(random_weights(experiment, 3))),
        (2, SetWeight("output/bias", (0,), 0.1)),
        (2, Freeze(0, 1, True)),
        (3, Silence(1, 0, False)),
        (4, TakeStep(experiment, 4, (1, 5))),
        (5, TakeStep(experiment, 5, None)),
        (6, Undo()),
    )
    of_a_worker = trained(edits=edits)
    write(finished("a", trained=of_a_worker))
    run = store.run(ME, key("a"))
    summary = run.summary
    assert (summary.status, summary.epoch, summary.parameters, summary.edit_count) == (FINISHED, 10, 29, 7)
    assert (summary.best_epoch, summary.best_loss, summary.best_score) == (10, pytest.approx(0.1), pytest.approx(0.1))
    assert summary.experiment == experiment
    assert run.plan == ((0, experiment),)
    assert run.edits[1:] == edits[1:]
    assert run.edits[0][0] == 0
    begun = run.edits[0][1].weights
    assert all(np.array_equal(begun[name], array) for name, array in edits[0][1].weights.items())
    assert np.array_equal(np.array(list(run.history.values()), np.float32).T, rows(0, 10))
    assert (run.preparation, run.fingerprint) == (of_a_worker.preparation, of_a_worker.fingerprint)
    assert run.weights_of == (LAST, BEST)
    for which, kept in ((LAST, of_a_worker.last), (BEST, of_a_worker.best)):
        weights = store.weights(ME, key("a"), which)
        assert weights.epoch == kept.epoch
        assert list(weights.arrays) == list(kept.arrays)
        assert all(np.array_equal(weights.arrays[name], array) for name, array in kept.arrays.items())


def test_a_history_grows_and_is_replaced_from_any_row(store, write):
    write(change("a", count=3), change("a", first=3, count=3, plan=None), change("a", first=6, count=2, plan=None))
    assert len(store.run(ME, key("a")).history["loss"]) == 8
    new = change("a", first=4, count=1, plan=None)
    write(new)  # inside the second block
    history = np.array(list(store.run(ME, key("a")).history.values()), np.float32).T
    assert np.array_equal(history, rows(0, 5))
    write(change("a", first=0, count=2, plan=None))  # a replay
    assert store.run(ME, key("a")).history["val_loss"] == [1.0, 0.5]
    assert store.run(ME, key("a")).summary.status == RUNNING


def test_best_and_last_are_told_apart_and_a_diverged_run_has_no_last(store, write):
    values = rows(0, 4)
    values[2, 2], values[3] = 5.0, np.nan
    diverged = change("a", count=4, status=DIVERGED)
    object.__setattr__(diverged, "rows", values)
    write(diverged)
    (run,) = store.runs(ME)
    assert (run.best_epoch, run.best_loss, run.last_loss, run.last_score) == (2, 0.5, None, None)


def test_a_run_is_named_by_what_differs_from_the_same_persons_run_before(store, write):
    write(
        finished("a", at=1.0),
        finished("b", f"{MOONS}&lr=0.1", at=2.0),
        finished("c", "data=spiral", at=2.5, owner=OTHER),
        finished("d", f"{MOONS}&lr=0.1", at=3.0),
        finished("e", "data=moons&layers=tanh-8,tanh-2&epochs=20&lr=0.1", at=4.0),
    )
    assert names(store.runs(ME)) == ["units 8, 2, 20 epochs", "the same again", "learning rate 0.1", names(
        store.runs(ME, sort="oldest"))[0]]  # fmt: skip
    assert names(store.runs(ME, sort="oldest"))[0] == "Moons, layers tanh-4,tanh-2"
    assert names(store.runs(OTHER)) == ["Spiral, layers tanh-4,tanh-2"]


def test_a_stranger_sees_a_run_by_its_link_alone_and_changes_nothing(store, write):
    write(finished("a"))
    assert store.runs(OTHER) == []
    for ask in (
        lambda: store.run(OTHER, key("a")),
        lambda: store.weights(OTHER, key("a"), LAST),
        lambda: store.rename(OTHER, key("a"), "mine"),
        lambda: store.star(OTHER, key("a"), True),
        lambda: store.note(OTHER, key("a"), "mine"),
        lambda: store.tag(OTHER, key("a"), ["mine"]),
        lambda: store.share(OTHER, key("a")),
        lambda: store.shared(key("a")),
        lambda: store.shared(""),
    ):
        with pytest.raises(NoRunError):
            ask()
    assert store.delete(OTHER, [key("a")]) == 0
    token = store.share(ME, key("a"))
    assert len(token) == 32
    assert store.share(ME, key("a")) == token
    assert store.shared(token).summary.key == key("a")
    store.unshare(ME, key("a"))
    with pytest.raises(NoRunError):
        store.shared(token)


def test_name_note_star_and_tags(store, write):
    write(finished("a"))
    store.rename(ME, key("a"), " the first ")
    store.note(ME, key("a"), "line 1\nline 2\x00")
    store.star(ME, key("a"), True)
    store.tag(ME, key("a"), ["Homework", "week-3", "homework"])
    (run,) = store.runs(ME)
    assert (run.name, run.note, run.starred, run.tags) == ("the first", "line 1\nline 2", True, ("homework", "week-3"))
    assert store.tags(ME) == ["homework", "week-3"]
    store.rename(ME, key("a"), "")
    assert names(store.runs(ME)) == ["Moons, layers tanh-4,tanh-2"]
    for wrong in ("two\nlines", "x" * 121):
        with pytest.raises(ExperimentError, match="name"):
            store.rename(ME, key("a"), wrong)
    with pytest.raises(ExperimentError, match="without spaces"):
        store.tag(ME, key("a"), ["two words"])


def test_a_deleted_run_is_gone_and_can_be_brought_back_for_a_while(store, write, engine, monkeypatch):
    write(finished("a"), finished("b", at=2000.0))
    assert store.delete(ME, [key("a"), key("b")]) == 2
    assert store.runs(ME) == []
    with pytest.raises(NoRunError):
        store.run(ME, key("a"))
    assert store.bring_back(ME, [key("a")]) == 1
    assert [run.key for run in store.runs(ME)] == [key("a")]
    monkeypatch.setattr(recording, "UNDO_SECONDS", -1.0)
    with writing(engine) as connection:
        make_room(connection)
    assert store.bring_back(ME, [key("b")]) == 0
    assert [run.key for run in store.runs(ME)] == [key("a")]


def test_searches(store, write):
    write(
        finished("a", f"{MOONS}&lr=0.1&seed=3", at=1.0),
        finished("b", f"{MOONS}&lr=0.01&batch=8", at=2.0),
        change("c", "data=spiral&lr=0.5&layers=relu-8", at=3.0, status=STOPPED),
    )
    store.rename(ME, key("b"), "50% of it_all")
    store.tag(ME, key("a"), ["good"])
    store.star(ME, key("c"), True)

    def found(text: str, **more) -> str:
        letters = {key(letter): letter for letter in "abc"}
        return "".join(letters[run.key] for run in store.runs(ME, parse_search(text, **more), "oldest"))

    assert found("") == "abc"
    assert found("learning rate > 0.01") == "ac"
    assert found("lr>=0.01 lr<0.5") == "ab"
    assert found("Batch size = 8") == "b"
    assert found("data=spiral") == "c"
    assert found("data!=spiral") == "ab"
    assert found("SPIRAL") == "c"
    assert found("tag:good") == "a"
    assert found("50%") == "b"
    assert found("5_%") == ""  # % and _ are no wildcards
    assert found("it_all") == "b"
    assert found("best loss < 0.2") == "ab"
    assert found("parameters = 29") == "ab"
    assert (found("depth > 1"), found("depth=1")) == ("ab", "c")
    assert found("", starred=True) == "c"
    assert found("", status=STOPPED) == "c"
    for wrong in ("hue=red", "lr>many", "best=good"):
        with pytest.raises(ExperimentError):
            found(wrong)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", "cba"),
        ("oldest", "abc"),
        ("best", "cab"),
        ("worst", "bac"),
        ("last", "cab"),
        ("last-lowest", "bac"),
        ("smallest", "acb"),  # of the others no parameters are known
        ("largest", "acb"),
        ("longest", "cab"),
        ("shortest", "bac"),
        ("name", "bca"),
        ("name-reversed", "acb"),
        ("layers", "cab"),
        ("layers-reversed", "bca"),
        ("data", "cba"),
        ("status", "acb"),
    ],
)
def test_sorts(store, write, sort, expected):
    write(
        finished("a", at=1.0),
        change("b", "data=moons&layers=tanh-9&epochs=10", count=2, at=2.0),
        change("c", f"{MOONS}&lr=0.2", count=20, at=3.0),
    )
    store.rename(ME, key("b"), "A name")
    letters = {key(letter): letter for letter in "abc"}
    assert "".join(letters[run.key] for run in store.runs(ME, sort=sort)) == expected
    pages = [store.runs(ME, sort=sort, most=1, first=first) for first in range(4)]
    assert "".join(letters[run.key] for page in pages for run in page) == expected


def test_runs_are_counted_and_shown_page_by_page_with_their_tags(store, write):
    write(
        *(finished(str(place), f"{MOONS}&lr=0.{place}", at=place) for place in range(1, 10)), finished("x", owner=OTHER)
    )
    store.tag(ME, key("3"), ["seen", "again"])
    store.delete(ME, [key("9")])
    wanted = parse_search("lr > 0.2")
    assert (store.count(ME), store.count(ME, wanted), store.count(OTHER)) == (8, 6, 1)
    page = store.runs(ME, wanted, "oldest", 3)
    assert [run.key for run in page] == [key("3"), key("4"), key("5")]
    assert [run.tags for run in page] == [("again", "seen"), (), ()]
    assert [run.key for run in store.runs(ME, wanted, "oldest", 3, 3)] == [key("6"), key("7"), key("8")]
    asked = [key(name) for name in ("1", "4", "9", "x", "nobody")]
    assert store.which(ME, wanted, asked) == {key("4")}
    assert store.which(ME, None, asked) == {key("1"), key("4")}
    assert store.which(ME, None, []) == set()


def test_a_persons_oldest_runs_without_a_star_make_room(store, write, engine, monkeypatch):
    write(*(finished(f"{place}", at=float(place)) for place in range(6)), finished("other", at=0.0, owner=OTHER))
    store.star(ME, key("0"), True)
    store.delete(ME, [key("5")])  # goes first, though it is the newest
    monkeypatch.setattr(recording, "RUNS_MOST", 4)
    with writing(engine) as connection:
        make_room(connection)
    assert [run.key for run in store.runs(ME, sort="oldest")] == [key(name) for name in "0234"]
    monkeypatch.setattr(recording, "BYTES_MOST", 3 * store.runs(ME)[0].bytes)
    with writing(engine) as connection:
        make_room(connection)
    assert [run.key for run in store.runs(ME, sort="oldest")] == [key(name) for name in "034"]
    assert len(store.runs(OTHER)) == 1
    monkeypatch.setattr(recording, "TOTAL_MOST_BYTES", 3 * store.runs(ME)[0].bytes)
    with writing(engine) as connection:
        make_room(connection)
    assert store.runs(OTHER) == []
    assert store.usage(ME).runs == 3
    assert store.usage(ME).bytes > 1000


def test_what_dead_servers_were_training_is_interrupted(store, write, engine):
    write(change("a"), finished("b"))
    with writing(engine) as connection:
        assert interrupt_runs_of(connection, ["b" * 32]) == 0
    assert store.run(ME, key("a")).summary.status == RUNNING
    with writing(engine) as connection:
        assert interrupt_runs_of(connection, [SERVER]) == 1
    run = store.run(ME, key("a"))
    assert run.summary.status == INTERRUPTED
    assert len(run.history["loss"]) == 3
    assert store.run(ME, key("b")).summary.status == FINISHED


def test_runs_follow_a_browser_to_its_new_name(store, write, engine):
    write(finished("a"), finished("b", owner=OTHER))
    with writing(engine) as connection:
        hand_over(connection, ME, OTHER)
        hand_over(connection, "nobody", OTHER)
    assert store.runs(ME) == []
    assert {run.key for run in store.runs(OTHER)} == {key("a"), key("b")}


def test_cookies_are_not_in_the_database(store, write, engine):
    write(finished("a"))
    with engine.connect() as connection:
        (kept,) = connection.exec_driver_sql("SELECT key FROM person").scalars()
    assert ME not in kept
    assert len(kept) == 64
