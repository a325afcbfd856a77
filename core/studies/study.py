"""A study: a base experiment, what varies, and how many seeds; its members follow from it."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from core.errors import ExperimentError
from core.experiment import Experiment
from core.experiment.keys import Choice, Whole
from core.experiment.menus import SEED
from core.studies.varied import Varied, with_settings

WEIGHTS, DATA, BOTH = "weights", "data", "both"  # what another seed changes
LUCK = Choice("luck", (WEIGHTS, DATA, BOTH))
SEEDS_MOST = 100
MEMBERS_MOST = 2000
# Kinds, by how many settings vary.
KINDS = ("luck", "one setting", "two settings")

Settings = tuple[tuple[str, str], ...]  # (key, text) as in the address


@dataclass(frozen=True)
class Member:
    """One run of a study.

    Attributes:
        settings: the values of what varies, () in a study of luck.
        seed: of the weights; of the data where luck is in the data alone.
        experiment: what it trains.
    """

    settings: Settings
    seed: int
    experiment: Experiment


@dataclass(frozen=True)
class Study:
    """A base experiment and what varies.

    Every combination of the values is trained with `seeds` seeds: those of the base experiment, and the ones that
    follow them.

    Attributes:
        varied: none for luck, or one or two settings.
        seeds: 2 to 100 for luck, otherwise 1 to 100.
        luck: what another seed changes: WEIGHTS (with the order of the rows, noise and dropout), DATA (the points
            and the split), or BOTH.

    Raises:
        ExperimentError: if a value is not allowed, two combinations are the same experiment, or there are too many
            members.
    """

    base: Experiment
    varied: tuple[Varied, ...] = ()
    seeds: int = 20
    luck: str = WEIGHTS

    def __post_init__(self) -> None:
        if len(self.varied) >= len(KINDS):
            raise ExperimentError("grid", "of two settings", ", ".join(varied.key for varied in self.varied))
        if len({varied.key for varied in self.varied}) < len(self.varied):
            raise ExperimentError("grid", "of two different settings", self.varied[0].key)
        Whole("seeds", 1 if self.varied else 2, SEEDS_MOST).check(self.seeds)
        LUCK.check(self.luck)
        combinations = self.seeds
        for varied in self.varied:
            combinations *= len(varied.values)
        if combinations > MEMBERS_MOST:
            raise ExperimentError("study", f"of at most {MEMBERS_MOST} runs", combinations)
        experiments: dict[Experiment, Settings] = {}
        for settings, experiment in self._combinations:
            if experiment in experiments:
                names = " and ".join(
                    ", ".join(f"{key}={text}" for key, text in one) for one in (experiments[experiment], settings)
                )
                raise ExperimentError("vary", "values that differ: here two of them are the same experiment", names)
            experiments[experiment] = settings

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return KINDS[len(self.varied)]

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The runs, those of one combination of settings after another."""
        return tuple(
            Member(settings, *_with_seed(experiment, place, self.luck))
            for settings, experiment in self._combinations
            for place in range(self.seeds)
        )

    @cached_property
    def _combinations(self) -> tuple[tuple[Settings, Experiment], ...]:
        choices = [[(varied.key, text) for text in varied.values] for varied in self.varied]
        return tuple((settings, with_settings(self.base, dict(settings))) for settings in itertools.product(*choices))

    def to_json(self) -> dict[str, Any]:
        """Return the study as values of JSON."""
        return {
            "kind": self.kind,
            "experiment": asdict(self.base),
            "varied": {varied.key: list(varied.values) for varied in self.varied},
            "seeds": self.seeds,
            "luck": self.luck,
        }


def _with_seed(experiment: Experiment, place: int, luck: str) -> tuple[int, Experiment]:
    """Return the seed of a member and its experiment; place 0 is the experiment itself."""
    weights, data = ((seed + place) % (SEED.high + 1) for seed in (experiment.training.seed, experiment.data.seed or 0))
    if luck != DATA:
        experiment = replace(experiment, training=replace(experiment.training, seed=weights))
    if luck != WEIGHTS:
        experiment = replace(experiment, data=replace(experiment.data, seed=data))
    return data if luck == DATA else weights, experiment
