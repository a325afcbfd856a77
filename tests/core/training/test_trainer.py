"""A run from its first weights to its last epoch: its history, pauses, and what changes as it trains."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from core.analysis.axes import Axes
from core.engine.programs import Programs
from core.experiment import read_query
from core.messages.commands import Command
from core.messages.pace import FAST, Pace
from core.messages.updates import FINISHED, PAUSED, RUNNING, STOPPED, Update
from core.training import update_publisher as publisher_module
from core.training.run_state import RunState
from core.training.trainer import Trainer
from tests.core.engine.oracle import keras_fit, keras_model, set_state
from tests.core.training.record import Record
from tests.core.training.runs import (
    EPOCHS,
    QUICK,
    begin_slowly,
    change,
    drawn_at,
    open_run,
    rich,
    spy_on_orders,
    tell,
    train,
    values_of,
)
from tests.waiting import wait_until

# The same experiment, the same history


def test_equal_experiments_have_equal_histories_cold_and_warm_and_on_any_thread(whole, programs, attending):
    assert whole.last.status == FINISHED
    assert whole.last.epoch == whole.last.epochs == EPOCHS
    query = f"{QUICK}&epochs={EPOCHS}"
    warm = train(query, programs)
    assert warm.generations == {0}
    cold = train(query, Programs())
    assert cold.generations == {0, 1}
    elsewhere = [Record(), Record()]
    for record in elsewhere:
        trainer = open_run(query, programs, record)
        trainer.send(Command("train"))
        attending(trainer)
    wait_until(lambda: all(record.updates and record.last.status == FINISHED for record in elsewhere))
    for record in (warm, cold, *elsewhere):
        np.testing.assert_array_equal(record.history, whole.history)
    # What the preview showed is the same to many digits.
    preview = np.concatenate([update.rows for update in cold.updates if update.generation == 0])[:20]
    np.testing.assert_allclose(preview, whole.history[: len(preview)], rtol=1e-5, atol=1e-6)
    assert not np.array_equal(train(f"{QUICK}&epochs={EPOCHS}&seed=1", programs).history, whole.history)


# Epoch -> the experiment from there on. Batches of 8 rows and L1 are other structures.
SCRIPT = {
    2: rich(lr=0.3),
    4: rich(lr=0.3, l2=0.1),
    5: rich(lr=0.3, l2=0.1, dropout=0.5, noise=0.3),
    6: rich(lr=0.3, l2=0.1, dropout=0.5, noise=0.3, momentum=0.9),
    8: rich(lr=0.1, batch=8),
    10: rich(lr=0.1),
    12: rich(lr=0.1, l1=0.05, epochs=18),
}


def follow_script(programs: Programs, then: Callable[[Update], None] = lambda update: None) -> tuple[Trainer, Record]:
    """Train with every change of the script at its epoch, as the epoch is published."""
    left = dict(SCRIPT)

    def act(update: Update) -> None:
        if update.epoch in left:
            trainer.send(change(left.pop(update.epoch)))
        then(update)

    record = Record(act)
    trainer = open_run(rich(), programs, record, axes=Axes(0, 1))
    tell(trainer, "train")
    assert (record.last.status, record.last.epoch) == (FINISHED, 18)
    assert not left
    return trainer, record


@pytest.fixture(scope="module")
def scripted(programs: Programs) -> tuple[Trainer, Record]:
    """The script obeyed between single steps, on programs that are compiled from the second time on."""
    for query in {rich(), *SCRIPT.values()}:
        tell(open_run(f"{query}", programs, Record()), "step")
    record = Record()
    trainer = open_run(rich(), programs, record, axes=Axes(0, 1))
    for epoch in range(18):
        if epoch in SCRIPT:
            tell(trainer, change(SCRIPT[epoch]))
        tell(trainer, "step")
    assert record.generations == {0}  # nothing was compiled on the way
    assert (record.last.status, record.last.epoch) == (FINISHED, 18)
    return trainer, record


def assert_same_run(run: tuple[Trainer, Record], other: tuple[Trainer, Record]) -> None:
    """Bit for bit: the history, and what is drawn of every epoch that is kept."""
    np.testing.assert_array_equal(run[1].history, other[1].history)
    assert run[0].kept_epochs == other[0].kept_epochs == tuple(range(19))
    for epoch in run[0].kept_epochs:
        ours, theirs = drawn_at(run[0], epoch), drawn_at(other[0], epoch)
        assert set(ours) == set(theirs) == {"boundary", "confusion"}
        for name in ours:
            np.testing.assert_array_equal(ours[name], theirs[name])


def test_changes_as_it_trains_give_the_same_history_warm(scripted, programs, every_epoch):
    run = follow_script(programs)
    assert run[1].generations == {0}
    assert_same_run(run, scripted)


@pytest.mark.parametrize("known", [False, True], ids=["nothing compiled", "the first program compiled"])
def test_the_replay_makes_every_change_at_its_epoch(known, scripted, every_epoch, busy_compiler):
    """The compiler is kept busy until the preview has seen all of the changes."""
    programs = Programs()
    if known:
        busy_compiler(False)
        tell(open_run(rich(), programs, Record()), "step")
        busy_compiler(True)

    def release(update: Update) -> None:
        if update.epoch == 17:
            busy_compiler(False)

    run = follow_script(programs, release)
    assert run[1].generations == {0, 1}
    assert_same_run(run, scripted)
    seen = [update.epoch for update in run[1].updates if update.generation == 0]
    assert sorted(set(seen)) == list(range(1, max(seen) + 1))
    assert max(seen) >= 17


def test_a_run_trained_again_from_its_record_is_the_same_run(scripted, programs):
    record = scripted[0].record()
    assert (record.epoch, record.status, record.axes) == (18, FINISHED, Axes())
    assert record.plan == ((0, read_query(rich())), *((epoch, read_query(query)) for epoch, query in SCRIPT.items()))
    again = Record()
    trainer = Trainer.again(record, again, programs)
    tell(trainer, "train")
    assert again.last.status == FINISHED
    assert_same_run((trainer, again), scripted)


def test_a_run_trained_again_leaves_the_turn_to_others(scripted, programs):
    Trainer.again(scripted[0].record(), Record(), programs)
    other = threading.Thread(target=lambda: (programs.turns.take(), programs.turns.give()), daemon=True)
    other.start()
    other.join(timeout=60)
    assert not other.is_alive()


def test_a_long_replay_is_seen(attending, busy_compiler, monkeypatch):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", Programs(), record)
    # So slow that the compiler is ready long before the last epoch, however busy the machine is.
    thread = begin_slowly(trainer, attending, record, 20, 5)
    monkeypatch.setattr(publisher_module, "_SILENT_SECONDS", 0.0)
    busy_compiler(False)
    wait_until(lambda: record.generations == {0, 1})
    trainer.send(Command("stop"))
    thread.join()
    seen = [update.epoch for update in record.updates if update.generation == 1]
    assert seen[0] == 1
    assert seen == sorted(seen)
    assert {update.status for update in record.updates} == {RUNNING, STOPPED}


def test_a_paused_run_trained_again_goes_on_as_if_nothing_had_been(programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record, axes=Axes(1, 0))
    for _ in range(3):
        tell(trainer, "step")
    for known in (programs, Programs()):
        again = Record()
        other = Trainer.again(trainer.record(), again, known)
        tell(other, "step")
        assert (again.last.status, again.last.epoch) == (PAUSED, 4)
        np.testing.assert_array_equal(again.history, whole.history[:4])
        np.testing.assert_array_equal(drawn_at(other, 0)["boundary"], drawn_at(trainer, 0)["boundary"])
        tell(other, "train")
        np.testing.assert_array_equal(again.history, whole.history)


def test_every_epoch_has_an_order_and_the_rates_of_its_own_as_in_keras(programs, whole, monkeypatch):
    orders = spy_on_orders(monkeypatch)
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=5", programs, record)
    first = values_of(trainer)
    tell(trainer, "step")
    tell(trainer, "step", change(f"{QUICK}&epochs=5&lr=0.2"))
    assert record.last.learning_rate == pytest.approx(0.2)
    tell(trainer, "step")
    # From here on the epochs 3 and 4 of an exponential fall to a half within two epochs.
    schedule = "schedule=exponential&every=2"
    with pytest.raises(ValueError, match="cannot change"):
        tell(trainer, change(f"{QUICK}&epochs=5&lr=0.05&{schedule}"))
    tell(trainer, change(f"{QUICK}&epochs=5&lr=0.05"), "train")

    assert all(np.array_equal(np.sort(order), np.arange(48)) for order in orders)
    assert len({order.tobytes() for order in orders}) == 5
    experiment = read_query(QUICK)
    model = keras_model(experiment, trainer.split)
    set_state(model, first)
    rates = [0.01, 0.2, 0.2, 0.05, 0.05]

    def set_rate(epoch: int) -> None:
        model.optimizer.learning_rate = rates[epoch]

    expected = keras_fit(model, experiment, trainer.split, orders, set_rate)
    np.testing.assert_allclose(record.history, expected, rtol=1e-5, atol=1e-6)


def test_a_schedule_goes_over_the_epochs_of_the_run(programs, whole, every_epoch):
    record = train(f"{QUICK}&epochs=8&lr=0.08&schedule=step&every=3&factor=0.5", programs)
    rates = {update.epoch: update.learning_rate for update in record.updates}
    expected = {1: 0.08, 2: 0.08, 3: 0.08, 4: 0.04, 5: 0.04, 6: 0.04, 7: 0.02, 8: 0.02}
    assert rates == pytest.approx(expected)
    assert not np.array_equal(record.history[4], train(f"{QUICK}&epochs=8&lr=0.08", programs).history[4])


# Pausing, stopping, going on


def test_a_paused_run_waits_and_goes_on_as_if_nothing_had_been(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    thread = begin_slowly(trainer, attending, record, 100, 3)
    tell(trainer, "pause")
    thread.join(60)
    assert not thread.is_alive()  # so nothing goes on
    assert record.last.status == PAUSED
    assert 3 <= record.last.epoch < EPOCHS

    tell(trainer, Command("pace", FAST), "train")
    assert record.last.status == FINISHED
    np.testing.assert_array_equal(record.history, whole.history)


def test_steps_are_single_epochs(programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=4", programs, record)
    for epoch in (1, 2, 3):
        tell(trainer, "step")
        assert (record.last.status, record.last.epoch) == (PAUSED, epoch)
    tell(trainer, "step")
    assert (record.last.status, record.last.epoch) == (FINISHED, 4)
    tell(trainer, "step")
    assert (record.last.status, record.last.epoch) == (FINISHED, 4)
    np.testing.assert_array_equal(record.history, whole.history[:4])


def test_a_stopped_run_stays_so_and_keeps_its_curves(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    trainer.send(Command("pace", Pace(50)))
    trainer.send(Command("train"))
    thread = attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch >= 2)
    tell(trainer, "stop")
    thread.join(60)
    for command in ("train", "step", "pause"):
        tell(trainer, command)
        assert record.last.status == STOPPED
    np.testing.assert_array_equal(record.history, whole.history[: len(record.history)])
    assert 2 <= len(record.history) < EPOCHS


@pytest.mark.parametrize("ending", ["epochs=5", "epochs=60&target=0.5"])
def test_a_pause_behind_the_last_epoch_comes_too_late(ending, programs, whole, monkeypatch):
    train_epoch = RunState.train_epoch

    def pause(run: RunState) -> None:
        train_epoch(run)
        if run.progress.epoch == 5 or run.progress.ending:
            paused.append(run.progress.epoch)
            trainer.send(Command("pause"))

    monkeypatch.setattr(RunState, "train_epoch", pause)
    paused: list[int] = []
    record = Record()
    trainer = open_run(f"{QUICK}&{ending}", programs, record)
    tell(trainer, "train")
    assert paused == [record.last.epoch]
    if "target" in ending:
        assert record.last.message.startswith("The held-out accuracy reached ")
    assert record.last.status == FINISHED


def test_epochs_can_change_while_it_runs(programs, whole):
    def longer(update: Update) -> None:
        if len(record.updates) == 1:
            trainer.send(change(f"{QUICK}&epochs={EPOCHS}"))

    record = Record(longer)
    trainer = open_run(f"{QUICK}&epochs=3", programs, record)
    tell(trainer, "train")
    assert (record.last.status, record.last.epoch, record.last.epochs) == (FINISHED, EPOCHS, EPOCHS)
    assert record.last.message == ""
    np.testing.assert_array_equal(record.history, whole.history)


def test_fewer_epochs_than_are_done_end_the_run(programs, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", programs, record)
    trainer.send(Command("pace", Pace(50)))
    trainer.send(Command("train"))
    attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch >= 3)
    tell(trainer, change(f"{QUICK}&epochs=2"))
    wait_until(lambda: record.last.status != RUNNING)
    assert (record.last.status, record.last.epochs) == (FINISHED, 2)
    assert 3 <= record.last.epoch < 2000


# Live changes


def test_a_change_is_told_in_words(programs, scripted):
    record = Record()
    trainer = open_run(rich(), programs, record)
    tell(trainer, change(rich(lr=0.3)))
    assert record.last.message == ""  # nothing has been trained with the old one
    said = []
    for changes in ({}, {"lr": 0.25}, {"l2": 0.5, "momentum": 0.75}, {"dropout": 0.5}, {"noise": 0.25}, {"batch": 8}):
        tell(trainer, change(rich(lr=0.3) if not changes else rich(**changes)), "step")
        said.append(record.last.message)
    assert said == [
        "",
        "Learning rate set to 0.25 after epoch 1.",
        "Learning rate set to 0.1, momentum set to 0.75, L2 set to 0.5 after epoch 2.",
        "Momentum set to 0.5, L2 set to 0.01, dropout set to 0.5 after epoch 3.",
        "Dropout set to 0.2, a layer's noise or dropout changed after epoch 4.",
        "Batch size set to 8, a layer's noise or dropout changed after epoch 5.",
    ]


@pytest.mark.parametrize(
    "other",
    [
        "data=moons&points=60&layers=tanh-3&batch=16&seed=1",
        "data=moons&points=80&layers=tanh-3&batch=16",
        "data=circles&points=60&layers=tanh-3&batch=16",
        "data=moons&points=60&layers=relu-3&batch=16",
        "data=moons&points=60&layers=tanh-4&batch=16",
        "data=moons&points=60&layers=tanh-3&batch=16&dropout=0.1",
        "data=moons&points=60&layers=tanh-3&batch=16&optimizer=sgd",
        "data=moons&points=60&layers=tanh-3&batch=16&beta_1=0.5",
        "data=moons&points=60&layers=tanh-3&batch=16&loss=hinge",
    ],
)
def test_what_cannot_change_as_it_trains_is_refused_and_nothing_happens(other, programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    tell(trainer, "step")
    with pytest.raises(ValueError, match=r"A run cannot change from Experiment.* while it trains"):
        tell(trainer, change(f"{other}&epochs={EPOCHS}"))
    tell(trainer, "train")
    np.testing.assert_array_equal(record.history, whole.history)


def test_momentum_and_noise_cannot_come_or_go(programs, scripted):
    trainer = open_run(rich(), programs, Record())
    for changes in ({"momentum": 0}, {"noise": 0}, {"dropout": 0}):
        with pytest.raises(ValueError, match="cannot change"):
            tell(trainer, change(rich(**changes)))
