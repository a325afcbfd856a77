"""A run's weights on their way from its worker to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.experiment import Experiment
from core.messages.edits import Timeline


@dataclass(frozen=True, eq=False)
class Weights:
    """What a run's network is at one moment.

    Attributes:
        experiment: the one in force then.
        generation: of the history, as in `Update`.
        epoch: epochs done.
        arrays: float32 by name, as `core.runs.TrainedNetwork` takes them.
        edits: what was done to them by hand.
    """

    experiment: Experiment
    generation: int
    epoch: int
    arrays: Mapping[str, np.ndarray]
    edits: Timeline = ()
