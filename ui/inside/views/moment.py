"""A run as the views look at it: its network at one moment, after which nothing of it changes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.datasets import Split
from core.jobs.job import Job
from core.trained.network import TrainedNetwork
from core.workers import worker
from ui.server import jobs

_FOUND_SECONDS = 120.0  # to wait for what takes turns with runs


@dataclass(frozen=True, eq=False)
class Moment:
    """A run with its network as it is now."""

    job: Job
    network: TrainedNetwork
    split: Split

    @property
    def layer_names(self) -> list[str]:
        """What the hidden layers and the output layer are called."""
        hidden = len(self.network.experiment.network.layers)
        return [*(f"hidden layer {place}" for place in range(1, hidden + 1)), "output layer"]

    def found(self, call: Callable[..., Any]) -> Any:
        """Return what a run's worker finds about it, such as `core.workers.worker.health_of`.

        Raises:
            WorkersError: where it does not answer.
        """
        return _found(self.job, self.network, call)

    @property
    def kept_epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are kept."""
        epochs: tuple[int, ...] = self.found(worker.kept_epochs_of)
        return epochs


# A network is one run's behind one epoch, so what is found of it stays true.
@functools.lru_cache(maxsize=16)
def _found(job: Job, network: TrainedNetwork, call: Callable[..., Any]) -> Any:
    return jobs().ask(job, call, seconds=_FOUND_SECONDS)
