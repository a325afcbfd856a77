"""A run from its first weights to its last epoch."""

import threading
import time
from types import SimpleNamespace

import keras
import numpy as np
import psutil
import pytest
from sklearn.metrics import confusion_matrix

from core.analysis.decision import grid_inputs, paint, plane_of
from core.errors import DataError, TooLargeError
from core.experiment import read_query
from core.training.commands import Command
from core.training.program import Program
from core.training.programs import Programs
from core.training.trainer import Trainer
from core.training.updates import FAILED, FINISHED, PAUSED, RUNNING, STOPPED, Update
from tests.core.training.oracle import keras_fit, keras_model, set_state
from tests.core.training.record import Record, wait_until

QUICK = "data=moons&points=60&layers=tanh-3&batch=16"
EPOCHS = 60


def open_run(query: str, programs: Programs, record: Record, axes: tuple[int, int] | None = None) -> Trainer:
    return Trainer(read_query(query), record, programs, axes)


def tell(trainer: Trainer, *commands: Command | str) -> None:
    """Send commands and attend to them on this thread."""
    for command in commands:
        trainer.send(Command(command) if isinstance(command, str) else command)
    trainer.attend()


def train(query: str, programs: Programs, axes: tuple[int, int] | None = None) -> Record:
    record = Record()
    tell(open_run(query, programs, record, axes), "train")
    return record


@pytest.fixture(scope="module")
def whole(programs: Programs) -> Record:
    """The run of QUICK that nobody disturbs; from here on QUICK is compiled."""
    return train(f"{QUICK}&epochs={EPOCHS}", programs)


@pytest.fixture
def attending():
    """Attend to a run on another thread."""
    attended = []

    def attend(trainer: Trainer) -> threading.Thread:
        thread = threading.Thread(target=trainer.attend)
        thread.start()
        attended.append((trainer, thread))
        return thread

    yield attend
    for trainer, thread in attended:
        trainer.send(Command("stop"))
        thread.join(60)
        assert not thread.is_alive()


def spy_on_orders(monkeypatch) -> list[np.ndarray]:
    """Note the orders of rows in which compiled epochs are run."""
    orders = []
    run = Program.epoch

    def epoch(self, state, rows, order):
        orders.append(order)
        return run(self, state, rows, order)

    monkeypatch.setattr(Program, "epoch", epoch)
    return orders


def test_equal_experiments_have_equal_histories_cold_and_warm(whole, programs):
    assert whole.last.status == FINISHED
    assert whole.last.epoch == whole.last.epochs == EPOCHS
    warm = train(f"{QUICK}&epochs={EPOCHS}", programs)
    assert warm.generations == {0}
    cold = train(f"{QUICK}&epochs={EPOCHS}", Programs())
    assert cold.generations == {0, 1}
    np.testing.assert_array_equal(warm.history, whole.history)
    np.testing.assert_array_equal(cold.history, whole.history)
    # What the preview showed is the same to many digits.
    preview = np.concatenate([update.rows for update in cold.updates if update.generation == 0])[:20]
    np.testing.assert_allclose(preview, whole.history[: len(preview)], rtol=1e-3, atol=1e-4)
    assert not np.array_equal(train(f"{QUICK}&epochs={EPOCHS}&seed=1", programs).history, whole.history)


@pytest.mark.parametrize(
    ("first", "updates"),
    [
        ("train", 2),  # as the preview goes on
        ("step", 1),  # after the preview's only epoch, while the compiler is at work
    ],
)
def test_the_replay_changes_the_learning_rate_at_the_same_epoch(first, updates, programs, whole):
    changed_at = []

    def change(update: Update) -> None:
        if update.generation == 0 and len(cold.updates) == updates:
            changed_at.append(update.epoch)
            trainer.send(Command("learning_rate", 0.3))

    cold = Record(change)
    trainer = open_run(f"{QUICK}&epochs=400", Programs(), cold)
    tell(trainer, first)
    tell(trainer, "train")
    assert cold.generations == {0, 1}
    assert cold.last.learning_rate == 0.3

    warm = Record()
    trainer = open_run(f"{QUICK}&epochs=400", programs, warm)
    for _ in range(changed_at[0]):
        tell(trainer, "step")
    tell(trainer, Command("learning_rate", 0.3), "train")
    np.testing.assert_array_equal(cold.history, warm.history)
    shared = min(changed_at[0], EPOCHS)
    np.testing.assert_array_equal(warm.history[:shared], whole.history[:shared])
    assert warm.last.message == f"Learning rate set to 0.3 after epoch {changed_at[0]}."


