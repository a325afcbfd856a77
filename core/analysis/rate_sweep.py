"""What a sweep over learning rates says: how the loss went, and which rate it suggests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_SMOOTHING = 0.95  # weight of what was before
_OVER_FACTOR = 4.0  # the sweep ends when the smoothed loss is so many times its least value
_BATCHES_LEAST = 20  # before that is asked, or a rate is suggested
_FALL_LEAST = 0.5  # of the loss, in standard deviations of single batches around the smoothed loss: three of its own
_SHARE = 0.1  # of the rate with the least loss


def smoothed(losses: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the exponential moving average of losses, corrected for its beginning: float64 of the same length.

    As in Adam (Kingma and Ba 2015, section 3): a weight of 0.95 for what was before, divided by the sum of all weights.
    """
    averages, average = np.empty(len(losses)), 0.0
    for place, loss in enumerate(losses):
        average = _SMOOTHING * average + (1 - _SMOOTHING) * float(loss)
        averages[place] = average / (1 - _SMOOTHING ** (place + 1))
    return averages


def is_over(losses: Sequence[float] | np.ndarray) -> bool:
    """Return whether a sweep has seen enough: the loss is far above its least value, or not finite."""
    if not len(losses):
        return False
    if not math.isfinite(losses[-1]):
        return True
    averages = smoothed(losses)
    return len(losses) >= _BATCHES_LEAST and bool(averages[-1] > _OVER_FACTOR * averages.min())


@dataclass(frozen=True, eq=False)
class RateCurve:
    """The loss of every batch of a sweep, by its learning rate.

    Attributes:
        rates, losses: float32 (batches,), rates rising; the last loss may not be finite.
    """

    rates: np.ndarray
    losses: np.ndarray

    @cached_property
    def smoothed(self) -> np.ndarray:
        """The smoothed losses, float64; shorter than the losses by one that is not finite."""
        return smoothed(self.losses[np.isfinite(self.losses)])

    @cached_property
    def least(self) -> int | None:
        """The batch with the least smoothed loss, from 0; None if there are no losses."""
        return int(np.argmin(self.smoothed)) if len(self.smoothed) else None

    @cached_property
    def reason(self) -> str:
        """Why no rate is suggested, for a person; "" where one is."""
        if self.least is None or len(self.smoothed) < _BATCHES_LEAST:
            return "The sweep was too short to suggest a rate: the loss must be seen to fall before it rises."
        noise = float(np.std(self.losses[: len(self.smoothed)] - self.smoothed))
        start, least = float(self.smoothed[_BATCHES_LEAST - 1]), float(self.smoothed[self.least])
        if self.least < _BATCHES_LEAST and self.smoothed[-1] > 2 * least:
            return "The loss rose from the start. Try lower rates."
        if self.least < _BATCHES_LEAST or start - least <= _FALL_LEAST * noise:
            return (
                "The loss did not fall at any of these rates by more than it varies from batch to batch, "
                "so none of them stands out. Try higher rates, or larger batches."
            )
        return ""

    @cached_property
    def suggestion(self) -> float | None:
        """The rate to train with, to one digit; None where `reason` says why not.

        A tenth of the rate at which the smoothed loss is least, where training is about to become unstable: fast, with
        some distance. Howard and Gugger, "fastai: A Layered API for Deep Learning", 2020, section 4.1.2 (`lr_find`),
        which also gives the rate of the steepest fall; on small data that is mostly noise.
        """
        if self.reason or self.least is None:
            return None
        return float(f"{_SHARE * float(self.rates[self.least]):.1g}")
