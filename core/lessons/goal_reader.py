"""The goal of a step, read from the YAML that its author has written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.errors import ExperimentError, LessonError
from core.experiment import Experiment
from core.experiment.address import KEYS
from core.lessons.addresses import read_setup
from core.lessons.goal import Bound, Goal, Seeds, SettingValue
from core.lessons.places import PLACES
from core.lessons.quantities import QUANTITIES
from core.lessons.yaml_with_lines import Value
from core.studies.study import SEEDS_MOST

DIVERGED, ONLY_CHANGED, SETTINGS, SEEDS, OPENED = "diverged", "only changed", "settings", "seeds", "opened"
REACHED_BY, MISSED_BY = "reached by", "missed by"
GOAL_KEYS = (*QUANTITIES, DIVERGED, ONLY_CHANGED, SETTINGS, SEEDS, OPENED, REACHED_BY, MISSED_BY)
SETTING_KEYS = tuple(key for key in KEYS if key not in ("recipe", "file"))

_BOUND = re.compile(r"at (least|most) (-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?)")
_SEEDS = re.compile(r"([0-9]{1,3}) of ([0-9]{1,3})")
_BOUND_FORM = "`at least NUMBER` or `at most NUMBER`"


def read_goal(value: Value, setup: Experiment) -> Goal:
    """Return a goal.

    Args:
        setup: the step's, which the addresses of the goal start from.

    Raises:
        LessonError: with the line of what is unknown, or not allowed.
    """
    given = value.mapping("goal", GOAL_KEYS)
    seeds = _seeds(given[SEEDS]) if SEEDS in given else None
    goal = Goal(
        bounds=tuple(bound for name in QUANTITIES if name in given for bound in _bounds(name, given[name], setup)),
        diverged=DIVERGED in given and _is_yes(given[DIVERGED]),
        only_changed=_keys(given[ONLY_CHANGED]) if ONLY_CHANGED in given else None,
        settings=_settings(given[SETTINGS]) if SETTINGS in given else (),
        seeds=seeds,
        opened=_places(given[OPENED]) if OPENED in given else (),
        reached_by=_tried(given, REACHED_BY, setup),
        missed_by=_tried(given, MISSED_BY, setup),
    )
    _check(goal, value.line)
    return goal


def _check(goal: Goal, line: int) -> None:
    if not goal.needs_run and not goal.opened:
        raise LessonError(line, f"A goal must ask for something. Known keys: {', '.join(GOAL_KEYS)}.")
    if goal.needs_run and (goal.reached_by is None or goal.missed_by is None):
        missing = REACHED_BY if goal.reached_by is None else MISSED_BY
        raise LessonError(
            line,
            f"A goal needs `{missing}`, an address that shows it. It may name only what differs from the set-up.",
        )
    if goal.seeds and goal.needs_confusion:
        raise LessonError(line, "Seeds cannot be counted by figures of the confusion matrix.")
    if goal.seeds and not any(bound.quantity.is_lucky for bound in goal.bounds):
        raise LessonError(line, "With `seeds`, a goal must ask for a figure of the run, such as val_accuracy.")
    if goal.diverged and (goal.seeds or any(bound.quantity.is_lucky for bound in goal.bounds)):
        raise LessonError(line, "A run that has to diverge reaches no figures, and is not counted over seeds.")


def _bounds(name: str, value: Value, setup: Experiment) -> tuple[Bound, ...]:
    quantity = QUANTITIES[name]
    if setup.data.task not in quantity.tasks:
        fitting = ", ".join(one.name for one in QUANTITIES.values() if setup.data.task in one.tasks)
        raise LessonError(value.line, f"Data of this kind have no `{name}`. They have: {fitting}.")
    return tuple(_bound(name, item) for item in value.items(name))


def _bound(name: str, value: Value) -> Bound:
    found = _BOUND.fullmatch(value.text(name, 40))
    quantity = QUANTITIES[name]
    if found is None:
        raise LessonError(value.line, f"`{name}` must be {_BOUND_FORM}. Received: {value.content!r}.")
    number = float(found[2])
    if not quantity.low <= number <= quantity.high:
        raise LessonError(value.line, f"`{name}` lies between {quantity.low:g} and {quantity.high:g}.")
    return Bound(name, found[1] == "least", number)


def _settings(value: Value) -> tuple[SettingValue, ...]:
    return tuple(_setting(key, one) for key, one in value.mapping(SETTINGS, SETTING_KEYS).items())


def _setting(key: str, value: Value) -> SettingValue:
    text = value.text(key, 200)
    found = _BOUND.fullmatch(text)
    return SettingValue(key, is_least=found[1] == "least", bound=float(found[2])) if found else SettingValue(key, text)


def _seeds(value: Value) -> Seeds:
    found = _SEEDS.fullmatch(value.text(SEEDS, 20))
    if found is None or not 1 <= int(found[1]) <= int(found[2]) or not 2 <= int(found[2]) <= SEEDS_MOST:
        raise LessonError(value.line, f"`{SEEDS}` must be K of N, such as 8 of 10, with N from 2 to {SEEDS_MOST}.")
    return Seeds(int(found[1]), int(found[2]))


def _is_yes(value: Value) -> bool:
    if value.content != "yes":
        raise LessonError(value.line, f"`{DIVERGED}` must be yes, or left out.")
    return True


def _keys(value: Value) -> tuple[str, ...]:
    """Return keys of the address."""
    if value.content == "nothing":
        return ()
    found = [item.text(ONLY_CHANGED, 40) for item in value.items(ONLY_CHANGED)]
    for item, key in zip(value.items(ONLY_CHANGED), found, strict=True):
        if key not in SETTING_KEYS:
            raise LessonError(item.line, f"`{key}` is not a key of the address. Known: {', '.join(SETTING_KEYS)}.")
    return tuple(dict.fromkeys(found))


def _places(value: Value) -> tuple[str, ...]:
    items = value.items(OPENED)
    return tuple(read_place(OPENED, item) for item in items)


def read_place(what: str, value: Value) -> str:
    """Return a key of PLACES; raises `LessonError` for anything else."""
    place = value.text(what, 40)
    if place not in PLACES:
        raise LessonError(value.line, f"There is no place `{place}`. Known: {', '.join(PLACES)}.")
    return place


def _tried(given: Mapping[str, Value], key: str, setup: Experiment) -> Experiment | None:
    if key not in given:
        return None
    try:
        return read_setup(given[key].address(key), setup)
    except ExperimentError as error:
        raise LessonError(given[key].line, f"`{key}`: {error}") from error