def test_every_epoch_has_an_order_and_the_rate_of_its_own_as_in_keras(programs, whole, monkeypatch):
    orders = spy_on_orders(monkeypatch)
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=5", programs, record)
    first = trainer._program.first_state(0, 0.01)
    tell(trainer, "step")
    tell(trainer, "step", Command("learning_rate", 0.2))
    tell(trainer, "step")
    tell(trainer, Command("learning_rate", 0.05), "train")

    assert all(np.array_equal(np.sort(order), np.arange(48)) for order in orders)
    assert len({order.tobytes() for order in orders}) == 5
    model = keras_model(read_query(QUICK), 2, 2)
    set_state(model, first)
    expected = keras_fit(model, trainer.split, orders, 16, rates=[0.01, 0.2, 0.2, 0.05, 0.05])
    np.testing.assert_allclose(record.history, expected, rtol=1e-5, atol=1e-6)


def test_a_paused_run_waits_and_goes_on_as_if_nothing_had_been(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    trainer.send(Command("pace", 100))
    trainer.send(Command("train"))
    thread = attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch >= 3)
    tell(trainer, "pause")
    thread.join(60)
    assert record.last.status == PAUSED
    assert 3 <= record.last.epoch < EPOCHS
    seen = len(record.updates)
    time.sleep(0.1)
    assert len(record.updates) == seen

    tell(trainer, Command("pace", 0), "train")
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
    trainer.send(Command("pace", 50))
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


def test_epochs_can_change_while_it_runs(programs, whole):
    def change(update: Update) -> None:
        if len(record.updates) == 1:
            trainer.send(Command("epochs", EPOCHS))

    record = Record(change)
    trainer = open_run(f"{QUICK}&epochs=3", programs, record)
    tell(trainer, "train")
    assert (record.last.status, record.last.epoch, record.last.epochs) == (FINISHED, EPOCHS, EPOCHS)
    np.testing.assert_array_equal(record.history, whole.history)


def test_fewer_epochs_than_are_done_end_the_run(programs, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", programs, record)
    trainer.send(Command("pace", 50))
    trainer.send(Command("train"))
    attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch >= 3)
    tell(trainer, Command("epochs", 2))
    wait_until(lambda: record.last.status != RUNNING)
    assert (record.last.status, record.last.epochs) == (FINISHED, 2)
    assert 3 <= record.last.epoch < 2000


def test_more_epochs_than_are_done_let_a_finished_run_go_on_when_asked(programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=5", programs, record)
    tell(trainer, "train")
    tell(trainer, Command("epochs", EPOCHS))
    assert (record.last.status, record.last.epoch, record.last.epochs) == (PAUSED, 5, EPOCHS)
    tell(trainer, Command("epochs", 5))
    assert record.last.status == FINISHED
    tell(trainer, Command("epochs", EPOCHS), "train")
    assert (record.last.status, record.last.epoch) == (FINISHED, EPOCHS)
    np.testing.assert_array_equal(record.history, whole.history)


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
    plain = Program.plain_epoch

    def fail(self, state, rows, order):
        state, metrics = plain(self, state, rows, order)
        return state, metrics * np.nan

    monkeypatch.setattr(Program, "plain_epoch", fail)
    record = train(f"{QUICK}&epochs={EPOCHS}", Programs())
    assert (record.last.status, record.last.message) == (FINISHED, "")
    np.testing.assert_array_equal(record.history, whole.history)


def test_a_first_epoch_that_outlasts_the_compiler_is_not_published_without_figures(whole, monkeypatch):
    plain = Program.plain_epoch

    def take_long(self, state, rows, order):
        wait_until(lambda: self.ready)
        return plain(self, state, rows, order)

    monkeypatch.setattr(Program, "plain_epoch", take_long)
    record = train(f"{QUICK}&epochs={EPOCHS}", Programs())
    assert all(update.epoch > 0 for update in record.updates)
    np.testing.assert_array_equal(record.history, whole.history)


def test_a_network_too_large_for_memory_is_refused_before_it_is_built(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2**20))
    programs = Programs()
    with pytest.raises(TooLargeError, match=r"264,705 parameters needs about \d+ MB to train; 0 MB are allowed"):
        open_run("data=moons&layers=relu-512,relu-512", programs, Record())
    assert len(programs) == 0


