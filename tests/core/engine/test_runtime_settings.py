"""Learning rates, penalties, momentum, noise and dropout, which a program takes as arguments, against Keras."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from core.engine.programs import Programs
from core.engine.runtime_settings import runtime_settings
from core.engine.structure import Structure
from core.experiment import TrainingSpec, menus
from tests.core.engine.cases import CASES, TWO, Case, assert_same
from tests.core.engine.oracle import keras_fit, keras_model, set_state


@pytest.fixture(scope="module")
def binary(programs: Programs) -> Case:
    return Case.of(f"{TWO}&layers=tanh-4", programs)


@pytest.fixture(scope="module")
def noisy(programs: Programs) -> Case:
    return Case.of(f"{TWO}&layers=tanh-4-noise0.5,relu-4-drop0.4&dropout=0.5&lr=0.05", programs)


def keras_schedule(training: TrainingSpec, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the schedule of Keras that is equal to ours, for those that Keras has."""
    rate = training.learning_rate
    schedules = keras.optimizers.schedules
    match training.schedule:
        case "step" | "exponential":
            stairs = training.schedule == "step"
            return schedules.ExponentialDecay(rate, training.every * steps, training.factor, staircase=stairs)
        case "cosine":
            return schedules.CosineDecay(rate, training.epochs * steps, alpha=training.final)
        case "warm_up":  # with a cosine after the warm-up that is so long that it stays flat
            return schedules.CosineDecay(0.0, 10**9, warmup_target=rate, warmup_steps=training.warm_up * steps)
    return rate


@pytest.mark.parametrize(
    "schedule",
    [
        "constant",
        "step&every=2&factor=0.3",
        "exponential&every=3&factor=0.2",
        "cosine&final=0.1&epochs=5",
        "warm_up&warm_up=3",
    ],
)
def test_every_step_has_the_learning_rate_of_keras_schedules(schedule, programs):
    query = f"{TWO}&layers=tanh-4&optimizer=sgd&momentum=0.8&lr=0.3"
    case = Case.of(f"{query}&schedule={schedule}", programs)
    assert case.program == Case.of(query, programs).program  # the structure does not depend on the schedule
    orders, first = case.orders(epochs=5), case.first()
    rate = keras_schedule(case.experiment.training, case.program.structure.steps)
    model = keras_model(case.experiment, case.split, rate)
    set_state(model, case.values(first))
    expected = keras_fit(model, case.experiment, case.split, orders)
    np.testing.assert_allclose(case.run(first, orders)[1], expected, rtol=1e-5, atol=1e-6)


def test_a_step_at_rate_0_changes_no_weights(binary):
    order = binary.orders(1)[0]
    settings = runtime_settings(binary.experiment)
    rates = np.array([0, 0.1, 0, 0], np.float32)
    one, _ = binary.program.epoch(binary.first(), binary.rows, order, rates, settings)
    weights = binary.values(binary.program.weights(one))
    # In Keras too, Adam counts the first step and updates its moments, although its rate is 0.
    model = keras_model(binary.experiment, binary.split)
    set_state(model, binary.values(binary.first()))
    for step, rate in enumerate(rates[:3]):
        rows = order[14 * step : 14 * step + 14]
        model.optimizer.learning_rate = rate
        model.train_on_batch(binary.split.x_train[rows], binary.split.y_train[rows][:, None])
    for ours, variable in zip(weights, model.trainable_variables, strict=True):
        np.testing.assert_allclose(ours, variable.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        (
            f"{TWO}&layers=tanh-4&optimizer=sgd&lr=0.1&momentum=0.8&l1=0.01&l1_on=kernel,bias&l2=0.02&l2_on=activity",
            [{}, {"l1": 0.05}, {"l2": 0.2, "momentum": 0.3}, {"learning_rate": 0.02, "l1": 1e-4, "momentum": 0.99}],
        ),
        (CASES["RMSprop with all settings, Huber"], [{}, {"momentum": 0.9, "l2": 0.5}, {"momentum": 0.1}]),
        (CASES["Muon, every row trains"], [{}, {"momentum": 0.5}, {"momentum": 0.99}]),
    ],
    ids=["SGD", "RMSprop", "Muon"],
)
def test_penalties_and_momentum_change_between_epochs_as_in_keras(query, changes, programs):
    case = Case.of(query, programs)
    orders, first = case.orders(epochs=len(changes)), case.first()
    model = keras_model(case.experiment, case.split)
    set_state(model, case.values(first))

    def set_attributes(epoch: int) -> None:
        for name, value in changes[epoch].items():
            if name in ("l1", "l2"):
                for layer in model.layers:
                    for place in menus.PENALTY_PLACES:
                        regularizer = getattr(layer, f"{place}_regularizer", None)
                        if regularizer is not None and getattr(regularizer, name):
                            setattr(regularizer, name, value)
            else:
                setattr(model.optimizer, name, value)

    expected = keras_fit(model, case.experiment, case.split, orders, set_attributes)
    experiments, now = [], case.experiment
    for change in changes:
        network = {name: value for name, value in change.items() if name in ("l1", "l2")}
        training = {name: value for name, value in change.items() if name not in network}
        now = replace(now, network=replace(now.network, **network), training=replace(now.training, **training))
        assert Structure.of(now, case.split) == case.program.structure
        experiments.append(now)
    for compiled in (True, False):
        state, history = case.run(first, orders, compiled, experiments)
        np.testing.assert_allclose(history, expected, rtol=1e-5, atol=1e-6)
        for ours, variable in zip(case.values(state), model.trainable_variables, strict=False):
            np.testing.assert_allclose(ours, variable.numpy(), rtol=1e-5, atol=1e-5)
        unchanged = case.run(first, orders, compiled)[1]
        assert not np.allclose(unchanged[1:], history[1:], rtol=1e-3)  # the changes count


