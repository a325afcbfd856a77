"""How a run ends: by itself, abandoned, or refused before it begins."""

import math
import threading
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from core.analysis.axes import Axes
from core.engine.program import Program
from core.engine.programs import Programs
from core.errors import DataError, TooLargeError
from core.experiment import menus, read_query
from core.messages.commands import Command
from core.messages.updates import FAILED, FINISHED, RUNNING
from core.trained.epoch import weights_epoch
from core.training import preview as preview_module
from core.training import run_state as run_state_module
from core.training import update_publisher as publisher_module
from core.training.trainer import Trainer
from tests.core.conftest import drain_compiler
from tests.core.training.record import Record
from tests.core.training.runs import EPOCHS, QUICK, begin_slowly, change, drawn_at, open_run, tell, train, trained_model
from tests.waiting import wait_until

# When it ends by itself

HISTORY = menus.HISTORY[menus.CLASSES]
WORSENING = "data=moons&points=60&noise=0.5&layers=tanh-3&batch=16&lr=0.1"


@pytest.mark.parametrize("restore", [True, False])
def test_early_stopping_is_that_of_keras(restore, programs, whole):
    """Which epoch it is follows from the held-out loss of the run that nobody stops; see test_stopping."""
    unstopped = train(f"{WORSENING}&epochs=300", programs)
    val_loss = unstopped.history[:, 2]
    best, stop = 0, 0
    for epoch in range(300):
        if val_loss[epoch] < val_loss[best]:
            best = epoch
        elif epoch - best >= 7:
            stop = epoch
            break
    assert 7 < stop < 250
    options = f"epochs=300&patience=7&restore_best={'yes' if restore else 'no'}"
    for known in (programs, Programs()):
        record = Record()
        trainer = open_run(f"{WORSENING}&{options}", known, record, axes=Axes(0, 1))
        tell(trainer, "train")
        assert (record.last.status, record.last.epoch) == (FINISHED, stop + 1)
        np.testing.assert_array_equal(record.history, unstopped.history[: stop + 1])
        assert record.last.message.startswith(
            f"Stopped early: the held-out loss has not improved since epoch {best + 1} (patience: 7 epochs)."
        )
        # The weights behind the best epoch, by what its epoch said of them.
        model = trained_model(trainer, WORSENING)
        loss, accuracy = model.evaluate(trainer.split.x_val, trainer.split.y_val[:, None], verbose=0)
        np.testing.assert_allclose([loss, accuracy], record.history[best if restore else stop, 2:], rtol=1e-5)
        for name, array in drawn_at(trainer, (best if restore else stop) + 1).items():
            np.testing.assert_array_equal(record.last.arrays[name], array)
        tell(trainer, "train", "step")
        assert (record.last.status, record.last.epoch) == (FINISHED, stop + 1)


def test_early_stopping_that_is_asked_for_as_it_trains_stops_the_run_where_it_would_have_from_the_start(programs):
    asked = train(f"{WORSENING}&epochs=300&patience=7", programs)
    record = Record()
    trainer = open_run(f"{WORSENING}&epochs=300", programs, record)
    tell(trainer, "step", change(f"{WORSENING}&epochs=300&patience=7"), "train")
    assert (record.last.status, record.last.message) == (FINISHED, asked.last.message)
    np.testing.assert_array_equal(record.history, asked.history)


def test_the_best_weights_come_back_where_its_epochs_are_done_and_more_epochs_go_on_from_its_last(programs):
    """As Keras's callback has it, which restores them at the end of `fit`; see test_stopping."""
    unstopped = train(f"{WORSENING}&epochs=40", programs).history
    for known in (programs, Programs()):
        record = Record()
        trainer = open_run(f"{WORSENING}&patience=100&epochs=30", known, record)
        for epochs in (30, 40):
            seen = len(record.updates)
            tell(trainer, Command("change", read_query(f"{WORSENING}&patience=100&epochs={epochs}")), "train")
            assert {update.message for update in record.updates[seen:] if update.status == RUNNING} == {""}
            assert (record.last.status, record.last.epoch) == (FINISHED, epochs)
            np.testing.assert_array_equal(record.history, unstopped[:epochs])
            best = int(np.argmin(unstopped[:epochs, 2])) + 1
            assert best < epochs
            assert record.last.message == f"The weights from epoch {best} (lowest held-out loss) are restored."
            model = trained_model(trainer, WORSENING)
            loss, _ = model.evaluate(trainer.split.x_val, trainer.split.y_val[:, None], verbose=0)
            assert loss == pytest.approx(unstopped[best - 1, 2], rel=1e-5)
            for name, array in drawn_at(trainer, best).items():
                np.testing.assert_array_equal(record.last.arrays[name], array)
            history = dict(zip(HISTORY, record.history.T, strict=True))
            assert weights_epoch(trainer.weights().experiment, history) == best
            fewer = read_query(f"{WORSENING}&patience=100&epochs={epochs - 5}")
            tell(trainer, Command("change", fewer))
            assert record.last.status == FINISHED
            assert record.last.message == f"The weights from epoch {best} (lowest held-out loss) are restored."