def test_data_that_cannot_be_parted_are_refused():
    with pytest.raises(DataError, match="train_rows"):
        open_run("data=iris&split=ordered&train_rows=100", Programs(), Record())


def test_the_pace_holds_a_run_back(programs, whole):
    record = Record()
    started = time.monotonic()
    tell(open_run(f"{QUICK}&epochs=9", programs, record), Command("pace", 20), "train")
    assert time.monotonic() - started >= 8 / 20
    assert record.last.epoch == 9


def test_a_slow_pace_does_not_hold_commands_back(programs, whole, attending):
    record = Record()
    trainer = open_run(QUICK, programs, record)
    trainer.send(Command("pace", 0.005))
    trainer.send(Command("train"))
    thread = attending(trainer)
    wait_until(lambda: record.updates)
    tell(trainer, "pause")
    thread.join(60)  # the next epoch is due in 200 seconds
    assert (record.last.status, record.last.epoch) == (PAUSED, 1)


def test_the_last_update_shows_what_the_network_does_now(programs, monkeypatch):
    query = "data=digits&layers=tanh-8&batch=128&epochs=3"
    train(query, programs)
    orders = spy_on_orders(monkeypatch)
    record = Record()
    trainer = open_run(query, programs, record, axes=(20, 43))
    first = trainer._program.first_state(0, 0.01)
    tell(trainer, "train")

    split, experiment = trainer.split, read_query(query)
    model = keras_model(experiment, 64, 10)
    set_state(model, first)
    keras_fit(model, split, orders, 128)
    predicted = model.predict(split.x_test, verbose=0).argmax(axis=1)
    assert set(record.last.arrays) == {"boundary", "confusion", "strip"}
    np.testing.assert_array_equal(record.last.arrays["confusion"], confusion_matrix(split.y_test, predicted))
    np.testing.assert_array_equal(record.last.arrays["strip"], predicted[:20])
    assert_boundary(record.last.arrays["boundary"], model, trainer, (20, 43))

    tell(trainer, Command("axes", (36, 5)))
    assert record.last.epoch == 3
    assert_boundary(record.last.arrays["boundary"], model, trainer, (36, 5))
    tell(trainer, Command("axes", None))
    assert set(record.last.arrays) == {"confusion", "strip"}


def assert_boundary(boundary: np.ndarray, model: keras.Model, trainer: Trainer, axes: tuple[int, int]) -> None:
    inputs = grid_inputs(trainer.split, plane_of(trainer.split, axes))
    expected = paint(model.predict(inputs, verbose=0, batch_size=5000))
    assert np.mean(boundary[0] == expected[0]) > 0.999  # but for cells where two classes tie
    assert np.abs(boundary[1].astype(int) - expected[1]).max() <= 1


def test_updates_carry_pictures_only_where_there_are_any(programs, whole):
    record = train(f"{QUICK}&epochs=3", programs, axes=(0, 1))
    assert set(record.last.arrays) == {"boundary", "confusion"}
    assert record.last.arrays["confusion"].sum() == 12
    assert set(train(f"{QUICK}&epochs=3", programs, axes=None).last.arrays) == {"confusion"}


def test_the_time_of_an_epoch_is_that_of_the_kept_history(programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=200", programs, record)
    started = time.perf_counter()
    tell(trainer, "train")
    assert 0 < trainer.ms_per_epoch <= (time.perf_counter() - started) * 1000 / 200
    assert record.last.ms_per_epoch == trainer.ms_per_epoch
    assert trainer.parameters == 13


def test_no_command_is_lost_whatever_thread_it_comes_from(programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", programs, record)
    begin = threading.Barrier(2, timeout=60)
    rates = np.linspace(0.01, 0.02, 150).tolist()

    def change_rates() -> None:
        for rate in rates:
            begin.wait()
            tell(trainer, Command("learning_rate", rate))
            begin.wait()

    thread = threading.Thread(target=change_rates)
    thread.start()
    obeyed = []
    for _ in rates:
        begin.wait()
        tell(trainer, "step")
        begin.wait()  # both have returned, so whoever was attending has obeyed both
        obeyed.append((record.last.status, record.last.epoch, record.last.learning_rate))
    thread.join()
    assert obeyed == [(PAUSED, epoch, rate) for epoch, rate in enumerate(rates, 1)]


def test_commands_are_the_known_ones():
    with pytest.raises(ValueError, match=r"must be one of train, .*Received: 'fly'"):
        Command("fly")
