"""What a run shows of itself: boundary, surface, matrix, errors, figures of the test rows."""

import threading
import time

import keras
import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from core.analysis.axes import Axes
from core.analysis.decision import grid_inputs, paint, plane_of
from core.analysis.regression import line_inputs, paint_values
from core.engine.programs import Programs
from core.experiment import menus, read_query
from core.messages.commands import Command
from core.messages.pace import FAST, STEP
from core.messages.updates import FINISHED, PAUSED, RUNNING, STOPPED, Update
from core.trained.epoch import weights_epoch
from core.training.trainer import Trainer
from tests.core.engine.oracle import keras_fit, keras_model, keras_targets, set_state
from tests.core.training.record import Record
from tests.core.training.runs import (
    QUICK,
    begin_slowly,
    change,
    drawn_at,
    open_run,
    spy_on_orders,
    tell,
    train,
    trained_model,
    values_of,
)
from tests.waiting import wait_until

HISTORY = menus.HISTORY[menus.CLASSES]
WORSENING = "data=moons&points=60&noise=0.5&layers=tanh-3&batch=16&lr=0.1"

# What is drawn


def test_the_last_update_shows_what_the_network_does_now(programs, monkeypatch):
    query = "data=digits&layers=tanh-8&batch=128&epochs=3"
    train(query, programs)
    orders = spy_on_orders(monkeypatch)
    record = Record()
    trainer = open_run(query, programs, record, axes=Axes(20, 43))
    first = values_of(trainer)
    tell(trainer, "train")

    split, experiment = trainer.split, read_query(query)
    model = keras_model(experiment, split)
    set_state(model, first)
    keras_fit(model, experiment, split, orders)
    predicted = model.predict(split.x_test, verbose=0).argmax(axis=1)
    arrays = record.last.arrays
    assert {name: array.dtype for name, array in arrays.items()} == {
        "boundary": "u1", "confusion": "i4", "strip": "i4", "worst": "i4", "worst_pictures": "u1",
    }  # fmt: skip
    np.testing.assert_array_equal(arrays["confusion"], confusion_matrix(split.y_test, predicted))
    np.testing.assert_array_equal(arrays["strip"], predicted[:20])
    rows, true, said = arrays["worst"]
    of_the_true = model.predict(split.x_test, verbose=0)[np.arange(len(split.y_test)), split.y_test]
    np.testing.assert_allclose(of_the_true[rows], np.sort(of_the_true)[:20], atol=1e-5)
    np.testing.assert_array_equal(true, split.y_test[rows])
    np.testing.assert_array_equal(said, predicted[rows])
    np.testing.assert_allclose(arrays["worst_pictures"] / 255 * 16, split.raw_test[rows].reshape(-1, 8, 8), atol=0.05)
    assert_boundary(arrays["boundary"], model, trainer, Axes(20, 43))

    tell(trainer, Command("axes", Axes(36, 5)))
    assert record.last.epoch == 3
    assert_boundary(record.last.arrays["boundary"], model, trainer, Axes(36, 5))
    tell(trainer, Command("axes", None))
    assert set(record.last.arrays) == {"confusion", "strip", "worst", "worst_pictures"}


def assert_boundary(boundary: np.ndarray, model: keras.Model, trainer: Trainer, axes: Axes) -> None:
    inputs = grid_inputs(trainer.split, plane_of(trainer.split, axes))
    expected = paint(model.predict(inputs, verbose=0, batch_size=5000))
    assert boundary.shape == (2, 70, 70)
    assert np.mean(boundary[0] == expected[0]) > 0.999  # but for cells where two classes tie
    assert np.abs(boundary[1].astype(int) - expected[1]).max() <= 1


