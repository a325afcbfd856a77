"""Edits by hand while a network trains, against Keras trained by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.engine.programs import Programs
from core.experiment import read_query
from core.messages.commands import Command
from core.messages.edits import Begin, Freeze, SetWeight, Silence, Undo
from core.messages.pace import FAST
from core.messages.record import Record as RunRecord
from core.messages.updates import FINISHED, PAUSED
from core.training.trainer import Trainer
from tests.core.engine.oracle import keras_fit, keras_model, keras_targets, set_state
from tests.core.training.record import Record
from tests.core.training.runs import history_of, open_run, spy_on_orders, tell, values_of

QUERY = "data=moons&points=70&noise=0.3&batch=14&layers=tanh-4,relu-3&lr=0.05&l2=0.01&epochs=12"
WEIGHT = SetWeight("hidden_2/kernel", (3, 1), 1.25)


def edit(*edits) -> list[Command]:
    return [Command("edit", one) for one in edits]


def steps(trainer: Trainer, epochs: int) -> None:
    for _ in range(epochs):
        tell(trainer, "step")


def weights_of(trainer: Trainer) -> dict[str, np.ndarray]:
    return dict(trainer.weights().arrays)


def assert_same_weights(one: dict[str, np.ndarray], other: dict[str, np.ndarray], **tolerance: float) -> None:
    assert list(one) == list(other)
    for name, weight in one.items():
        np.testing.assert_allclose(weight, other[name], **tolerance, err_msg=name)


def keras_of(trainer: Trainer, query: str = QUERY) -> keras.Model:
    model = keras_model(read_query(query), trainer.split)
    set_state(model, values_of(trainer))
    return model


def named(model: keras.Model, trainer: Trainer) -> dict[str, np.ndarray]:
    """Return the weights of a network without normalization by our names."""
    return dict(zip(weights_of(trainer), model.get_weights(), strict=True))


def keras_held(
    model: keras.Model, trainer: Trainer, orders: list[np.ndarray], held: dict[int, tuple], query: str = QUERY
) -> None:
    """Train batch by batch, and put back after each what is held: places by the number of the weight."""
    experiment, split = read_query(query), trainer.split
    size = experiment.training.batch_size
    targets = keras_targets(split.y_train, split)
    for order in orders:
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            before = model.get_weights()
            model.train_on_batch(split.x_train[rows], targets[rows])
            after = model.get_weights()
            for number, places in held.items():
                for place in places:
                    after[number][place] = before[number][place]
            model.set_weights(after)


def test_training_goes_on_from_an_edited_weight_as_in_keras(programs, monkeypatch):
    tell(open_run(QUERY, programs, Record()), "train")  # from here on it is compiled
    orders = spy_on_orders(monkeypatch)
    trainer = open_run(QUERY, programs, Record())
    model = keras_of(trainer)
    steps(trainer, 3)
    tell(trainer, *edit(WEIGHT))
    assert weights_of(trainer)["hidden_2/kernel"][3, 1] == np.float32(1.25)
    steps(trainer, 4)

    def set_weight(epoch: int) -> None:
        if epoch == 3:
            weights = model.get_weights()
            weights[2][3, 1] = 1.25
            model.set_weights(weights)

    expected = keras_fit(model, read_query(QUERY), trainer.split, orders, set_weight)
    np.testing.assert_allclose(history_of(trainer), expected, rtol=1e-5, atol=1e-6)
    assert_same_weights(weights_of(trainer), named(model, trainer), rtol=1e-5, atol=1e-5)


def test_a_run_begins_with_the_weights_of_another_as_in_keras(programs, monkeypatch):
    other = open_run(QUERY, programs, Record())
    steps(other, 3)
    begin = Begin(weights_of(other))
    orders = spy_on_orders(monkeypatch)
    plan = ((0, read_query(QUERY)),)
    trainer = Trainer.again(RunRecord(plan, 0, PAUSED, FAST, None, ((0, begin),)), Record(), programs)
    assert_same_weights(weights_of(trainer), dict(begin.weights), rtol=0, atol=0)
    tell(trainer, *edit(Undo()))  # which takes nothing back
    model = keras_of(trainer)
    steps(trainer, 4)
    expected = keras_fit(model, read_query(QUERY), trainer.split, orders[-4:])
    np.testing.assert_allclose(history_of(trainer), expected, rtol=1e-5, atol=1e-6)
    assert_same_weights(weights_of(trainer), named(model, trainer), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("extra", ["", "&optimizer=sgd&momentum=0.9&weight_decay=0.1&max_norm=0.5"])
def test_frozen_units_do_not_change_and_all_else_trains_as_in_keras(extra, programs, monkeypatch):
    query = QUERY + extra
    trainer = open_run(query, programs, Record())
    tell(trainer, *edit(Freeze(0, 2, True), Freeze(1, 0, True)))
    model, before = keras_of(trainer, query), weights_of(trainer)
    orders = spy_on_orders(monkeypatch)
    tell(trainer, "step")
    steps(trainer, 2)
    after = weights_of(trainer)
    for layer, unit in ((1, 2), (2, 0)):
        np.testing.assert_array_equal(
            after[f"hidden_{layer}/kernel"][:, unit], before[f"hidden_{layer}/kernel"][:, unit]
        )
        np.testing.assert_array_equal(after[f"hidden_{layer}/bias"][unit], before[f"hidden_{layer}/bias"][unit])
    column = np.s_[:, 2], np.s_[:, 0]
    keras_held(model, trainer, orders[-3:], {0: column[:1], 1: (2,), 2: column[1:], 3: (0,)}, query)
    assert_same_weights(after, named(model, trainer), rtol=1e-5, atol=1e-5)
    assert (after["hidden_1/kernel"][:, [0, 1, 3]] != before["hidden_1/kernel"][:, [0, 1, 3]]).all()

    tell(trainer, *edit(Freeze(0, 2, False)), "step")
    assert (weights_of(trainer)["hidden_1/kernel"][:, 2] != after["hidden_1/kernel"][:, 2]).all()
    np.testing.assert_array_equal(weights_of(trainer)["hidden_2/kernel"][:, 0], after["hidden_2/kernel"][:, 0])


@pytest.mark.parametrize(("layer", "number"), [(0, 2), (1, 4)])
def test_a_silenced_unit_sends_nothing_on_and_all_else_trains_as_in_keras(layer, number, programs, monkeypatch):
    trainer = open_run(QUERY, programs, Record())
    before = weights_of(trainer)
    kernel = ("hidden_2/kernel", "output/kernel")[layer]
    tell(trainer, *edit(Silence(layer, 1, True)))
    np.testing.assert_array_equal(weights_of(trainer)[kernel][1], 0)

    # What the network answers does not depend on the unit any more.
    twin = open_run(QUERY, programs, Record())
    tell(twin, *edit(Silence(layer, 1, True), SetWeight(f"hidden_{layer + 1}/bias", (1,), 100.0)))
    inputs = tf.constant(trainer.split.x_test)
    np.testing.assert_array_equal(
        trainer.progress.segment.program.outputs(trainer.progress.network.state, inputs),
        twin.progress.segment.program.outputs(twin.progress.network.state, inputs),
    )

    model = keras_of(trainer)
    orders = spy_on_orders(monkeypatch)
    steps(trainer, 3)
    keras_held(model, trainer, orders[-3:], {number: (np.s_[1],)})
    silent = weights_of(trainer)
    np.testing.assert_array_equal(silent[kernel][1], 0)
    assert_same_weights(silent, named(model, trainer), rtol=1e-5, atol=1e-5)

    tell(trainer, *edit(Silence(layer, 1, False)))
    np.testing.assert_array_equal(weights_of(trainer)[kernel][1], before[kernel][1])
    tell(trainer, "step")
    assert (weights_of(trainer)[kernel][1] != before[kernel][1]).all()


def test_what_is_undone_is_as_before(programs):
    trainer = open_run(QUERY, programs, Record())
    steps(trainer, 2)
    before = weights_of(trainer)
    edits = [WEIGHT, Silence(0, 3, True), SetWeight("hidden_2/kernel", (3, 1), 9.0), Freeze(1, 1, True)]
    tell(trainer, *edit(*edits, Silence(0, 3, False)))
    there = weights_of(trainer)["hidden_2/kernel"]
    assert there[3, 1] == 9  # set while the unit was silent
    np.testing.assert_array_equal(there[3, [0, 2]], before["hidden_2/kernel"][3, [0, 2]])
    tell(trainer, *edit(*[Undo()] * 5))
    assert_same_weights(weights_of(trainer), before, rtol=0)

    tell(trainer, *edit(Undo()), "train")
    undisturbed = open_run(QUERY, programs, Record())
    tell(undisturbed, "train")
    np.testing.assert_array_equal(history_of(trainer), history_of(undisturbed))


def test_a_weight_that_is_set_back_is_the_one_that_was_there(programs):
    trainer = open_run(QUERY, programs, Record())
    steps(trainer, 1)
    was = weights_of(trainer)["hidden_2/kernel"][3, 1]
    tell(trainer, *edit(WEIGHT), "step")
    steps(trainer, 2)
    assert weights_of(trainer)["hidden_2/kernel"][3, 1] != 1.25
    tell(trainer, *edit(Undo()))
    assert weights_of(trainer)["hidden_2/kernel"][3, 1] == was


EDITED = [(0, Freeze(0, 0, True)), (2, WEIGHT), (2, Silence(1, 2, True)), (4, Undo()), (5, Silence(0, 1, True))]


def edited_run(shared: Programs) -> tuple[Trainer, Record]:
    record = Record()
    trainer = Trainer(read_query(QUERY), record, shared)
    for epoch in range(7):
        tell(trainer, *edit(*(one for when, one in EDITED if when == epoch)), "step")
    tell(trainer, "train")
    return trainer, record


def test_edits_give_the_same_history_cold_warm_and_trained_again(busy_compiler):
    """Cold, all of it happens in a preview, which is replayed at its end; warm, there is none."""
    shared = Programs()
    record = Record()
    trainer = Trainer(read_query(QUERY), record, shared)
    for epoch in range(7):
        for when, one in EDITED:
            if when == epoch:
                trainer.send(Command("edit", one))
        trainer.send(Command("step"))
        trainer._obey_all()
        trainer._run.train_epoch()
    assert trainer.progress.is_preview
    previewed = history_of(trainer)
    busy_compiler(False)
    tell(trainer, "train")
    assert record.last.status == FINISHED
    np.testing.assert_allclose(history_of(trainer)[:7], previewed, rtol=1e-4, atol=1e-5)

    warm, again = edited_run(shared)
    np.testing.assert_array_equal(again.history, record.history)
    assert_same_weights(weights_of(warm), weights_of(trainer), rtol=0)
    for told in (record, again):
        assert [epoch for update in told.updates for epoch in update.edited] == [0, 2, 2, 4, 5]

    moved = Trainer.again(warm.record(), Record(), shared)
    np.testing.assert_array_equal(history_of(moved), history_of(warm))
    assert_same_weights(weights_of(moved), weights_of(warm), rtol=0)
    tell(moved, *edit(Undo()))
    tell(warm, *edit(Undo()))
    assert_same_weights(weights_of(moved), weights_of(warm), rtol=0)


@pytest.mark.parametrize("cold", [True, False])
def test_what_is_replaced_or_taken_back_between_two_epochs_leaves_no_trace(cold, programs, busy_compiler):
    """Also where a preview begins among those edits, by a unit that is held for the first time."""
    shared = Programs()
    record = Record()
    trainer = Trainer(read_query(QUERY), record, shared)
    if not cold:
        busy_compiler(False)
        tell(trainer, "step", *edit(Freeze(0, 0, True)), "step", *edit(Undo()))
        trainer = Trainer(read_query(QUERY), record := Record(), shared)
    for _ in range(2):
        tell_without_waiting(trainer, Command("step"))
    values = [SetWeight(WEIGHT.name, WEIGHT.index, value) for value in (0.5, 0.75)]
    tell_without_waiting(trainer, *edit(values[0], Freeze(0, 0, True), Undo(), values[1], WEIGHT))
    tell_without_waiting(trainer, *edit(Silence(1, 1, True), Silence(1, 1, False)))
    assert trainer.record().edits == ((2, WEIGHT),)
    assert weights_of(trainer)["hidden_2/kernel"][3, 1] == 1.25
    if cold:
        busy_compiler(False)
    tell(trainer, "train")

    plain = open_run(QUERY, programs, Record())
    steps(plain, 2)
    tell(plain, *edit(WEIGHT), "train")
    assert record.last.status == FINISHED
    np.testing.assert_array_equal(history_of(trainer), history_of(plain))
    assert_same_weights(weights_of(trainer), weights_of(plain), rtol=0)
    moved = Trainer.again(trainer.record(), Record(), shared)
    np.testing.assert_array_equal(history_of(moved), history_of(plain))


def tell_without_waiting(trainer: Trainer, *commands: Command) -> None:
    """Have commands obeyed and their epochs trained, on whichever graph is there."""
    for command in commands:
        trainer.send(command)
        trainer._obey_all()
        trainer._run.start_preview_if_needed()
        while trainer._is_training:
            trainer._run.train_epoch()


def test_a_run_without_edits_has_no_part_in_it(programs, monkeypatch):
    """The program of a run is another one only while something is held."""
    trainer = open_run(QUERY, programs, Record())
    plain = trainer.progress.segment.program
    tell(trainer, *edit(WEIGHT))
    assert trainer.progress.segment.program == plain
    tell(trainer, *edit(Silence(0, 0, True)))
    assert trainer.progress.segment.program != plain
    assert trainer.progress.segment.program.structure.held
    tell(trainer, *edit(Undo()))
    assert trainer.progress.segment.program == plain


def test_the_best_weights_come_back_with_what_was_done_since(programs):
    query = f"{QUERY.replace('epochs=12', 'epochs=200')}&patience=4&restore_best=yes"
    record = Record()
    trainer = open_run(query, programs, record)
    steps(trainer, 2)
    tell(trainer, *edit(Silence(0, 0, True), SetWeight("output/bias", (0,), 30.0)), "train")
    assert record.last.message.endswith("The weights from epoch 2 (lowest held-out loss) are restored.")
    weights = weights_of(trainer)
    np.testing.assert_array_equal(weights["hidden_2/kernel"][0], 0)
    assert weights["output/bias"][0] == 30
    tell(trainer, *edit(Undo(), Undo()))
    kept = trainer.progress.segment.program.named_weights(trainer.progress.trained.best_network.state)
    assert_same_weights(weights_of(trainer), kept, rtol=0)
    assert record.last.status != PAUSED
