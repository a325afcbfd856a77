"""What it takes to train a run again to where it is."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis.axes import Axes
from core.experiment import Experiment
from core.messages.edits import Timeline


@dataclass(frozen=True)
class Record:
    """A run in a few words: training is repeatable, so its history and weights follow from these.

    Attributes:
        plan: (epoch, experiment), rising: what is in force from each epoch on; the first epoch is 0.
        epoch: epochs done.
        status: what the run was doing.
        pace: epochs a second at most, 0 for as many as there can be.
        axes: the plane that is drawn, or None.
        edits: what was done by hand, and behind which epochs.
        inside: whether somebody looks inside the network.
    """

    plan: tuple[tuple[int, Experiment], ...]
    epoch: int
    status: str
    pace: float
    axes: Axes | None
    edits: Timeline = ()
    inside: bool = False
