"""The changes that a person makes to a network by hand while it trains."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.errors import ExperimentError, TooManyEditsError
from core.experiment import Experiment, NetworkSpec
from core.trained.network import weight_shapes

Unit = tuple[int, int]  # hidden layer and unit, both from 0

MAX_EDITS = 300  # in a run's timeline; an `Undo` is accepted even then
ROWS_MOST = 64  # that a person chooses for a step

_FULL = (
    f"This run has {MAX_EDITS} changes by hand and cannot keep more. Undo changes made since its last epoch, press "
    "Reset to start again, or continue training as it is."
)
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class SetWeight:
    """Sets one weight.

    Attributes:
        name: of the tensor, as in `core.trained.network.weight_shapes`.
        index: of the number in it.
        value: finite, in the range of float32.
    """

    name: str
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Freeze:
    """Freezes a hidden unit's incoming weights and bias, which training then leaves unchanged, or unfreezes them."""

    layer: int
    unit: int
    on: bool


@dataclass(frozen=True)
class Silence:
    """Silences a hidden unit, whose outgoing weights are then 0, or switches it on again with the weights it had."""

    layer: int
    unit: int
    on: bool


@dataclass(frozen=True, eq=False)
class Begin:
    """Starts the network with the weights of another run; this cannot be undone.

    Attributes:
        weights: float32 arrays with the names and shapes of `core.trained.network.weight_shapes`.
    """

    weights: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class TakeStep:
    """Makes one step of training between two epochs. It is part of the training as soon as an epoch follows it.

    Attributes:
        experiment: in force, because its settings may change later.
        epoch: the epoch after which it is to be made; made later, it has no effect.
        rows: numbers of training rows; None for the rows of the next epoch's first batch.
    """

    experiment: Experiment
    epoch: int
    rows: tuple[int, ...] | None


@dataclass(frozen=True)
class Undo:
    """Undoes the last edit in force, but not steps of training that an epoch has followed."""


Edit = SetWeight | Freeze | Silence | Begin | TakeStep | Undo
Timeline = tuple[tuple[int, Edit], ...]  # edits in order, each with the epoch after which it takes effect


def added(timeline: Timeline, epoch: int, edit: Edit) -> Timeline:
    """Return a run's edits with one more, made after the latest epoch, in as few entries as possible.

    An edit without effect is not added, nor is a step of training that was meant for another epoch. Between two epochs,
    a weight that is set several times in a row, as by a slider that is dragged, keeps only the last value; switching
    back, and `Undo`, remove the entry before.

    >>> slider = added(((3, SetWeight("output/bias", (0,), 1.0)),), 3, SetWeight("output/bias", (0,), 2.0))
    >>> slider
    ((3, SetWeight(name='output/bias', index=(0,), value=2.0)),)
    >>> added(slider, 3, Undo()), len(added(slider, 4, Undo()))
    ((), 2)
    """
    last_epoch, last = timeline[-1] if timeline else (None, None)
    if last_epoch == epoch and isinstance(edit, Undo) and isinstance(last, TakeStep):
        return timeline[:-1]
    active = in_force(timeline)
    if with_edit(active, epoch, edit) == active:
        return timeline
    if last is not None and last_epoch == epoch:
        if isinstance(edit, SetWeight) and last == replace(edit, value=getattr(last, "value", math.nan)):
            return (*timeline[:-1], (epoch, edit))
        if isinstance(edit, Freeze | Silence) and last == replace(edit, on=not edit.on):
            return timeline[:-1]
        if isinstance(edit, Undo) and not isinstance(last, Undo):
            return timeline[:-1]
    return (*timeline, (epoch, edit))


def check_room(timeline: Timeline, epoch: int, edit: Edit) -> None:
    """Raise `TooManyEditsError` where a run cannot keep another edit; `Undo` is always possible."""
    if len(timeline) >= MAX_EDITS and not isinstance(edit, Undo) and len(added(timeline, epoch, edit)) > len(timeline):
        raise TooManyEditsError(_FULL)


def without_begin(timeline: Timeline) -> Timeline:
    """Return the edits that a person made: a timeline without its `Begin`."""
    return tuple(line for line in timeline if not isinstance(line[1], Begin))


def with_edit(active: Timeline, epoch: int, edit: Edit) -> Timeline:
    """Return the edits in force after one more: without the one that it undoes, and without itself if it has no effect.

    >>> with_edit(((3, Freeze(0, 1, True)),), 5, Freeze(0, 1, True))
    ((3, Freeze(layer=0, unit=1, on=True)),)
    >>> with_edit(((3, Freeze(0, 1, True)),), 5, Undo())
    ()
    """
    if isinstance(edit, Undo):
        place = undone_place(active)
        return active if place is None else active[:place] + active[place + 1 :]
    if isinstance(edit, TakeStep) and edit.epoch != epoch:
        return active
    if isinstance(edit, Freeze | Silence):
        is_on = (edit.layer, edit.unit) in _switched(active, type(edit))
        if is_on == edit.on:
            return active
    return (*active, (epoch, edit))


