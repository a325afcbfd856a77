"""Learning rate schedules, compared with Keras's and with values computed by hand."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.experiment import TrainingSpec, menus
from core.experiment.schedule import SCHEDULES, rates_at, step_rates
from tests.core.experiment.strategies import training_specs

EPOCHS, STEPS = 12, 7


def _rates(training: TrainingSpec) -> np.ndarray:
    """Return the rate of every step of the training, epoch by epoch."""
    return np.concatenate([step_rates(training, epoch, STEPS) for epoch in range(training.epochs)])


def _at(training: TrainingSpec, *times: float) -> list[float]:
    return list(rates_at(training, np.array(times)))


def _keras(schedule: keras.optimizers.schedules.LearningRateSchedule) -> np.ndarray:
    return np.array([float(schedule(step)) for step in range(EPOCHS * STEPS)])


@pytest.mark.parametrize(("every", "factor"), [(1, 0.9), (5, 0.5), (20, 0.01), (4, 1.0)])
def test_exponential_is_that_of_keras(every: int, factor: float) -> None:
    training = TrainingSpec(schedule="exponential", learning_rate=0.3, epochs=EPOCHS, every=every, factor=factor)
    oracle = keras.optimizers.schedules.ExponentialDecay(0.3, decay_steps=every * STEPS, decay_rate=factor)
    np.testing.assert_allclose(_rates(training), _keras(oracle), rtol=1e-5)


@pytest.mark.parametrize(("every", "factor"), [(1, 0.9), (5, 0.5), (11, 0.01), (4, 1.0)])
def test_step_is_that_of_keras(every: int, factor: float) -> None:
    training = TrainingSpec(schedule="step", learning_rate=0.3, epochs=EPOCHS, every=every, factor=factor)
    falls = range(1, EPOCHS // every + 1)
    oracle = keras.optimizers.schedules.PiecewiseConstantDecay(
        [fall * every * STEPS - 1 for fall in falls],  # the last step before the fall
        [0.3 * factor**fall for fall in (0, *falls)],
    )
    np.testing.assert_allclose(_rates(training), _keras(oracle), rtol=1e-6)


@pytest.mark.parametrize("final", [0.0, 0.1, 1.0])
def test_cosine_is_that_of_keras(final: float) -> None:
    training = TrainingSpec(schedule="cosine", learning_rate=0.3, epochs=EPOCHS, final=final)
    oracle = keras.optimizers.schedules.CosineDecay(0.3, decay_steps=EPOCHS * STEPS, alpha=final)
    np.testing.assert_allclose(_rates(training), _keras(oracle), rtol=1e-5, atol=1e-7)
    assert _at(training, EPOCHS) == pytest.approx([0.3 * final])


@pytest.mark.parametrize("rate", [0.00001, 0.01, 10.0])
def test_constant_is_constant(rate: float) -> None:
    training = TrainingSpec(learning_rate=rate, epochs=EPOCHS)
    assert set(_rates(training)) == {np.float32(rate)}
    assert _at(training, 0, 0.5, EPOCHS, 1000) == [rate] * 4


def test_warm_up_rises_in_a_line() -> None:
    training = TrainingSpec(schedule="warm_up", learning_rate=0.2, epochs=EPOCHS, warm_up=4)
    assert _at(training, 0, 1, 2, 3, 3.5, 4, 5, EPOCHS) == pytest.approx([0, 0.05, 0.1, 0.15, 0.175, 0.2, 0.2, 0.2])


def test_warm_up_longer_than_the_training_ends_where_it_is() -> None:
    training = TrainingSpec(schedule="warm_up", learning_rate=0.2, epochs=5, warm_up=10)
    assert _at(training, 2.5, 5, 10) == pytest.approx([0.05, 0.1, 0.1])


def test_one_cycle_by_hand() -> None:
    training = TrainingSpec(schedule="one_cycle", learning_rate=1.0, epochs=20, rise=0.3)
    # 6 epochs up from 1/25 and 14 down to 1/250,000, each half done in the middle.
    assert _at(training, 0, 3, 6, 13, 20) == pytest.approx([0.04, 0.52, 1.0, 0.500002, 0.000004])
    # A third of the time is a quarter of the height of half a cosine wave.
    assert _at(training, 2, 4) == pytest.approx([0.04 + 0.96 / 4, 0.04 + 0.96 * 3 / 4])


@pytest.mark.parametrize("rise", [0.05, 0.3, 0.5, 0.95])
def test_one_cycle_rises_and_falls_without_a_jump(rise: float) -> None:
    training = TrainingSpec(schedule="one_cycle", learning_rate=1.0, epochs=100, rise=rise)
    times = np.linspace(0, 100, 10_001)
    rates = rates_at(training, times)
    changes = np.diff(rates)
    top = int(np.argmax(rates))
    assert times[top] == pytest.approx(100 * rise)
    assert rates[top] == pytest.approx(1)
    assert (changes[:top] > 0).all()
    assert (changes[top:] < 0).all()
    # The steepest slope of half a cosine wave of height 1 over its share of 10,000 steps.
    assert np.abs(changes).max() <= np.pi / 2 / (10_000 * min(rise, 1 - rise)) * 1.001


@given(training_specs(), st.integers(0, 2000), st.integers(1, 300), st.data())
def test_any_schedule(training: TrainingSpec, epoch: int, steps: int, data: st.DataObject) -> None:
    rates = step_rates(training, epoch, steps)
    assert (rates.shape, rates.dtype) == ((steps,), np.float32)
    assert np.isfinite(rates).all()
    assert (rates >= 0).all()
    assert (rates <= np.float32(training.learning_rate) * np.float32(1.000001)).all()
    step = data.draw(st.integers(0, steps - 1))
    np.testing.assert_allclose(rates[step], np.float32(_at(training, epoch + step / steps)[0]), rtol=1e-6)
    # After the last epoch the rate stays.
    more = data.draw(st.floats(0, 1e6))
    assert _at(training, training.epochs + more) == _at(training, training.epochs)
    # Rates have the shape of their times.
    times = np.array([[0.0, 0.5], [1.0, 3.0]])
    rates = rates_at(training, times)
    assert (rates.shape, rates.dtype) == ((2, 2), np.float64)
    np.testing.assert_allclose(rates.ravel(), _at(training, *times.ravel()), rtol=1e-12)
    assert rates_at(training, np.array([])).shape == (0,)


def test_every_schedule_of_the_menu_is_computed() -> None:
    assert list(SCHEDULES) == list(menus.SCHEDULES)
