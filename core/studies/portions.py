"""How the runs of a study are shared out: into portions, each of which one worker trains at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.datasets import prepare
from core.engine.memory_check import check_memory
from core.engine.padding import common_shape, shape_together
from core.experiment import Experiment, count_parameters, shape_of
from core.studies.plans import Plan
from core.studies.race import Race
from core.studies.rate_sweep import RateSweep

# Beyond, the arithmetic of one run keeps the machine busy, a call of a program of many would take long to stop, and
# the states of a hundred runs would need gigabytes.
_TOGETHER_PARAMETERS_MOST = 100_000
_TOGETHER_PRODUCTS_MOST = 50_000_000  # parameters times training rows

# How a portion is trained.
TOGETHER, ALONE, IN_LOCKSTEP, IN_A_SWEEP = "together", "alone", "in lockstep", "in a sweep"
_MEMBERS_MOST = 10  # of a program: with more, XLA no longer compiles the loop as one piece
_MEMBERS_LEAST = 2  # of a program that is worth a portion of its own
_SHARES = 2  # into which the runs of a structure are split, so that two workers can train them


@dataclass(frozen=True)
class Portion:
    """Runs of a study that one worker trains at a time.

    It does not depend on the number of workers, so that a study that is resumed elsewhere ends as it would have here.

    Attributes:
        way: how it is trained: TOGETHER, ALONE, IN_LOCKSTEP, or another word that `core.workers.studying` knows.
        places: of the runs in the study.
        size: of the program that trains them; with fewer runs, one of them fills it up.
        shape: the structure that it needs compiled; those of one size and shape share that.
    """

    way: str
    places: tuple[int, ...]
    size: int
    shape: Experiment

    @property
    def program(self) -> tuple[str, int, Experiment]:
        """What a worker that has compiled it need not compile again."""
        return self.way, self.size, self.shape


def portions_of(plan: Plan) -> list[Portion]:
    """Return the portions of a plan, those with the first runs first.

    Raises:
        HiddenLayersError: if data cannot be split as asked, or a network is too large.
    """
    experiments = [member.experiment for member in plan.members]
    groups = groups_of(experiments)
    if isinstance(plan, Race):
        return [Portion(IN_LOCKSTEP, tuple(range(len(experiments))), len(experiments), shape_of(experiments[0]))]
    if isinstance(plan, RateSweep):
        return [Portion(IN_A_SWEEP, (0,), 1, shape_of(experiments[0]))]
    portions = []
    for places in groups:
        if len(places) == 1:
            portions.append(Portion(ALONE, tuple(places), 1, shape_of(experiments[places[0]])))
            continue
        size = _size_of(len(places))
        for start in range(0, len(places), size):
            some = tuple(places[start : start + size])
            portions.append(Portion(TOGETHER, some, size, shape_together([experiments[place] for place in some])))
    return portions


def options_of(plan: Plan) -> Any:
    """Return what workers need to know besides experiments: the pace of a race, the rates of a sweep."""
    if isinstance(plan, Race):
        return plan.pace
    return plan.rates if isinstance(plan, RateSweep) else None


def _size_of(runs: int) -> int:
    """Return how many of these runs train in one program."""
    if runs < _SHARES * _MEMBERS_LEAST:
        return runs
    rounds = math.ceil(runs / (_SHARES * _MEMBERS_MOST))
    return math.ceil(runs / (_SHARES * rounds))


def groups_of(experiments: Sequence[Experiment]) -> list[list[int]]:
    """Return the places of experiments that train together, by first place; a group of one trains alone.

    Raises:
        HiddenLayersError: if data cannot be split as asked, or a network is too large.
    """
    groups: dict[object, list[int]] = {}
    checked: dict[Experiment, bool] = {}
    for place, experiment in enumerate(experiments):
        shape = shape_of(experiment)
        # Data of another seed have as many rows and inputs.
        like_it = Experiment(replace(experiment.data, seed=0), shape.network, shape.training)
        if like_it not in checked:
            checked[like_it] = _is_small(experiment)
        common = common_shape(experiment)
        key = (experiment.data, experiment.training.epochs, common) if checked[like_it] else place
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def _is_small(experiment: Experiment) -> bool:
    """Return whether runs of an experiment may share a program; raise if it cannot be trained at all."""
    split, network = prepare(experiment.data), experiment.network
    rows_at_once = max(experiment.training.batch_size, len(split.x_val))
    check_memory(network, split.inputs, split.classes, rows_at_once)
    parameters = count_parameters(network, split.inputs, split.classes)
    return parameters <= _TOGETHER_PARAMETERS_MOST and parameters * len(split.x_train) <= _TOGETHER_PRODUCTS_MOST
