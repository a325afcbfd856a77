"""The learning-rate finder as a plan: one sweep from a low rate to a high one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from core.analysis.rate_sweep import RateCurve
from core.errors import ExperimentError
from core.experiment import Experiment
from core.experiment.keys import Whole
from core.experiment.menus import LEARNING_RATE
from core.studies.study import Member

RATE_FINDER = "rate finder"
STEPS = Whole("steps", 50, 500)


@dataclass(frozen=True)
class RateSweep:
    """A sweep over learning rates.

    Attributes:
        base: whose network, data and optimizer are tried; its own learning rate and schedule do not count.
        low, high: the first and last rate.
        steps: batches, 50 to 500.

    Raises:
        ExperimentError: if a value is not allowed.
    """

    base: Experiment
    low: float = LEARNING_RATE.low
    high: float = LEARNING_RATE.high
    steps: int = 200

    def __post_init__(self) -> None:
        LEARNING_RATE.check(self.low)
        LEARNING_RATE.check(self.high)
        STEPS.check(self.steps)
        if self.high < 10 * self.low:
            raise ExperimentError("high", "at least ten times the lowest rate", self.high)

    @property
    def kind(self) -> str:
        """RATE_FINDER."""
        return RATE_FINDER

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The sweep, as the only run: its epochs are the batches, and of its history only the loss is known."""
        training = replace(self.base.training, epochs=self.steps)
        return (Member((), training.seed, replace(self.base, training=training)),)

    @cached_property
    def rates(self) -> np.ndarray:
        """The rate of each batch, rising by equal ratios: float32 (steps,)."""
        return np.geomspace(self.low, self.high, self.steps).astype(np.float32)

    def curve(self, losses: np.ndarray) -> RateCurve:
        """Return what the losses of the first batches say, float32."""
        return RateCurve(self.rates[: len(losses)], losses)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as values of JSON."""
        rest = {"low": self.low, "high": self.high, "steps": self.steps}
        return {"kind": self.kind, "experiment": asdict(self.base), **rest}
