"""What is found of a run by its kept weights, against Keras itself."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_sample_weight

from core.analysis import layer_health as health_module
from core.analysis.landscape import path_plane
from core.analysis.layer_health import layer_values
from core.datasets import prepare
from core.engine import objective as objective_module
from core.engine import turns as turns_module
from core.engine.objective import Objective
from core.engine.turns import BackgroundWork
from core.errors import WorkersError
from core.experiment import read_query
from core.messages.commands import Command
from core.trained.network import TrainedNetwork, weight_shapes
from core.training.run_analysis import health_of, kept_weights, landscape_of
from core.training.snapshots import even_choice
from tests.core.engine.oracle import keras_model, keras_targets
from tests.core.trained.networks import some_weights
from tests.core.training.record import Record
from tests.core.training.runs import begin_slowly, open_run, tell, train
from tests.waiting import PATIENCE

PENALIZED = "data=moons&points=60&layers=tanh-3&batch=16&l1=0.01&l2=0.02&epochs=2"
NORMALIZED = "data=iris&layers=relu-4-batch,tanh-3-layer&dropout=0.3&epochs=2"
BALANCED = "data=penguins&layers=none&class_weight=balanced&epochs=2"
NUMBERS = "data=curve&points=60&layers=tanh-1&epochs=2"
QUERIES = [PENALIZED, NORMALIZED, BALANCED, NUMBERS]


def _trained(query, programs):
    trainer = open_run(query, programs, Record())
    tell(trainer, "train")
    return trainer


def _flat(weights, shapes):
    return np.concatenate([weights.arrays[name].ravel() for name in shapes])


def _parts(flat, shapes):
    ends = np.cumsum([np.prod(shape) for shape in shapes.values()], dtype=int)[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes.values(), strict=True)]


def _rows(experiment, split):
    """The training rows as Keras takes them: inputs, targets, and weights where classes are balanced."""
    balanced = experiment.training.class_weight == "balanced"
    weights = compute_sample_weight("balanced", split.y_train).astype(np.float32) if balanced else None
    return split.x_train, keras_targets(split.y_train, split).astype(np.float32), weights


@pytest.mark.parametrize("query", QUERIES)
def test_every_height_of_the_landscape_is_what_keras_evaluates(query, programs):
    trainer = _trained(query, programs)
    experiment, split = read_query(query), trainer.split
    shapes = weight_shapes(experiment.network, split.inputs, split.classes)
    kept = np.stack([_flat(weights, shapes) for weights in kept_weights(trainer, 10)])
    plane = path_plane(kept)
    found = landscape_of(trainer)
    assert found.rows == len(split.x_train)
    model = keras_model(experiment, split)
    inputs, targets, weights = _rows(experiment, split)

    def evaluated(flat):
        model.set_weights(_parts(flat, shapes))
        return model.evaluate(inputs, targets, len(inputs), 0, weights, return_dict=True)["loss"]

    for row, column in ((0, 0), (3, 20), (12, 12), (24, 24)):
        place = np.array([found.across[column], found.up[row]])
        flat = (plane.origin + place @ plane.directions).astype(np.float32)
        for name, part in zip(shapes, _parts(flat, shapes), strict=True):
            if name.endswith("moving_variance"):
                np.maximum(part, 0, out=part)  # views into `flat`
        assert found.losses[row, column] == pytest.approx(evaluated(flat), abs=1e-4, rel=1e-4)
    for at, flat in enumerate(kept):
        assert found.path_losses[at] == pytest.approx(evaluated(flat), abs=1e-4)


def test_three_kept_epochs_lie_in_their_plane(programs):
    """So the grid's height there is their own loss."""
    trainer = _trained(PENALIZED, programs)
    split, experiment = trainer.split, read_query(PENALIZED)
    shapes = weight_shapes(experiment.network, split.inputs, split.classes)
    plane = path_plane(np.stack([_flat(weights, shapes) for weights in kept_weights(trainer, 3)]))
    found = landscape_of(trainer)
    assert found.epochs == (0, 1, 2)
    objective = Objective(experiment, split, np.arange(len(split.x_train)))
    there = objective.over_plane(plane.origin, plane.directions, found.path, shapes)
    np.testing.assert_allclose(there, found.path_losses, atol=1e-4)


def test_a_run_without_three_kept_epochs_has_no_landscape(programs):
    trainer = open_run(PENALIZED, programs, Record())
    assert landscape_of(trainer) is None


@pytest.mark.parametrize("look", [health_of, landscape_of])
def test_a_failed_run_is_looked_at_up_to_its_last_numbers(look, programs, monkeypatch):
    trainer = _trained(PENALIZED.replace("epochs=2", "epochs=4"), programs)
    near = trainer.weights_near

    def failed(epoch):
        weights = near(epoch)
        broken = {name: np.full_like(array, np.nan) for name, array in weights.arrays.items()}
        return replace(weights, arrays=broken) if epoch == 4 else weights

    monkeypatch.setattr(trainer, "weights_near", failed)
    assert look(trainer).epochs == (0, 1, 2, 3)


