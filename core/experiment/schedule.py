"""Learning rate schedules.

Step, exponential and cosine are Keras's PiecewiseConstantDecay, ExponentialDecay and CosineDecay (Loshchilov and
Hutter 2017). Warm-up is linear (Goyal et al. 2017). One cycle is Smith and Topin (2018) with the defaults of PyTorch's
OneCycleLR: it starts at 1/25 of the rate and ends at 1/250,000.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.experiment import menus
from core.experiment.specs import TrainingSpec

Reals = NDArray[np.float64]
_ONE_CYCLE_FIRST, _ONE_CYCLE_LAST = 1 / 25, 1 / 250_000


def step_rates(training: TrainingSpec, epoch: int | Sequence[int], steps: int) -> NDArray[np.float32]:
    """Return the rate of every step of an epoch (from 0), float32 (steps,), or of several epochs, (epochs, steps)."""
    times = np.add.outer(epoch, np.arange(steps) / steps)
    rates: NDArray[np.float32] = rates_at(training, times).astype(np.float32)
    return rates


def rates_at(training: TrainingSpec, times: Reals) -> Reals:
    """Return the learning rate at times in epochs since the start of training, float64 of the same shape.

    After the last epoch it stays at its last value.
    """
    settings = {name: getattr(training, name) for name in menus.SCHEDULES[training.schedule].settings}
    share = SCHEDULES[training.schedule]
    return training.learning_rate * share(np.minimum(times, training.epochs), training.epochs, **settings)


def _constant(times: Reals, _: int) -> Reals:
    return np.ones_like(times)


def _step(times: Reals, _: int, every: int, factor: float) -> Reals:
    return factor ** np.floor(times / every)


def _exponential(times: Reals, _: int, every: int, factor: float) -> Reals:
    return factor ** (times / every)


def _cosine(times: Reals, epochs: int, final: float) -> Reals:
    return _anneal(1.0, final, times / epochs)


def _warm_up(times: Reals, _: int, warm_up: int) -> Reals:
    return np.minimum(times / warm_up, 1.0)


def _one_cycle(times: Reals, epochs: int, rise: float) -> Reals:
    share = times / epochs
    rising = _anneal(_ONE_CYCLE_FIRST, 1.0, share / rise)
    falling = _anneal(1.0, _ONE_CYCLE_LAST, (share - rise) / (1 - rise))
    return np.where(share < rise, rising, falling)


def _anneal(first: float, last: float, share: Reals) -> Reals:
    """Return half a cosine wave from `first` at share 0 to `last` at share 1."""
    return last + (first - last) * 0.5 * (1 + np.cos(np.pi * share))


# By the names of `menus.SCHEDULES`: (times, epochs, **settings) -> share of the learning rate.
SCHEDULES: Mapping[str, Callable[..., Reals]] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "cosine": _cosine,
    "warm_up": _warm_up,
    "one_cycle": _one_cycle,
}
