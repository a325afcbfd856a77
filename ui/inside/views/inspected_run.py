"""A run with its network as it was when a view was opened."""

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

_ANSWER_SECONDS = 120.0  # what is asked takes turns with the runs of its worker


@dataclass(frozen=True, eq=False)
class InspectedRun:
    """A run with its network as it is now; the network stays as it is while the run goes on."""

    job: Job
    network: TrainedNetwork
    split: Split

    @property
    def layer_names(self) -> list[str]:
        """The names of the hidden layers and the output layer."""
        hidden = len(self.network.experiment.network.layers)
        return [*(f"hidden layer {place}" for place in range(1, hidden + 1)), "output layer"]

    @property
    def saved_epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are saved."""
        epochs: tuple[int, ...] = self.ask(worker.kept_epochs_of)
        return epochs

    def ask(self, question: Callable[..., Any]) -> Any:
        """Return what the run's worker answers to a question such as `core.workers.worker.health_of`.

        Raises:
            WorkersError: where it does not answer.
        """
        return _answer(self.job, self.network, question)


# Kept so that another look at a view costs nothing. The network is part of the key: new weights, new answer.
@functools.lru_cache(maxsize=16)
def _answer(job: Job, network: TrainedNetwork, question: Callable[..., Any]) -> Any:
    return jobs().ask(job, question, seconds=_ANSWER_SECONDS)
