"""What a run has to tell a person, as values; `core.training.notice_texts` puts them into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from core.experiment import Experiment, NetworkSpec, TrainingSpec


@dataclass(frozen=True)
class TargetReached:
    """The score on the held-out rows reached the target, which ends the run.

    Attributes:
        task: of `menus.TASKS`; it decides what the score is.
    """

    epoch: int
    score: float
    target: float
    task: str


@dataclass(frozen=True)
class StoppedEarly:
    """The held-out loss has not improved for `patience` epochs, which ends the run."""

    best_epoch: int
    patience: int


@dataclass(frozen=True)
class LossNotFinite:
    """The training loss became NaN or infinite, which ends the run as failed.

    Attributes:
        learning_rate: of the epoch that failed.
        largest_input: the largest absolute value among the scaled training inputs.
    """

    epoch: int
    loss: float
    learning_rate: float
    largest_input: float


@dataclass(frozen=True)
class BestRestored:
    """The run is over, and its weights are those after its best epoch."""

    epoch: int


@dataclass(frozen=True)
class SettingsChanged:
    """A person changed settings after an epoch.

    Attributes:
        settings: the new values by field name of `NetworkSpec` and `TrainingSpec`.
        layers: whether the noise or dropout of a single layer changed.
    """

    epoch: int
    settings: Mapping[str, float]
    layers: bool

    @classmethod
    def between(cls, before: Experiment, after: Experiment, epoch: int) -> SettingsChanged | None:
        """Return what changed, or None where a person need not be told, as of the number of epochs."""
        settings = _changed(before.training, after.training, ("learning_rate", "batch_size", "momentum"))
        settings |= _changed(before.network, after.network, ("l1", "l2", "dropout"))
        layers = before.network.layers != after.network.layers
        return cls(epoch, settings, layers) if settings or layers else None


@dataclass(frozen=True)
class StartedFromWeights:
    """The run started from the weights of a bundle."""


Ending: TypeAlias = TargetReached | StoppedEarly | LossNotFinite
Notice: TypeAlias = Ending | BestRestored | SettingsChanged | StartedFromWeights


Spec = TypeVar("Spec", NetworkSpec, TrainingSpec)


def _changed(before: Spec, after: Spec, names: Iterable[str]) -> dict[str, float]:
    """Return the new values of those fields that differ."""
    values = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: new for name, (old, new) in values.items() if new is not None and new != old}