def test_noise_and_dropout_of_the_uncompiled_epoch_are_those_of_keras_fit(noisy):
    """Compare number for number, with strengths that change. XLA draws other numbers from the same seed."""
    layers = noisy.experiment.network.layers
    changed = (replace(layers[0], noise=0.9), replace(layers[1], dropout=0.1))
    later = replace(noisy.experiment, network=replace(noisy.experiment.network, layers=changed, dropout=0.2))
    experiments = [noisy.experiment, later, later]
    model = keras_model(noisy.experiment, noisy.split)
    set_state(model, noisy.values(noisy.first()))

    def change(epoch: int) -> None:
        if epoch == 1:
            _, noise, dropout, _, second, _ = model.layers
            noise.stddev, dropout.rate, second.rate = 0.9, 0.2, 0.1

    orders = noisy.orders(epochs=3)
    expected = keras_fit(model, noisy.experiment, noisy.split, orders, change)
    _, history = noisy.run(noisy.first(), orders, compiled=False, experiments=experiments)
    np.testing.assert_allclose(history, expected, rtol=1e-5, atol=1e-6)


def test_noise_and_dropout_of_the_compiled_epoch_are_as_strong_as_asked_for(programs):
    """In a linear network both add the variance of its output to the squared error."""
    # All rows train and validate, so the validation loss is the training loss without noise and dropout.
    case = Case.of("data=plane&points=70&split=all&batch=70&layers=linear-64-noise0.5&dropout=0.5", programs)
    first = case.first()
    kernel, bias, weights, *_ = case.values(first)
    inside = case.split.x_train @ kernel + bias  # (rows, 64)
    orders, no_rate = case.orders(1), np.zeros(1, np.float32)

    def added(noise: float, rate: float) -> np.ndarray:
        state, extra = first, []
        settings = np.array([0, 0, 0, rate, noise], np.float32)
        for _ in range(200):
            state, (loss, _, _, val_loss, *_) = case.program.epoch(state, case.rows, orders[0], no_rate, settings)
            extra.append(loss - val_loss)
        return np.array(extra)

    for noise, rate in ((0.0, 0.5), (0.0, 0.8), (1.0, 0.0), (0.7, 0.4)):
        variance = ((inside**2 * rate + noise**2) / (1 - rate) @ weights[:, 0] ** 2).mean()
        extra = added(noise, rate)
        deviation = extra.std() / np.sqrt(len(extra))
        assert deviation < 0.1 * variance
        assert extra.mean() == pytest.approx(variance, abs=5 * deviation)
    np.testing.assert_allclose(added(0.0, 0.0), 0, atol=1e-6)


def test_noise_and_dropout_follow_from_the_seed(noisy):
    orders = noisy.orders(epochs=3)
    first = noisy.run(noisy.first(0), orders)
    assert_same(noisy.run(noisy.first(0), orders), first)

    # The same weights with other seeds have another history.
    ours, others = noisy.program.weights(noisy.first(0)), noisy.first(1)
    (seeds,) = [place for place, packed in enumerate(ours) if packed.dtype.is_integer]
    other = [others[place] if place == seeds else packed for place, packed in enumerate(noisy.first(0))]
    np.testing.assert_array_equal(noisy.values(tuple(other))[0], noisy.values(noisy.first(0))[0])
    assert not np.array_equal(noisy.run(tuple(other), orders)[1], first[1])


def test_noise_and_dropout_are_for_training_only(noisy):
    """At a learning rate of 0 the validation metrics are those of the network as it is."""
    model = keras_model(noisy.experiment, noisy.split)
    set_state(model, noisy.values(noisy.first()))
    still = np.zeros(noisy.program.structure.steps, np.float32)
    for run in (noisy.program.epoch, noisy.program.uncompiled_epoch):
        _, metrics = run(noisy.first(), noisy.rows, noisy.orders(1)[0], still, runtime_settings(noisy.experiment))
        expected = model.evaluate(noisy.split.x_val, noisy.split.y_val[:, None], verbose=0)
        np.testing.assert_allclose(metrics[2:], expected, rtol=1e-5)
        trained = model.evaluate(noisy.split.x_train, noisy.split.y_train[:, None], verbose=0)
        assert abs(metrics[0] - trained[0]) > 1e-3
