"""A run from its first weights to its last epoch."""

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import keras
import numpy as np
import psutil
import pytest
from sklearn.metrics import confusion_matrix

from core.analysis.decision import grid_inputs, paint, plane_of
from core.analysis.regression import line_inputs, paint_values
from core.errors import DataError, TooLargeError
from core.experiment import read_query
from core.training import trainer as trainer_module
from core.training.commands import Command
from core.training.program import Program
from core.training.programs import Programs
from core.training.trainer import Trainer
from core.training.updates import FAILED, FINISHED, PAUSED, RUNNING, STOPPED, Update
from tests.core.training.conftest import drain_compiler
from tests.core.training.oracle import keras_fit, keras_model, keras_targets, set_state
from tests.core.training.record import Record, wait_until

QUICK = "data=moons&points=60&layers=tanh-3&batch=16"
EPOCHS = 60
# With something of everything that changes as it trains: the strengths are not part of the structure.
RICH = "data=moons&points=60&layers=tanh-3-noise{noise}&dropout={dropout}&l2={l2}&optimizer=sgd&momentum={momentum}"
RICH_VALUES = {"noise": 0.1, "dropout": 0.2, "l2": 0.01, "momentum": 0.5, "lr": 0.1, "batch": 16, "l1": 0, "epochs": 16}


def rich(**changes: float) -> str:
    values = RICH_VALUES | changes
    rest = "".join(f"&{name}={values[name]}" for name in ("lr", "batch", "l1", "epochs"))
    return RICH.format(**values) + rest


def open_run(query: str, programs: Programs, record: Record, axes: tuple[int, int] | None = None) -> Trainer:
    return Trainer(read_query(query), record, programs, axes)


def change(query: str) -> Command:
    return Command("change", read_query(query))


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
def every_epoch(monkeypatch):
    """Publish every epoch, with everything."""
    monkeypatch.setattr(trainer_module, "_FRAME_SECONDS", 0)
    monkeypatch.setattr(trainer_module, "_ANSWERS_SECONDS", 0)


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

    def epoch(self, state, rows, order, rates, live):
        orders.append(order)
        return run(self, state, rows, order, rates, live)

    monkeypatch.setattr(Program, "epoch", epoch)
    return orders


def values_of(trainer: Trainer):
    return trainer._program.values(trainer._state)


def trained_model(trainer: Trainer, query: str) -> keras.Model:
    """Return Keras's own network with a run's weights."""
    model = keras_model(read_query(query), trainer.split)
    set_state(model, values_of(trainer))
    return model


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
    trainer = open_run(rich(), programs, record, axes=(0, 1))
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
    trainer = open_run(rich(), programs, record, axes=(0, 1))
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
        ours, theirs = run[0].arrays_at(epoch), other[0].arrays_at(epoch)
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
    assert (record.epoch, record.status, record.axes) == (18, FINISHED, (0, 1))
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


def test_a_paused_run_trained_again_goes_on_as_if_nothing_had_been(programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record, axes=(1, 0))
    for _ in range(3):
        tell(trainer, "step")
    for known in (programs, Programs()):
        again = Record()
        other = Trainer.again(trainer.record(), again, known)
        tell(other, "step")
        assert (again.last.status, again.last.epoch) == (PAUSED, 4)
        np.testing.assert_array_equal(again.history, whole.history[:4])
        np.testing.assert_array_equal(other.arrays_at(0)["boundary"], trainer.arrays_at(0)["boundary"])
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


@pytest.mark.parametrize("ending", ["epochs=5", "epochs=60&target=0.5"])
def test_a_pause_behind_the_last_epoch_comes_too_late(ending, programs, whole, every_epoch):
    def pause(update: Update) -> None:
        if (update.epoch == 5 or update.message) and not paused:
            paused.append(update.epoch)
            trainer.send(Command("pause"))

    paused: list[int] = []
    record = Record(pause)
    trainer = open_run(f"{QUICK}&{ending}", programs, record)
    tell(trainer, "train")
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
    trainer.send(Command("pace", 50))
    trainer.send(Command("train"))
    attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch >= 3)
    tell(trainer, change(f"{QUICK}&epochs=2"))
    wait_until(lambda: record.last.status != RUNNING)
    assert (record.last.status, record.last.epochs) == (FINISHED, 2)
    assert 3 <= record.last.epoch < 2000