def test_a_target_ends_the_run_in_the_first_epoch_that_reaches_it(programs, whole):
    rising = f"{QUICK}&lr=0.03&seed=2&epochs={EPOCHS}"
    unstopped = train(rising, programs)
    accuracy = unstopped.history[:, 3]
    first = int(np.argmax(accuracy >= 0.8))
    assert 1 < first < EPOCHS - 1
    record = Record()
    trainer = open_run(f"{rising}&target=0.8&patience=50&restore_best=no", programs, record)
    tell(trainer, "train")
    assert (record.last.status, record.last.epoch) == (FINISHED, first + 1)
    assert record.last.message == (
        f"The held-out accuracy reached {accuracy[first]:.3f} in epoch {first + 1}: the target was 0.8."
    )
    np.testing.assert_array_equal(record.history, unstopped.history[: first + 1])
    matrix = record.last.arrays["confusion"]
    assert np.trace(matrix) / matrix.sum() == pytest.approx(accuracy[first])  # the weights that reached it


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        ("data=moons&points=60&batch=8", "Try a learning rate below 10, for example 1."),
        (
            "data=penguins&scaling=none&batch=32",
            "Inputs go up to 6,300: standardize the data, or try a learning rate below 10.",
        ),
    ],
)
def test_a_loss_that_is_no_number_ends_the_run_with_its_curves_and_advice(data, advice, programs):
    # Every step multiplies the weights by -19, so the penalty overflows.
    query = f"{data}&layers=tanh-3&optimizer=sgd&lr=10&l2=1&epochs=50"
    for record in (train(query, programs), train(query, programs)):  # with a preview and without
        assert record.last.status == FAILED
        assert np.isfinite(record.history[:-1]).all()
        assert not np.isfinite(record.history[-1, 0])
        assert 1 < len(record.history) < 50
        assert f"in epoch {len(record.history)}, so training stopped" in record.last.message
        assert record.last.message.endswith(advice)
    assert record.generations == {0}

    trainer = open_run(query, programs, record)
    tell(trainer, "train")
    seen = record.last.epoch
    tell(trainer, "train")
    assert (record.last.status, record.last.epoch) == (FAILED, seen)


def test_what_fails_in_the_preview_alone_has_not_failed(whole, monkeypatch):
    plain = Program.uncompiled_epoch

    def fail(self, *arguments):
        state, metrics = plain(self, *arguments)
        return state, metrics * np.nan

    monkeypatch.setattr(Program, "uncompiled_epoch", fail)
    record = train(f"{QUICK}&epochs={EPOCHS}", Programs())
    assert (record.last.status, record.last.message) == (FINISHED, "")
    np.testing.assert_array_equal(record.history, whole.history)


def test_a_first_epoch_that_outlasts_the_compiler_is_not_published_without_figures(whole, monkeypatch):
    plain = Program.uncompiled_epoch

    def take_long(self, state, rows, *rest):
        self.start_compiling(state, rows)  # as another run of the structure would
        wait_until(lambda: self.ready)
        return plain(self, state, rows, *rest)

    monkeypatch.setattr(Program, "uncompiled_epoch", take_long)
    record = train(f"{QUICK}&epochs={EPOCHS}", Programs())
    assert all(update.epoch > 0 for update in record.updates)
    np.testing.assert_array_equal(record.history, whole.history)


# Abandoned


def test_an_abandoned_run_waits_no_longer_and_what_only_it_waited_for_is_not_compiled(busy_compiler, attending):
    programs = Programs()
    alone, shared = f"{QUICK}&epochs=3", f"{QUICK}&epochs=3&l2=0.1"
    records = [Record() for _ in range(3)]
    runs = [open_run(query, programs, record) for query, record in zip((alone, shared, shared), records, strict=True)]
    for run in runs:
        run.send(Command("train"))
    threads = [attending(run) for run in runs]
    wait_until(lambda: all(record.updates and record.last.epoch == 3 for record in records))
    for run, thread in zip(runs[:2], threads[:2], strict=True):
        assert thread.is_alive()  # it waits for the compiler
        run.abandon()
        thread.join(10)
        assert not thread.is_alive()
    busy_compiler(False)
    threads[2].join(60)
    assert records[2].last.status == FINISHED
    assert records[2].generations == {0, 1}
    drain_compiler()
    assert not runs[0].progress.segment.program.ready
    assert runs[2].progress.segment.program.ready

    # Whoever trains it then has it compiled.
    assert train(alone, programs).generations == {0, 1}


def test_other_runs_do_not_wait_while_a_run_traces_a_program_or_looks_at_its_test_rows(programs, monkeypatch):
    query = "data=moons&points=60&layers=tanh-3&validation=0.25&batch={}&epochs=4"
    for batch in (15, 16):
        train(query.format(batch), programs)  # compiled from here on
    trainer = open_run(query.format(15), programs, Record())
    held, get, evaluate, epoch = [], Programs.get, run_state_module.evaluate, Program.epoch

    def change_meanwhile(*arguments):
        if trainer.progress.epoch == 1:
            trainer.send(change(query.format(16)))
        return epoch(*arguments)

    monkeypatch.setattr(publisher_module, "_FRAME_SECONDS", 3600)  # an update would give the turn
    monkeypatch.setattr(Program, "epoch", change_meanwhile)
    monkeypatch.setattr(Programs, "get", lambda *arguments: held.append(programs.turns._taken) or get(*arguments))
    monkeypatch.setattr(
        run_state_module, "evaluate", lambda *arguments: held.append(programs.turns._taken) or evaluate(*arguments)
    )
    tell(trainer, "train")
    assert held == [False, False]


