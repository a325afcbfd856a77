"""What a person does to a network by hand while it trains, as values that travel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.errors import ExperimentError, TooManyEditsError
from core.experiment import NetworkSpec
from core.trained.network import weight_shapes

Unit = tuple[int, int]  # hidden layer and unit, both from 0

EDITS_MOST = 300  # that a run keeps, as lines of its plan; what takes them back comes on top

_FULL = (
    f"This run keeps {EDITS_MOST} changes by hand and can keep no more: all of them are done again where it is trained "
    "again. Undo what was changed since its last epoch, press Reset to begin anew, or train on as it is."
)
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class SetWeight:
    """One weight gets a value.

    Attributes:
        name: of the tensor, as in `core.trained.network.weight_shapes`.
        index: which of its numbers.
        value: finite, within float32.
    """

    name: str
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Freeze:
    """A hidden unit's incoming weights and bias do not change in training, or do again."""

    layer: int
    unit: int
    on: bool


@dataclass(frozen=True)
class Silence:
    """A hidden unit sends nothing on: its outgoing weights are 0 until it is switched on again, and come back then."""

    layer: int
    unit: int
    on: bool


@dataclass(frozen=True, eq=False)
class Begin:
    """The network begins with the weights that another run has left; this is never taken back.

    Attributes:
        weights: float32 arrays by the names and of the shapes that `core.trained.network.weight_shapes` says.
    """

    weights: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Undo:
    """Takes the last edit back that stands."""


Edit = SetWeight | Freeze | Silence | Begin | Undo
Timeline = tuple[tuple[int, Edit], ...]  # edits with the epochs behind which they take effect, none falling


def added(timeline: Timeline, epoch: int, edit: Edit) -> Timeline:
    """Return a run's edits with one more behind an epoch, the latest so far, in as few lines as tell the same.

    What does nothing is no line. Between two epochs, only the last of the values counts that one weight is given one
    after another, as by a slider that is dragged; a switch that goes back, and `Undo`, take the line before away.

    >>> slider = added(((3, SetWeight("output/bias", (0,), 1.0)),), 3, SetWeight("output/bias", (0,), 2.0))
    >>> slider
    ((3, SetWeight(name='output/bias', index=(0,), value=2.0)),)
    >>> added(slider, 3, Undo()), len(added(slider, 4, Undo()))
    ((), 2)
    """
    standing = in_force(timeline)
    if with_edit(standing, epoch, edit) == standing:
        return timeline
    if timeline and timeline[-1][0] == epoch:
        last = timeline[-1][1]
        if isinstance(edit, SetWeight) and last == replace(edit, value=getattr(last, "value", math.nan)):
            return (*timeline[:-1], (epoch, edit))
        if isinstance(edit, Freeze | Silence) and last == replace(edit, on=not edit.on):
            return timeline[:-1]
        if isinstance(edit, Undo) and not isinstance(last, Undo):
            return timeline[:-1]
    return (*timeline, (epoch, edit))


def check_room(timeline: Timeline, epoch: int, edit: Edit) -> None:
    """Raise `TooManyEditsError` where a run cannot keep another edit; what can be taken back always can."""
    if len(timeline) >= EDITS_MOST and not isinstance(edit, Undo) and len(added(timeline, epoch, edit)) > len(timeline):
        raise TooManyEditsError(_FULL)


def without_begin(timeline: Timeline) -> Timeline:
    """Return what a person did of a timeline: all but how it began."""
    return tuple(line for line in timeline if not isinstance(line[1], Begin))


def with_edit(standing: Timeline, epoch: int, edit: Edit) -> Timeline:
    """Return the edits that stand behind one more: without what it takes back, and without itself if it does nothing.

    >>> with_edit(((3, Freeze(0, 1, True)),), 5, Freeze(0, 1, True))
    ((3, Freeze(layer=0, unit=1, on=True)),)
    >>> with_edit(((3, Freeze(0, 1, True)),), 5, Undo())
    ()
    """
    if isinstance(edit, Undo):
        return standing if standing and isinstance(standing[-1][1], Begin) else standing[:-1]
    if isinstance(edit, Freeze | Silence):
        is_on = (edit.layer, edit.unit) in _switched(standing, type(edit))
        if is_on == edit.on:
            return standing
    return (*standing, (epoch, edit))


def in_force(timeline: Timeline) -> Timeline:
    """Return the edits of a timeline that stand in the end."""
    standing: Timeline = ()
    for epoch, edit in timeline:
        standing = with_edit(standing, epoch, edit)
    return standing


def frozen_units(standing: Timeline) -> frozenset[Unit]:
    """Return the hidden units that edits which stand have frozen."""
    return _switched(standing, Freeze)


def silenced_units(standing: Timeline) -> frozenset[Unit]:
    """Return the hidden units that edits which stand have silenced."""
    return _switched(standing, Silence)


def _switched(standing: Timeline, kind: type[Freeze | Silence]) -> frozenset[Unit]:
    units: dict[Unit, bool] = {}
    for _, edit in standing:
        if isinstance(edit, kind):
            units[edit.layer, edit.unit] = edit.on
    return frozenset(unit for unit, on in units.items() if on)


def check_edit(edit: Edit, network: NetworkSpec, inputs: int, classes: int) -> None:
    """Raise `ExperimentError` where a network has no such weight or unit, or a value is none that it may have."""
    if isinstance(edit, SetWeight):
        _check_weight(edit, weight_shapes(network, inputs, classes))
    elif isinstance(edit, Freeze | Silence):
        _check_unit(edit, network)
    elif not isinstance(edit, Undo):
        raise ExperimentError("edit", "SetWeight, Freeze, Silence or Undo", edit)


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
        raise ExperimentError("value", "a number from 0, for a variance", value)


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
    return f"from 0 to {count - 1}" if count else "of which there is none"
