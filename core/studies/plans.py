"""What a study can be told to train, as JSON and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from core.errors import ExperimentError, HiddenLayersError
from core.experiment import Experiment, from_json
from core.messages.pace import Pace
from core.studies.race import RACE, Race
from core.studies.rate_sweep import RATE_FINDER, RateSweep
from core.studies.search import SEARCH, Search, search_from_json
from core.studies.study import KINDS, Member, Study
from core.studies.varied import Varied


class Plan(Protocol):
    """What is to be trained: frozen, and equal to another one that says the same."""

    @property
    def kind(self) -> str:
        """The word by which `READERS` knows it."""
        ...

    @property
    def members(self) -> tuple[Member, ...]:
        """The runs that are known before the first of them is trained."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return it as values of JSON, with its kind."""
        ...


def plan_to_json(plan: Plan) -> str:
    """Return a plan as text, which `plan_from_json` reads."""
    return json.dumps(plan.to_json())


def plan_from_json(text: str) -> Plan:
    """Return the plan of a text.

    Raises:
        ExperimentError: if it is not the text of a plan, or a value in it is not allowed.
    """
    # A thousand nested brackets are valid JSON, and raise RecursionError.
    try:
        value = json.loads(text)
        return READERS[value["kind"]](value)
    except HiddenLayersError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ExperimentError("study", "the text of a study", text) from error


def base_of(plan: Plan) -> Experiment:
    """Return the experiment that a plan starts from; of a race, its first racer."""
    if isinstance(plan, Study | RateSweep | Search):
        return plan.base
    return plan.members[0].experiment


def read_experiment(value: Any) -> Experiment:
    """Return the experiment of a plan's JSON; raises `ExperimentError` if it is none."""
    return from_json(json.dumps(value))


def _study(value: Mapping[str, Any]) -> Study:
    varied = tuple(Varied(str(key), tuple(map(str, values))) for key, values in value["varied"].items())
    study = Study(read_experiment(value["experiment"]), varied, value["seeds"], value["luck"])
    if study.kind != value["kind"]:
        raise ValueError(value["kind"])
    return study


def _race(value: Mapping[str, Any]) -> Race:
    pace, target = value["pace"], value["target"]
    return Race(
        tuple(map(read_experiment, value["experiments"])),
        None if target is None else float(target),
        Pace(float(pace["least"]), float(pace["seconds"]), bool(pace["rests"])),
    )


def _sweep(value: Mapping[str, Any]) -> RateSweep:
    return RateSweep(read_experiment(value["experiment"]), float(value["low"]), float(value["high"]), value["steps"])


def _search(value: Mapping[str, Any]) -> Search:
    return search_from_json(value, read_experiment(value["experiment"]))


# How each kind of plan is read, by its word.
READERS: dict[str, Callable[[Mapping[str, Any]], Plan]] = {
    **dict.fromkeys(KINDS, _study),
    RACE: _race,
    RATE_FINDER: _sweep,
    SEARCH: _search,
}
