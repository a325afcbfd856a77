"""A race: two to four experiments that train side by side, at one pace and from the same seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from core.errors import ExperimentError
from core.experiment import Experiment, to_params
from core.messages.pace import WATCH, Pace
from core.studies.results import MemberResult, score_name
from core.studies.study import Member

RACERS_LEAST, RACERS_MOST = 2, 4
RACE = "race"


@dataclass(frozen=True)
class Race:
    """Experiments that train in lockstep: no one begins an epoch before all others have done the one before.

    All train with the seeds of the first one, so that networks of the same shape and initializer begin with the same
    weights, and data of the same kind are the same rows.

    Attributes:
        experiments: two to four that differ, also with the same seeds.
        target: the held-out score to reach, above -inf to 1; None where the race is only watched.
        pace: of all of them.

    Raises:
        ExperimentError: if there are too few or too many, two are the same, the target is out of reach, or
            the pace rests after every epoch.
    """

    experiments: tuple[Experiment, ...]
    target: float | None = None
    pace: Pace = WATCH

    def __post_init__(self) -> None:
        count = len(self.experiments)
        if not RACERS_LEAST <= count <= RACERS_MOST:
            raise ExperimentError("race", f"of {RACERS_LEAST} to {RACERS_MOST} experiments", count)
        if len({member.experiment for member in self.members}) < count:
            raise ExperimentError("race", "of experiments that differ in more than their seeds", count)
        if self.pace.rests:
            raise ExperimentError("pace", "one that goes on by itself", "step")
        if self.target is not None and not self.target <= 1:
            raise ExperimentError("target", "a score of at most 1", self.target)

    @property
    def kind(self) -> str:
        """The word for this kind of study."""
        return RACE

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The racers, in their order; the settings of each are those in which it differs from any other one."""
        first = self.experiments[0]
        seeded = [
            replace(
                one,
                data=replace(one.data, seed=first.data.seed),
                training=replace(one.training, seed=first.training.seed),
            )
            for one in self.experiments
        ]
        params = [to_params(one) for one in seeded]
        keys = list(dict.fromkeys(key for one in params for key in one))
        differing = [key for key in keys if len({one.get(key) for one in params}) > 1]
        return tuple(
            Member(tuple((key, one[key]) for key in differing if key in one), experiment.training.seed, experiment)
            for experiment, one in zip(seeded, params, strict=True)
        )

    def reached(self, result: MemberResult) -> int | None:
        """Return the first epoch after which a racer's held-out score is at the target, or None."""
        if self.target is None:
            return None
        scores = result.history[score_name(result.member.experiment)]
        (epochs,) = np.nonzero(scores >= np.float32(self.target))
        return int(epochs[0]) + 1 if len(epochs) else None

    def first(self, results: Sequence[MemberResult]) -> tuple[int, ...]:
        """Return the places of who reached the target first: several where that was after the same epoch, or none."""
        epochs = [self.reached(result) for result in results]
        least = min((epoch for epoch in epochs if epoch is not None), default=None)
        return tuple(place for place, epoch in enumerate(epochs) if least is not None and epoch == least)

    def to_json(self) -> dict[str, Any]:
        """Return the race as values of JSON."""
        return {
            "kind": self.kind,
            "experiments": [asdict(one) for one in self.experiments],
            "target": self.target,
            "pace": asdict(self.pace),
        }