def test_more_epochs_than_are_done_let_a_finished_run_go_on_when_asked(programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=5", programs, record)
    tell(trainer, "train")
    tell(trainer, change(f"{QUICK}&epochs={EPOCHS}"))
    assert (record.last.status, record.last.epoch, record.last.epochs) == (PAUSED, 5, EPOCHS)
    tell(trainer, change(f"{QUICK}&epochs=5"))
    assert record.last.status == FINISHED
    tell(trainer, change(f"{QUICK}&epochs={EPOCHS}"), "train")
    assert (record.last.status, record.last.epoch) == (FINISHED, EPOCHS)
    np.testing.assert_array_equal(record.history, whole.history)


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
        "Learning rate set to 0.1, Momentum set to 0.75, L2 set to 0.5 after epoch 2.",
        "Momentum set to 0.5, L2 set to 0.01, Dropout set to 0.5 after epoch 3.",
        "Dropout set to 0.2, A layer's noise or dropout changed after epoch 4.",
        "Batch size set to 8, A layer's noise or dropout changed after epoch 5.",
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
        "data=moons&points=60&layers=tanh-3&batch=16&patience=5",
        "data=moons&points=60&layers=tanh-3&batch=16&loss=hinge",
    ],
)
def test_what_cannot_change_as_it_trains_is_refused_and_nothing_happens(other, programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    tell(trainer, "step")
    with pytest.raises(ValueError, match=r"A run cannot change from Experiment.* as it trains"):
        tell(trainer, change(f"{other}&epochs={EPOCHS}"))
    tell(trainer, "train")
    np.testing.assert_array_equal(record.history, whole.history)


def test_momentum_and_noise_cannot_come_or_go(programs, scripted):
    trainer = open_run(rich(), programs, Record())
    for changes in ({"momentum": 0}, {"noise": 0}, {"dropout": 0}):
        with pytest.raises(ValueError, match="cannot change"):
            tell(trainer, change(rich(**changes)))


# When it ends by itself

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
        trainer = open_run(f"{WORSENING}&{options}", known, record, axes=(0, 1))
        tell(trainer, "train")
        assert (record.last.status, record.last.epoch) == (FINISHED, stop + 1)
        np.testing.assert_array_equal(record.history, unstopped.history[: stop + 1])
        assert record.last.message.startswith(f"Stopped early: the held-out loss was best after epoch {best + 1} ")
        # The weights behind the best epoch, by what its epoch said of them.
        model = trained_model(trainer, WORSENING)
        loss, accuracy = model.evaluate(trainer.split.x_val, trainer.split.y_val[:, None], verbose=0)
        np.testing.assert_allclose([loss, accuracy], record.history[best if restore else stop, 2:], rtol=1e-5)
        for name, array in trainer.arrays_at((best if restore else stop) + 1).items():
            np.testing.assert_array_equal(record.last.arrays[name], array)
        tell(trainer, "train", "step")
        assert (record.last.status, record.last.epoch) == (FINISHED, stop + 1)


def test_a_target_ends_the_run_in_the_first_epoch_that_reaches_it(programs, whole):
    rising = f"{QUICK}&lr=0.03&seed=2&epochs={EPOCHS}"
    unstopped = train(rising, programs)
    accuracy = unstopped.history[:, 3]
    first = int(np.argmax(accuracy >= 0.8))
    assert 1 < first < EPOCHS - 1
    record = Record()
    trainer = open_run(f"{rising}&target=0.8&patience=50", programs, record)
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
    plain = Program.plain_epoch

    def fail(self, *arguments):
        state, metrics = plain(self, *arguments)
        return state, metrics * np.nan

    monkeypatch.setattr(Program, "plain_epoch", fail)
    record = train(f"{QUICK}&epochs={EPOCHS}", Programs())
    assert (record.last.status, record.last.message) == (FINISHED, "")
    np.testing.assert_array_equal(record.history, whole.history)


def test_a_first_epoch_that_outlasts_the_compiler_is_not_published_without_figures(whole, monkeypatch):
    plain = Program.plain_epoch

    def take_long(self, *arguments):
        wait_until(lambda: self.ready)
        return plain(self, *arguments)

    monkeypatch.setattr(Program, "plain_epoch", take_long)
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
    assert not runs[0]._program.ready
    assert runs[2]._program.ready

    # Whoever trains it then has it compiled.
    assert train(alone, programs).generations == {0, 1}


def test_an_abandoned_run_stops_training(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", programs, record)
    trainer.send(Command("pace", 50))
    trainer.send(Command("train"))
    thread = attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch >= 2)
    trainer.abandon()
    thread.join(10)
    assert not thread.is_alive()
    assert 2 <= record.last.epoch < 2000


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


# Pace


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


# What is drawn


def test_the_last_update_shows_what_the_network_does_now(programs, monkeypatch):
    query = "data=digits&layers=tanh-8&batch=128&epochs=3"
    train(query, programs)
    orders = spy_on_orders(monkeypatch)
    record = Record()
    trainer = open_run(query, programs, record, axes=(20, 43))
    first = values_of(trainer)
    tell(trainer, "train")

    split, experiment = trainer.split, read_query(query)
    model = keras_model(experiment, split)
    set_state(model, first)
    keras_fit(model, experiment, split, orders)
    predicted = model.predict(split.x_test, verbose=0).argmax(axis=1)
    arrays = record.last.arrays
    assert set(arrays) == {"boundary", "confusion", "strip"}
    assert [array.dtype for array in (arrays["boundary"], arrays["confusion"], arrays["strip"])] == ["u1", "i4", "i4"]
    np.testing.assert_array_equal(arrays["confusion"], confusion_matrix(split.y_test, predicted))
    np.testing.assert_array_equal(arrays["strip"], predicted[:20])
    assert_boundary(arrays["boundary"], model, trainer, (20, 43))

    tell(trainer, Command("axes", (36, 5)))
    assert record.last.epoch == 3
    assert_boundary(record.last.arrays["boundary"], model, trainer, (36, 5))
    tell(trainer, Command("axes", None))
    assert set(record.last.arrays) == {"confusion", "strip"}


def assert_boundary(boundary: np.ndarray, model: keras.Model, trainer: Trainer, axes: tuple[int, int]) -> None:
    inputs = grid_inputs(trainer.split, plane_of(trainer.split, axes))
    expected = paint(model.predict(inputs, verbose=0, batch_size=5000))
    assert boundary.shape == (2, 70, 70)
    assert np.mean(boundary[0] == expected[0]) > 0.999  # but for cells where two classes tie
    assert np.abs(boundary[1].astype(int) - expected[1]).max() <= 1


def test_numbers_have_a_surface_and_errors_in_the_targets_own_units(programs):
    query = "data=diabetes&layers=tanh-3&batch=128&epochs=3&lr=0.05"  # its numbers are scaled, 25 to 346
    record = Record()
    trainer = open_run(query, programs, record, axes=(2, 8))
    tell(trainer, "train")
    split, model = trainer.split, trained_model(trainer, query)
    assert split.target_factor < 0.05

    def numbers(inputs: np.ndarray) -> np.ndarray:
        return model.predict(inputs, verbose=0)[:, 0] / split.target_factor + split.target_offset

    values = numbers(split.x_val)
    loss, mae, r2 = record.history[-1, 3:]
    assert mae == pytest.approx(np.abs(values - split.y_val).mean(), rel=1e-4)
    assert 20 < mae < 120
    spread = np.square(split.y_val - split.y_val.mean()).sum()
    assert r2 == pytest.approx(1 - np.square(values - split.y_val).sum() / spread, rel=1e-3)
    assert loss == pytest.approx(np.square((values - split.y_val) * split.target_factor).mean(), rel=1e-4)

    arrays = record.last.arrays
    assert set(arrays) == {"surface", "predicted"}
    assert (arrays["predicted"].dtype, arrays["predicted"].shape) == (np.float32, (1, len(split.y_val)))
    np.testing.assert_allclose(arrays["predicted"][0], values, rtol=1e-5)
    assert (arrays["surface"].dtype, arrays["surface"].shape) == (np.uint8, (70, 70))
    painted = paint_values(
        numbers(grid_inputs(split, plane_of(split, (2, 8)))), split.y_train.min(), split.y_train.max()
    )
    assert np.abs(arrays["surface"].astype(int) - painted).max() <= 1


def test_a_number_of_one_feature_has_a_line_and_three_parts_have_a_test(programs):
    query = "data=curve&points=60&validation=0.25&scaling=standard&layers=tanh-6-batch&batch=16&optimizer=sgd&lr=0.1"
    record = Record()
    trainer = open_run(f"{query}&epochs=4&l2=0.01", programs, record, axes=None)
    tell(trainer, "train")
    split = trainer.split
    assert (len(split.x_train), len(split.x_val), len(split.x_test)) == (36, 12, 12)
    model = trained_model(trainer, f"{query}&l2=0.01")
    loss, mae, r2 = model.evaluate(split.x_test, keras_targets(split.y_test, split), verbose=0)
    assert record.last.test == pytest.approx((loss, mae / split.target_factor, r2), rel=1e-5)
    assert all(update.test is None for update in record.updates[:-1])

    assert set(record.last.arrays) == {"line", "predicted"}
    line = record.last.arrays["line"]
    assert (line.dtype, line.shape) == (np.float32, (1, 200))
    expected = model.predict(line_inputs(split), verbose=0)[:, 0] / split.target_factor + split.target_offset
    np.testing.assert_allclose(line[0], expected, rtol=1e-4, atol=1e-5)
    assert record.last.arrays["predicted"].shape == (1, 12)

    # It goes on: there is no test until it ends again.
    tell(trainer, change(f"{query}&epochs=6&l2=0.01"), "step")
    assert (record.last.status, record.last.test) == (PAUSED, None)
    tell(trainer, "train")
    assert record.last.test != pytest.approx((loss, mae / split.target_factor, r2), rel=1e-5)


def test_classes_in_three_parts_have_a_test_when_the_run_is_stopped_too(programs):
    query = "data=blobs&points=80&classes=3&validation=0.25&layers=none&batch=16&loss=hinge&class_weight=balanced"
    record = Record()
    trainer = open_run(f"{query}&epochs=40", programs, record)
    tell(trainer, "step")
    assert record.last.test is None
    tell(trainer, "stop")
    model = trained_model(trainer, query)
    split = trainer.split
    expected = model.evaluate(split.x_test, keras_targets(split.y_test, split), verbose=0)
    assert record.last.test == pytest.approx(expected, rel=1e-5)
    assert record.last.arrays["confusion"].sum() == len(split.x_val) == 16


def test_two_parts_have_no_test(whole):
    assert all(update.test is None for update in whole.updates)


def test_every_kept_epoch_shows_what_was_published_then(programs, whole, every_epoch):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=20", programs, record, axes=(0, 1))
    tell(trainer, "train")
    assert trainer.kept_epochs == tuple(range(21))
    published = {update.epoch: update.arrays for update in record.updates}
    assert set(published) == set(range(1, 21))
    for epoch, arrays in published.items():
        at = trainer.arrays_at(epoch)
        assert set(at) == set(arrays) == {"boundary", "confusion"}
        for name in at:
            np.testing.assert_array_equal(at[name], arrays[name])
    assert not np.array_equal(trainer.arrays_at(0)["boundary"], trainer.arrays_at(20)["boundary"])
    tell(trainer, Command("axes", (1, 0)))
    np.testing.assert_array_equal(trainer.arrays_at(20)["boundary"], record.last.arrays["boundary"])


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
            tell(trainer, change(f"{QUICK}&epochs=2000&lr={rate}"))
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
    assert obeyed == [(PAUSED, epoch, pytest.approx(rate)) for epoch, rate in enumerate(rates, 1)]


def test_commands_are_the_known_ones():
    with pytest.raises(ValueError, match=r"must be one of train, .*Received: 'fly'"):
        Command("fly")
