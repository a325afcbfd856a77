"""What the coach looks at: a run as far as it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.analysis.layer_health import idle_kind, idle_share
from core.analysis.regression import shown_rows
from core.coach.rows import RowFacts
from core.datasets import Split
from core.experiment import Experiment, count_parameters
from core.trained.network import TrainedNetwork

_SHARE = 20  # a window is one of so many parts of the epochs …
_AS_GOOD = 0.05  # difference of two scores that is small
_FAR = 0.1  # … that is large
_FEWEST = 3  # … and at least so many epochs


@dataclass(frozen=True, eq=False)
class Evidence:
    """A run as far as it has come. Immutable, except that what follows from the history is computed once.

    Attributes:
        experiment: what is in force.
        history: float (epochs,) by the names of `menus.HISTORY`.
        rows: facts about its data.
        is_over: whether it has done all its epochs, or has ended early.
        has_failed: whether its loss is no longer a number.
        confusion: of the held-out rows, int (classes, classes), rows true; None where it is not known.
        idle: by hidden layer, the share of units that are dead or saturated, NaN where they cannot be; None where it is
            not known.
    """

    experiment: Experiment
    history: Mapping[str, np.ndarray]
    rows: RowFacts
    is_over: bool
    has_failed: bool = False
    confusion: np.ndarray | None = None
    idle: tuple[float, ...] | None = None

    @property
    def could_be_idle(self) -> bool:
        """Whether to look at its units: it is over, far from what is possible, and they can be idle."""
        kinds = [idle_kind(layer.activation) for layer in self.experiment.network.layers]
        is_bad = not self.fits_training_rows and self.missing >= _FAR
        return self.is_over and not self.has_failed and self.epochs > 0 and any(kinds) and is_bad

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.history["loss"])

    @property
    def window(self) -> int:
        """Epochs in a mean."""
        return max(_FEWEST, self.epochs // _SHARE)

    @cached_property
    def loss(self) -> np.ndarray:
        """The training loss by epoch, float64."""
        return np.asarray(self.history["loss"], np.float64)

    @cached_property
    def val_loss(self) -> np.ndarray:
        """The held-out loss by epoch, float64."""
        return np.asarray(self.history["val_loss"], np.float64)

    @cached_property
    def score(self) -> float:
        """The mean held-out accuracy or R² of the last window."""
        return self._last("val_accuracy" if self.rows.classes else "val_r2")

    @cached_property
    def training_score(self) -> float:
        """The mean training accuracy or R² of the last window."""
        return self._last("accuracy" if self.rows.classes else "r2")

    @property
    def measure(self) -> str:
        """What the score is called."""
        return "accuracy" if self.rows.classes else "R²"

    @property
    def missing(self) -> float:
        """How far the score is below that of the nearest rows; 0 or less where it is not."""
        return self.rows.nearest - self.score

    @property
    def fits_training_rows(self) -> bool:
        """Whether it is about as good on the training rows as the nearest rows are on held-out ones."""
        return self.rows.nearest - self.training_score < _AS_GOOD

    @property
    def parameters(self) -> int:
        """The network's parameter count."""
        return count_parameters(self.experiment.network, self.rows.inputs, self.rows.classes)

    def fall(self, of: np.ndarray) -> float:
        """Return by what share the mean of a loss fell from the last window but one to the last window."""
        last, before = of[-self.window :].mean(), of[-2 * self.window : -self.window].mean()
        return float((before - last) / abs(before)) if before else 0.0

    def _last(self, name: str) -> float:
        return float(np.mean(np.asarray(self.history[name][-self.window :], np.float64)))


def idle_shares(network: TrainedNetwork, split: Split) -> tuple[float, ...]:
    """Return by hidden layer the share of units that are dead or saturated, on at most 500 training rows."""
    inputs = split.x_train[shown_rows(len(split.x_train))]
    outputs = network.layer_outputs(inputs)
    layers = network.experiment.network.layers
    return tuple(idle_share(layer.activation, given) for layer, given in zip(layers, outputs, strict=False))
