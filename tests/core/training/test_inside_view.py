"""What a run shows of its network's inside, against Keras's own network cut at every layer."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from core.analysis.axes import Axes
from core.analysis.packed_weights import ARRAYS, followed_points
from core.analysis.spaces import separability
from core.messages.commands import Command
from core.messages.edits import Silence
from core.messages.updates import FINISHED
from core.trained.network import TrainedNetwork, weight_shapes
from core.training.inside_view import InsideView
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import EPOCHS, QUICK, begin_slowly, drawn_at, open_run, tell, train, trained_model

INSIDE = Command("inside", True)
EVERYTHING = {"weights", "spaces", "separable", "separable_epoch"}
DEEP = "data=moons&points=70&noise=0.3&batch=14&layers=tanh-5,relu-2&epochs=3"


def seen(arrays) -> set[str]:
    return set(arrays) & set(ARRAYS)


def half(bits: np.ndarray) -> np.ndarray:
    return bits.view(np.float16).astype(np.float64)


def cut_outputs(model: keras.Model, inputs: np.ndarray) -> list[np.ndarray]:
    """Return the inputs, and what Keras's network gives that ends behind each of its layers."""
    cuts = [keras.Model(model.inputs, layer.output) for layer in model.layers]
    return [inputs, *(cut.predict(inputs, verbose=0) for cut in cuts)]