@pytest.mark.parametrize("look", [health_of, landscape_of])
def test_a_run_goes_on_between_the_pieces_of_a_look_and_keeps_its_history(look, programs, attending, monkeypatch):
    # So many steps that it still trains when the look is over.
    query = "data=moons&points=400&layers=tanh-3&batch=2&l1=0.01&l2=0.02&epochs=2000"
    record = Record()
    trainer = open_run(query, programs, record)
    train(query.replace("epochs=2000", "epochs=1"), programs)  # from here on it is compiled
    monkeypatch.setattr(turns_module, "SLICE_SECONDS", 0.0)  # an epoch, a piece, an epoch …
    monkeypatch.setattr(turns_module, "LONGEST_SECONDS", 0.0)
    monkeypatch.setattr(objective_module, "SLICE_SECONDS", 0.0)
    epochs, do = [], BackgroundWork.do
    monkeypatch.setattr(
        BackgroundWork, "do", lambda *arguments: epochs.append(trainer.weights().epoch) or do(*arguments)
    )
    thread = begin_slowly(trainer, attending, record, 0, 3)
    look(trainer)
    assert len(epochs) > 6
    assert len(set(epochs)) > len(epochs) / 4
    trainer.send(Command("stop"))
    thread.join(PATIENCE)
    other = train(query.replace("epochs=2000", f"epochs={record.last.epoch}"), programs)
    np.testing.assert_array_equal(record.history, other.history)


@pytest.mark.parametrize("look", [health_of, landscape_of])
def test_no_run_waits_for_what_of_a_look_is_no_piece(look, programs, monkeypatch):
    trainer = _trained(PENALIZED, programs)
    held = []

    def note(call):
        return lambda *arguments: held.append(programs.turns._taken) or call(*arguments)

    monkeypatch.setattr(Objective, "_losses", note(Objective._losses))
    monkeypatch.setattr(health_module, "spread_histogram", note(health_module.spread_histogram))
    look(trainer)
    assert len(held) > 1
    assert not any(held)
    assert not programs.turns._taken


def test_a_look_at_a_run_that_is_given_up_ends(programs):
    trainer = _trained(PENALIZED, programs)
    trainer.abandon()
    with pytest.raises(WorkersError, match="given up"):
        health_of(trainer)
    with pytest.raises(WorkersError, match="given up"):
        landscape_of(trainer)
    assert _trained(PENALIZED, programs).weights().epoch == 2  # the turn is free


@pytest.mark.parametrize("query", QUERIES)
def test_gradients_are_those_of_keras(query):
    experiment = read_query(query)
    split = prepare(experiment.data)
    weights = some_weights(experiment.network, split.inputs, split.classes)
    model = keras_model(experiment, split)
    model.set_weights(list(weights.values()))
    rows = np.arange(0, len(split.x_train), 2)
    inputs, targets, row_weights = _rows(experiment, split)
    with tf.GradientTape() as tape:
        outputs = model(inputs[rows], training=False)
        loss = model.compute_loss(
            inputs[rows], targets[rows], outputs, None if row_weights is None else row_weights[rows], training=False
        )
    expected = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    found = Objective(experiment, split, rows).gradients(weights)
    for name, mine, theirs in zip(found, found.values(), expected, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), atol=1e-5, rtol=1e-4, err_msg=name)


def test_gradients_of_a_tiny_network_are_the_slopes_of_its_loss():
    experiment = read_query("data=moons&points=60&layers=tanh-2")
    split = prepare(experiment.data)
    weights = some_weights(experiment.network, split.inputs, split.classes)
    inputs, labels = split.x_train[:20], split.y_train[:20]

    def loss(changed):
        said = TrainedNetwork(experiment, changed).predict(inputs)[np.arange(20), labels]
        return -np.log(said.astype(np.float64)).mean()

    step = 0.01
    for name, gradient in Objective(experiment, split, np.arange(20)).gradients(weights).items():
        for place in np.ndindex(gradient.shape):
            both = []
            for sign in (1, -1):
                tensor = weights[name].copy()
                tensor[place] += sign * step
                both.append(loss(weights | {name: tensor}))
            assert gradient[place] == pytest.approx((both[0] - both[1]) / (2 * step), abs=1e-3)


def test_the_health_of_a_run_is_that_of_its_kept_weights(programs):
    trainer = _trained("data=moons&points=60&layers=relu-5,tanh-3,elu-2&batch=16&epochs=30", programs)
    found = health_of(trainer)
    assert (found.epochs[0], found.epochs[-1], len(found.epochs)) == (0, 30, 12)
    assert found.moved_epochs == tuple(range(1, 31))
    assert found.steps == 3
    before, after = (layer_values(trainer.weights_near(epoch).arrays, 3) for epoch in (29, 30))
    expected = [np.linalg.norm(b - a) / np.linalg.norm(a) for a, b in zip(before, after, strict=True)]
    np.testing.assert_allclose(found.moved[:, -1], expected, rtol=1e-4)
    experiment, split = trainer.weights().experiment, trainer.split
    gradients = Objective(experiment, split, np.arange(found.rows)).gradients(trainer.weights().arrays)
    of_output = np.concatenate([gradients["output/kernel"].ravel(), gradients["output/bias"]])
    assert found.gradient_norms[3, -1] == pytest.approx(np.linalg.norm(of_output), rel=1e-4)
    outputs = TrainedNetwork(experiment, trainer.weights().arrays).layer_outputs(split.x_train)
    assert found.idle[0, -1] == np.mean((outputs[0] == 0).all(axis=0))
    assert np.isnan(found.idle[2]).all()
    assert [histogram.counts[-1].sum() for histogram in found.activations] == [48 * units for units in (5, 3, 2, 1)]
    assert [histogram.counts[-1].sum() for histogram in found.weights] == [15, 18, 8, 3]


def test_a_run_before_its_first_epoch_has_a_health_too(programs):
    found = health_of(open_run("data=moons&points=60&layers=none", programs, Record()))
    assert found.epochs == (0,)
    assert found.moved.shape == (1, 0)
    assert found.idle.shape == (0, 1)
    assert found.gradient_norms.shape == (1, 1)


def test_an_even_choice_holds_both_ends():
    assert even_choice((0, 7, 9), 5) == [0, 7, 9]
    assert even_choice(tuple(range(100)), 4) == [0, 33, 66, 99]