def test_numbers_have_a_surface_and_errors_in_the_targets_own_units(programs):
    query = "data=diabetes&layers=tanh-3&batch=128&epochs=3&lr=0.05"  # its numbers are scaled, 25 to 346
    record = Record()
    trainer = open_run(query, programs, record, axes=Axes(2, 8))
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
        numbers(grid_inputs(split, plane_of(split, Axes(2, 8)))), split.y_train.min(), split.y_train.max()
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
    assert [update.test is None for update in record.updates] == [update.status == RUNNING for update in record.updates]

    assert set(record.last.arrays) == {"line", "predicted"}
    line = record.last.arrays["line"]
    assert (line.dtype, line.shape) == (np.float32, (1, 200))
    expected = model.predict(line_inputs(split), verbose=0)[:, 0] / split.target_factor + split.target_offset
    np.testing.assert_allclose(line[0], expected, rtol=1e-4, atol=1e-5)
    assert record.last.arrays["predicted"].shape == (1, 12)

    # It goes on: there is no test until it ends again.
    tell(trainer, Command("pace", STEP), change(f"{query}&epochs=6&l2=0.01"), "step")
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
    trainer = open_run(f"{QUICK}&epochs=20", programs, record, axes=Axes(0, 1))
    tell(trainer, "train")
    assert trainer.kept_epochs == tuple(range(21))
    published = {update.epoch: update.arrays for update in record.updates}
    assert set(published) == set(range(1, 21))
    assert [update.arrays_epoch for update in record.updates] == [update.epoch for update in record.updates]
    for epoch, arrays in published.items():
        at = drawn_at(trainer, epoch)
        assert set(at) == set(arrays) == {"boundary", "confusion"}
        for name in at:
            np.testing.assert_array_equal(at[name], arrays[name])
    assert not np.array_equal(drawn_at(trainer, 0)["boundary"], drawn_at(trainer, 20)["boundary"])
    tell(trainer, Command("axes", Axes(1, 0)))
    np.testing.assert_array_equal(drawn_at(trainer, 20)["boundary"], record.last.arrays["boundary"])


ENDINGS = {
    "finished": ("epochs=6", "", FINISHED),
    "paused": ("epochs=6", "pause", PAUSED),
    "stopped": ("epochs=6", "stop", STOPPED),
    "stepped": ("epochs=6", "step", PAUSED),
    "gone back to the best weights": ("epochs=300&patience=7", "", FINISHED),
    "at its target": ("epochs=300&target=0.7", "", FINISHED),
}


@pytest.mark.parametrize("known", [True, False], ids=["compiled", "new"])
@pytest.mark.parametrize(("options", "command", "status"), ENDINGS.values(), ids=list(ENDINGS))
def test_a_run_at_rest_shows_all_of_the_epoch_it_rests_at(options, command, status, known, programs, held_out_once):
    query = f"{WORSENING}&{options}"

    def look(update: Update) -> None:
        if update.status == RUNNING:
            if update.epoch == 3 and command in ("pause", "stop"):
                trainer.send(Command(command))
            return
        epoch = weights_epoch(read_query(query), dict(zip(HISTORY, record.history.T.tolist(), strict=True)))
        expected = drawn_at(trainer, epoch)
        assert update.arrays_epoch == epoch
        assert set(update.arrays) == set(expected) == {"boundary", "confusion"}
        for name, array in expected.items():
            np.testing.assert_array_equal(update.arrays[name], array)
        matrix, val_accuracy = update.arrays["confusion"], record.history[epoch - 1, 3]
        assert np.trace(matrix) / matrix.sum() == pytest.approx(val_accuracy)

    if known:
        train(query, programs)
    record = Record(look)
    trainer = open_run(query, programs if known else Programs(), record, axes=Axes(0, 1))
    tell(trainer, "step" if command == "step" else "train")
    assert record.generations == ({0} if known else {0, 1})
    assert (record.last.status, record.last.epoch < 300) == (status, True)


def test_the_plain_graph_shows_all_of_its_last_epoch_while_the_compiler_works(attending, busy_compiler, held_out_once):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", Programs(), record, axes=Axes(0, 1))
    thread = begin_slowly(trainer, attending, record, 100, 3)
    trainer.send(change(f"{QUICK}&epochs=2"))  # fewer than are done: it ends here
    wait_until(lambda: record.last.epochs == 2)
    assert_whole(record)
    trainer.send(Command("pace", FAST))
    trainer.send(change(f"{QUICK}&epochs=20"))
    trainer.send(Command("train"))
    wait_until(lambda: record.last.epoch == 20)
    assert_whole(record)
    assert thread.is_alive()
    assert record.last.status == FINISHED
    assert {(update.generation, update.status) for update in record.updates} == {(0, RUNNING), (0, FINISHED)}
    busy_compiler(False)
    thread.join()


def assert_whole(record: Record) -> None:
    assert set(record.last.arrays) == {"boundary", "confusion"}
    matrix = record.last.arrays["confusion"]
    assert np.trace(matrix) / matrix.sum() == pytest.approx(record.history[-1, 3])


def test_updates_carry_pictures_only_where_there_are_any(programs, whole):
    record = train(f"{QUICK}&epochs=3", programs, axes=Axes(0, 1))
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


def test_squares_part_the_circles_without_a_hidden_layer(programs):
    query = "data=circles&points=200&layers=none&inputs=x1x1,x2x2&lr=0.1&epochs=60"
    record = train(query, programs, axes=Axes(0, 1))
    assert record.last.rows[-1][1] == 1  # accuracy
    classes = record.last.arrays["boundary"][0]
    assert classes[35, 35] == 1
    assert {classes[row, column] for row in (0, -1) for column in (0, -1)} == {0}