def test_weights_and_places_are_those_of_keras_cut_at_every_layer(programs):
    record = Record()
    trainer = open_run(DEEP, programs, record, axes=Axes(0, 1))
    tell(trainer, INSIDE, "train")
    arrays, split = record.last.arrays, trainer.split
    assert seen(arrays) == EVERYTHING

    model = trained_model(trainer, DEEP)
    named = trainer.weights().arrays
    ordered = np.concatenate(
        [named[name].ravel() for name in weight_shapes(trainer.weights().experiment.network, 2, 2)]
    )
    np.testing.assert_allclose(half(arrays["weights"]), ordered, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(ordered, np.concatenate([weight.ravel() for weight in model.get_weights()]), rtol=1e-6)

    levels = cut_outputs(model, followed_points(split, Axes(0, 1), 4))
    spaces = half(arrays["spaces"])
    assert spaces.shape == (4, 56 + 81, 3)
    for place, units in ((0, 2), (2, 2), (3, 1)):
        np.testing.assert_allclose(spaces[place][:, :units], levels[place], rtol=2e-3, atol=2e-3)
        np.testing.assert_array_equal(spaces[place][:, units:], 0)
    components = PCA(3).fit_transform(levels[1].astype(np.float64))
    np.testing.assert_allclose(np.abs(spaces[1]), np.abs(components), rtol=5e-3, atol=5e-3)

    held_out = cut_outputs(model, split.x_val)
    for found, train_level, val_level in zip(
        arrays["separable"][0], cut_outputs(model, split.x_train), held_out, strict=True
    ):
        scaler = StandardScaler().fit(train_level)
        line = LogisticRegression(max_iter=1000).fit(scaler.transform(train_level), split.y_train)
        expected = line.score(scaler.transform(val_level), split.y_val)
        assert found == pytest.approx(expected, abs=1.01 / len(split.y_val))


def test_nothing_of_it_comes_while_nobody_looks_there(programs, whole, every_epoch):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    tell(trainer, "step")
    tell(trainer, INSIDE, "step")
    tell(trainer, Command("inside", False), "step")
    told = {update.epoch: seen(update.arrays) for update in record.updates}
    assert told[1] == told[3] == set()
    assert told[2] == EVERYTHING


def test_looking_inside_changes_no_bit_of_the_history(programs, whole):
    record = Record()
    tell(open_run(f"{QUICK}&epochs={EPOCHS}", programs, record, axes=Axes(0, 1)), INSIDE, "train")
    assert (record.last.status, record.last.epoch) == (FINISHED, EPOCHS)
    np.testing.assert_array_equal(record.history, whole.history)


def test_every_frame_is_looked_at_once(programs, whole, every_epoch, monkeypatch):
    looks, look = [], InsideView.now
    monkeypatch.setattr(InsideView, "now", lambda *arguments: looks.append(1) or look(*arguments))
    record = Record()
    tell(open_run(f"{QUICK}&epochs={EPOCHS}", programs, record), INSIDE, "train")
    assert len(looks) == len(record.updates) >= EPOCHS


def test_a_resting_run_shows_its_inside_at_once(programs, whole):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    tell(trainer, "train")
    assert not seen(record.last.arrays)
    tell(trainer, INSIDE)
    assert seen(record.last.arrays) == EVERYTHING
    assert record.last.epoch == EPOCHS


def test_a_silenced_unit_gives_nothing_there(programs):
    record = Record()
    trainer = open_run(DEEP, programs, record)
    tell(trainer, INSIDE, "step")
    before = half(record.last.arrays["spaces"])[2]
    assert np.abs(before[:, 1]).max() > 0
    tell(trainer, Command("edit", Silence(1, 1, True)))
    spaces = half(record.last.arrays["spaces"])
    np.testing.assert_array_equal(spaces[2][:, 1], 0)
    np.testing.assert_array_equal(spaces[2][:, 0], before[:, 0])


def test_how_well_a_line_parts_the_classes_says_of_which_epoch_it_is(programs, whole, every_epoch):
    """While a run trains it comes now and then; where it rests, it is that of what is seen."""
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    tell(trainer, INSIDE, "step")
    tell(trainer, "train")
    told = [update for update in record.updates if "separable" in update.arrays]
    assert [update.arrays["separable_epoch"].tolist() for update in told] == [[update.epoch] for update in told]
    assert told[0].epoch == 1
    assert told[-1] is record.last
    assert record.last.epoch == EPOCHS
    assert len(told) < len(record.updates)
    assert not {"separable", "separable_epoch"} & set(trainer.look_back(3, inside=True).arrays)
    tell(trainer, Command("edit", Silence(0, 1, True)))
    assert record.last.arrays["separable_epoch"].tolist() == [EPOCHS]
    split, network = trainer.split, TrainedNetwork(trainer.weights().experiment, trainer.weights().arrays)
    outputs = [network.layer_outputs(rows)[0] for rows in (split.x_train, split.x_val)]
    for rows in outputs:
        rows[:, 1] = 0
    expected = separability([outputs[0]], split.y_train, [outputs[1]], split.y_val, split.classes)
    assert record.last.arrays["separable"][0, 1] == expected[0]


def test_images_and_numbers_have_an_inside_too(programs):
    for query, levels in (
        ("data=digits&layers=tanh-8&batch=128&epochs=3", 3),
        ("data=curve&points=60&layers=tanh-4&batch=16&epochs=4&lr=0.02", 3),
    ):
        record = Record()
        trainer = open_run(query, programs, record)
        tell(trainer, INSIDE, "train")
        arrays = record.last.arrays
        assert arrays["spaces"].shape[0] == arrays["separable"].shape[1] == levels
        assert np.isfinite(half(arrays["spaces"])).all()


def test_an_earlier_epoch_looks_as_it_did_then(programs, every_epoch):
    train(DEEP, programs)  # from here on it is compiled
    record = Record()
    trainer = open_run(DEEP, programs, record, axes=Axes(0, 1))
    for _ in range(3):
        tell(trainer, INSIDE, "step")
    told = [update for update in record.updates if "spaces" in update.arrays]
    assert {update.epoch for update in told} == {1, 2, 3}
    for update in told:
        past = trainer.look_back(update.epoch, inside=True)
        assert (past.epoch, past.generation) == (update.epoch, update.generation)
        assert seen(past.arrays) == {"weights", "spaces"}
        for name in set(past.arrays) - {"spaces"}:
            np.testing.assert_array_equal(past.arrays[name], update.arrays[name])
        place = np.abs(half(past.arrays["spaces"])), np.abs(half(update.arrays["spaces"]))
        np.testing.assert_allclose(place[0][[0, 2, 3]], place[1][[0, 2, 3]], rtol=2e-3, atol=2e-3)
    last = record.last.arrays["spaces"]
    np.testing.assert_array_equal(trainer.look_back(99, inside=True).arrays["spaces"], last)
    assert set(drawn_at(trainer, 1)) == {"boundary", "confusion"}


def test_earlier_epochs_can_be_seen_while_it_trains(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", programs, record, axes=Axes(0, 1))
    thread = begin_slowly(trainer, attending, record, 200, 3)
    trainer.send(INSIDE)
    with ThreadPoolExecutor(3) as watchers:
        pasts = list(watchers.map(lambda epoch: trainer.look_back(epoch, inside=True), [*range(4)] * 20))
    assert thread.is_alive()
    assert [past.epoch for past in pasts] == [*range(4)] * 20
    for past, again in zip(pasts[:4], pasts[-4:], strict=True):
        np.testing.assert_array_equal(past.arrays["weights"], again.arrays["weights"])
        np.testing.assert_array_equal(past.arrays["boundary"], again.arrays["boundary"])


def test_a_run_that_was_trained_again_elsewhere_has_the_same_past(programs, whole):
    trainer = open_run(f"{QUICK}&epochs=20", programs, Record())
    tell(trainer, "train")
    moved = Trainer.again(trainer.record(), Record(), programs)
    assert moved.kept_epochs == trainer.kept_epochs
    for name, array in trainer.look_back(7, inside=True).arrays.items():
        np.testing.assert_array_equal(moved.look_back(7, inside=True).arrays[name], array)


def test_a_network_whose_weights_are_no_numbers_has_no_inside(programs):
    trainer = open_run(DEEP, programs, Record())
    weights = trainer.weights()
    inside = InsideView(trainer.split, None, levels=4)
    assert inside.now(weights.experiment, (weights.arrays, ()), everything=True)
    broken = {**weights.arrays, "output/bias": np.array([np.nan], np.float32)}
    assert inside.now(weights.experiment, (broken, ()), everything=True) == {}
    assert inside.past(weights.experiment, (broken, ()), (weights.arrays, ())) == {}
    assert inside.past(weights.experiment, (weights.arrays, ()), (broken, ()))
