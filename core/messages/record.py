"""How to train a run again to where it is."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis.axes import Axes
from core.experiment import Experiment
from core.messages.edits import Timeline
from core.messages.pace import Pace


@dataclass(frozen=True)
class Record:
    """What determines a run's history and weights, because training is repeatable.

    Attributes:
        plan: (epoch, experiment) in rising order: the experiment in force from each epoch on; the first epoch is 0.
        epoch: epochs done.
        status: what the run was doing.
        pace: how fast it may go.
        axes: the plane that the boundary is drawn over, or None.
        edits: the changes by hand, and after which epochs they took effect.
        inside: whether somebody looks inside the network.
        obeyed: the number of the last command that is in it.
        generation: of the history that it leads to, as in `Update`.
    """

    plan: tuple[tuple[int, Experiment], ...]
    epoch: int
    status: str
    pace: Pace
    axes: Axes | None
    edits: Timeline = ()
    inside: bool = False
    obeyed: int = 0
    generation: int = 0