def test_a_run_that_cannot_be_trained_again_leaves_the_turn_to_others(programs, whole, monkeypatch):
    trainer = open_run(f"{QUICK}&epochs=3", programs, Record())
    tell(trainer, "train")

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(Program, "epoch", fail)
    with pytest.raises(MemoryError):
        Trainer.again(trainer.record(), Record(), programs)
    assert not programs.turns._taken


def test_a_run_that_nobody_wants_any_more_is_not_trained_again(programs, whole):
    trainer = open_run(f"{QUICK}&epochs=9", programs, Record())
    tell(trainer, "train")
    wanted = [False, True, True]
    assert Trainer.again(trainer.record(), Record(), programs, wanted.pop).progress.epoch == 2


def test_a_run_that_is_abandoned_while_it_is_replayed_ends_there(attending, busy_compiler, monkeypatch):
    record, epoch = Record(), Program.epoch
    trainer = open_run(f"{QUICK}&epochs=9", Programs(), record)
    trainer.send(Command("train"))
    thread = attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch == 9)

    def abandon_meanwhile(*arguments):
        if threading.current_thread() is thread and trainer.progress.epoch == 2:
            trainer.abandon()
        return epoch(*arguments)

    monkeypatch.setattr(Program, "epoch", abandon_meanwhile)
    busy_compiler(False)
    thread.join()
    assert trainer.progress.epoch == 3


def test_an_abandoned_run_stops_training(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", programs, record)
    thread = begin_slowly(trainer, attending, record, 50, 2)
    trainer.abandon()
    thread.join(10)
    assert not thread.is_alive()
    assert 2 <= record.last.epoch < 2000


def test_a_run_that_is_left_while_it_rests_is_not_compiled(attending, monkeypatch):
    monkeypatch.setattr(preview_module, "_COMPILER_SECONDS", math.inf)  # however slow the machine, it rests first
    programs, record = Programs(), Record()
    trainer = Trainer(read_query(f"{QUICK}&epochs=3"), record, programs, axes=None, rest=3600)
    trainer.send(Command("train"))
    thread = attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch == 3)
    assert thread.is_alive()  # it rests before it goes to the compiler
    trainer.abandon()
    thread.join(10)
    assert not thread.is_alive()
    drain_compiler()
    assert record.generations == {0}
    assert not trainer.progress.segment.program.ready


def test_a_long_run_is_compiled_before_it_rests(attending, monkeypatch):
    monkeypatch.setattr(preview_module, "_COMPILER_SECONDS", 0)  # all that is left takes longer
    programs, record = Programs(), Record()
    trainer = Trainer(read_query(f"{QUICK}&epochs=2000"), record, programs, axes=None, rest=3600)
    trainer.send(Command("train"))
    attending(trainer).join(120)
    assert record.last.status == FINISHED
    assert record.generations == {0, 1}


def test_a_run_that_gets_more_epochs_has_no_test_until_it_has_ended_again(programs):
    query = f"{QUICK}&validation=0.25&epochs="
    record = Record()
    trainer = open_run(f"{query}3", programs, record)
    tell(trainer, "train")
    first, seen = record.last.test, len(record.updates)
    assert len(first) == 2
    tell(trainer, change(f"{query}5"))
    assert [update.test is None for update in record.updates[seen:]] == [
        update.status == RUNNING for update in record.updates[seen:]
    ]
    assert record.last.test != first


# Refused


def test_a_network_too_large_for_memory_is_refused_before_it_is_built(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2**20))
    programs = Programs()
    with pytest.raises(TooLargeError, match=r"264,705 parameters needs about \d+ MB to train; 0 MB are allowed"):
        open_run("data=moons&layers=relu-512,relu-512", programs, Record())
    assert len(programs) == 0


def test_data_that_cannot_be_parted_are_refused():
    with pytest.raises(DataError, match="train_rows"):
        open_run("data=iris&split=ordered&train_rows=100", Programs(), Record())


def test_what_another_process_has_compiled_is_loaded_at_once(attending, monkeypatch):
    monkeypatch.setattr(preview_module, "_COMPILER_SECONDS", math.inf)  # a new structure would rest first
    experiment = read_query("data=moons&points=66&layers=tanh-2&epochs=3")  # XLA knows that of no other test
    for rest in (0, 3600):
        record = Record()
        trainer = Trainer(experiment, record, Programs(), axes=None, rest=rest)
        trainer.send(Command("train"))
        attending(trainer).join(60)
        assert record.last.status == FINISHED
        assert trainer.progress.segment.program.ready
