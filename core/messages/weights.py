"""A run's weights, on the way from its worker to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.experiment import Experiment
from core.messages.edits import Timeline


@dataclass(frozen=True, eq=False)
class Weights:
    """A run's network at one moment.

    Attributes:
        experiment: the experiment in force then.
        generation: of the history, as in `Update`.
        epoch: epochs done.
        arrays: float32 by name, as `core.trained.TrainedNetwork` takes them.
        edits: the changes by hand to them.
    """

    experiment: Experiment
    generation: int
    epoch: int
    arrays: Mapping[str, np.ndarray]
    edits: Timeline = ()