def undone_place(active: Timeline) -> int | None:
    """Return the place of the edit in force that an `Undo` removes: the last one that is not a step of training.

    None where there is none, because what a run began with stays.
    """
    for place in reversed(range(len(active))):
        if isinstance(active[place][1], Begin):
            return None
        if not isinstance(active[place][1], TakeStep):
            return place
    return None


def in_force(timeline: Timeline) -> Timeline:
    """Return the edits of a timeline that are in force at its end."""
    active: Timeline = ()
    for epoch, edit in timeline:
        active = with_edit(active, epoch, edit)
    return active


def frozen_units(active: Timeline) -> frozenset[Unit]:
    """Return the hidden units that edits in force have frozen."""
    return _switched(active, Freeze)


def silenced_units(active: Timeline) -> frozenset[Unit]:
    """Return the hidden units that edits in force have silenced."""
    return _switched(active, Silence)


def _switched(active: Timeline, kind: type[Freeze | Silence]) -> frozenset[Unit]:
    units: dict[Unit, bool] = {}
    for _, edit in active:
        if isinstance(edit, kind):
            units[edit.layer, edit.unit] = edit.on
    return frozenset(unit for unit, on in units.items() if on)


def check_edit(edit: Edit, experiment: Experiment, inputs: int, classes: int, rows: int) -> None:
    """Raise `ExperimentError` where a run has no such weight, unit or training row, or cannot have the value.

    Args:
        experiment: of the run, in force.
        inputs, classes, rows: the numbers of inputs, classes (0 for regression) and training rows.
    """
    network = experiment.network
    if isinstance(edit, TakeStep):
        _check_step(edit, experiment, rows)
    elif isinstance(edit, SetWeight):
        _check_weight(edit, weight_shapes(network, inputs, classes))
    elif isinstance(edit, Freeze | Silence):
        _check_unit(edit, network)
    elif not isinstance(edit, Undo):
        raise ExperimentError("edit", "SetWeight, Freeze, Silence, TakeStep or Undo", edit)


def _check_step(edit: TakeStep, experiment: Experiment, rows: int) -> None:
    if edit.experiment != experiment:
        raise ExperimentError("experiment", "the one that the run trains now", "an earlier one")
    check_rows(edit.rows, rows)


def check_rows(chosen: tuple[int, ...] | None, rows: int) -> None:
    """Raise `ExperimentError` unless a step's rows are numbers of training rows, each once, or None."""
    if chosen is None:
        return
    is_good = isinstance(chosen, tuple) and all(_is_below(row, rows) for row in chosen)
    if not is_good or not 0 < len(chosen) <= ROWS_MOST or len(set(chosen)) < len(chosen):
        raise ExperimentError("rows", f"1 to {ROWS_MOST} different whole numbers {_from_zero(rows)}", chosen)


def _check_weight(edit: SetWeight, shapes: dict[str, tuple[int, ...]]) -> None:
    if not isinstance(edit.name, str) or edit.name not in shapes:
        raise ExperimentError("name", f"one of {', '.join(shapes)}", edit.name)
    shape = shapes[edit.name]
    if not (
        isinstance(edit.index, tuple)
        and len(edit.index) == len(shape)
        and all(_is_below(place, size) for place, size in zip(edit.index, shape, strict=True))
    ):
        raise ExperimentError("index", f"whole numbers from 0, below {shape}, for {edit.name}", edit.index)
    value = edit.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_float32(value):
        raise ExperimentError("value", "a finite number that float32 holds", value)
    if edit.name.endswith("/moving_variance") and value < 0:
        raise ExperimentError("value", "at least 0, because it is a variance", value)


def _check_unit(edit: Freeze | Silence, network: NetworkSpec) -> None:
    if not _is_below(edit.layer, len(network.layers)):
        raise ExperimentError("layer", f"a hidden layer, {_from_zero(len(network.layers))}", edit.layer)
    units = network.layers[edit.layer].units
    if not _is_below(edit.unit, units):
        raise ExperimentError("unit", f"a unit of hidden layer {edit.layer}, {_from_zero(units)}", edit.unit)
    if not isinstance(edit.on, bool):
        raise ExperimentError("on", "True or False", edit.on)


def _is_below(number: object, size: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < size


def _is_float32(value: float) -> bool:
    return abs(value) <= _LARGEST and math.isfinite(value)


def _from_zero(count: int) -> str:
    return f"from 0 to {count - 1}" if count else "but there are none"
