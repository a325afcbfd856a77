"""What a person asks of the table of runs: words, tags, and conditions such as `learning rate > 0.01`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Float, and_, case, exists, func, literal, select
from sqlalchemy import true as always

from core.errors import ExperimentError
from core.experiment.address import KEYS, format_layers
from core.runs import naming, tables

_run = tables.run.c
_name = func.lower(func.coalesce(func.nullif(_run.given_name, ""), _run.made_name))

_depth = case(
    (_run.layers == format_layers(()), 0),
    else_=func.length(_run.layers) - func.length(func.replace(_run.layers, ",", "")) + 1,
)

# Figures of a run, beside the settings of its experiment.
FIGURES: dict[str, ColumnElement[Any]] = {
    "best": _run.best_score,
    "last": _run.last_score,
    "best loss": _run.best_loss,
    "last loss": _run.last_loss,
    "done": _run.epoch,
    "parameters": _run.parameters,
    "depth": _depth,
    "seconds": _run.seconds,
}
# The orders of runs, each followed by its reverse. Runs without the figure come last in both.
SORTS = {
    "newest": _run.created_at.desc(),
    "oldest": _run.created_at.asc(),
    "best": _run.best_score.desc().nulls_last(),
    "worst": _run.best_score.asc().nulls_last(),
    "last": _run.last_score.desc().nulls_last(),
    "last-lowest": _run.last_score.asc().nulls_last(),
    "smallest": _run.parameters.asc().nulls_last(),
    "largest": _run.parameters.desc().nulls_last(),
    "fastest": _run.seconds.asc(),
    "slowest": _run.seconds.desc(),
    "longest": _run.epoch.desc(),
    "shortest": _run.epoch.asc(),
    "name": _name.asc(),
    "name-reversed": _name.desc(),
    "data": _run.data.asc(),
    "data-reversed": _run.data.desc(),
    "layers": _run.layers.asc(),
    "layers-reversed": _run.layers.desc(),
    "status": _run.status.asc(),
    "status-reversed": _run.status.desc(),
}
_OPERATOR = re.compile(r"\s*(<=|>=|!=|=|<|>)\s*")
_CONDITION = re.compile(r"(?P<key>[^\s<>=!]+)(?P<operator><=|>=|!=|=|<|>)(?P<value>\S+)")
_CONDITIONS_MOST = 20
_TAG = "tag:"


@dataclass(frozen=True)
class Condition:
    """A comparison of a setting, by its key in the address, or of one of FIGURES."""

    key: str
    operator: str
    value: str


@dataclass(frozen=True)
class Search:
    """Which runs are wanted: those to which everything here applies.

    Attributes:
        words: in lower case; each must be in a run's name, note, tags or settings.
        tags: that a run must have.
        conditions: that its settings or figures must meet.
        starred: whether only runs with a star are wanted.
        status: one of `core.runs.values`; "" for any.
    """

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    starred: bool = False
    status: str = ""


def parse_search(text: str, starred: bool = False, status: str = "") -> Search:
    """Return what a person has typed as a search.

    Raises:
        ExperimentError: where a condition names no setting, or compares a word by size.

    >>> parse_search("Learning rate > 0.01  tag:homework spiral").conditions
    (Condition(key='lr', operator='>', value='0.01'),)
    """
    text = _OPERATOR.sub(r"\1", text.lower())
    for label, key in _names():
        text = re.sub(rf"(?<!\S){re.escape(label)}(?=[<>=!])", key.replace(" ", "_"), text)
    words, tags, conditions = [], [], []
    for part in text.split():
        if part.startswith(_TAG):
            tags.append(part.removeprefix(_TAG))
        elif found := _CONDITION.fullmatch(part):
            conditions.append(_checked(Condition(**found.groupdict())))
        else:
            words.append(part)
    if len(conditions) + len(words) + len(tags) > _CONDITIONS_MOST:
        raise ExperimentError("search", f"at most {_CONDITIONS_MOST} words and conditions", text)
    return Search(tuple(words), tuple(tags), tuple(conditions), starred, status)


def _names() -> list[tuple[str, str]]:
    """Return what settings and figures are called, and their keys; the longest names first."""
    names = {naming.label_of(key).lower(): key for key in KEYS} | {figure: figure for figure in FIGURES}
    return sorted(names.items(), key=lambda pair: -len(pair[0]))


def _checked(condition: Condition) -> Condition:
    key = condition.key.replace("_", " ") if condition.key.replace("_", " ") in FIGURES else condition.key
    if key not in FIGURES and key not in KEYS:
        raise ExperimentError("search", f"a setting, such as lr or batch, or one of {', '.join(FIGURES)}", key)
    is_size = condition.operator not in ("=", "!=")
    if (is_size or key in FIGURES) and number_of(condition.value) is None:
        raise ExperimentError(key, f"compared with a number by {condition.operator}", condition.value)
    return Condition(key, condition.operator, condition.value)


def matches(search: Search) -> ColumnElement[bool]:
    """Return the search as a condition on rows of `tables.run`."""
    run = tables.run
    parts: list[ColumnElement[bool]] = [run.c.searched.contains(word, autoescape=True) for word in search.words]
    for tag in search.tags:
        parts.append(exists(select(1).where(tables.tag.c.run_id == run.c.id, tables.tag.c.name == tag)))
    parts += [_meets(condition) for condition in search.conditions]
    if search.starred:
        parts.append(run.c.starred)
    if search.status:
        parts.append(run.c.status == search.status)
    return and_(always(), *parts)


def _meets(condition: Condition) -> ColumnElement[bool]:
    number = number_of(condition.value)
    if condition.key in FIGURES:
        assert number is not None
        return _compared(FIGURES[condition.key], condition.operator, number)
    setting = tables.setting
    if number is not None:
        met = _compared(setting.c.number, condition.operator, number)
    else:
        met = setting.c.text == condition.value
        if condition.operator == "!=":
            met = ~met
    return exists(select(1).where(setting.c.run_id == tables.run.c.id, setting.c.key == condition.key, met))


def _compared(column: ColumnElement[float], operator: str, number: float) -> ColumnElement[bool]:
    compared: ColumnElement[bool] = column.op(operator, is_comparison=True)(literal(number, Float))
    return compared


def number_of(text: str) -> float | None:
    """Return the finite number that a text is, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
