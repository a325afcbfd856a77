"""The controls of a lesson, read from its header, and whether its steps can be done with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.errors import LessonError
from core.experiment import Experiment, LayerSpec, to_params
from core.experiment.control_limits import LOCKABLE, NAMES, make_limits
from core.lessons.judge import belongs_to
from core.lessons.lesson import Controls, Step
from core.lessons.yaml_with_lines import Value

_NAMES: Mapping[str, Sequence[str]] = {"shown": NAMES, "locked": LOCKABLE, "hidden": NAMES}


def read_controls(value: Value) -> Controls:
    """Return the controls that a header names; raises `LessonError` for one that is unknown, or hidden and shown."""
    given = value.mapping("controls", tuple(_NAMES))
    found = Controls(**{what: _names(what, one) for what, one in given.items()})
    hidden = make_limits(found.hidden, ())
    for what, names in (("shown", found.shown), ("locked", found.locked)):
        for name in names:
            if hidden.hides(name):
                raise LessonError(given["hidden"].line, f"`{name}` cannot be both hidden and {what}.")
    return found


def check_controls(controls: Controls, steps: Sequence[Step], line: int) -> None:
    """Raise `LessonError` where a step needs a control that is hidden, locked or folded away.

    Args:
        line: of the controls in the file.
    """
    limits, folded = controls.limits(is_unfolded=True), controls.limits(is_unfolded=False)
    for step in steps:
        for name in dict.fromkeys(_needed(step)):
            if limits.holds(name):
                how = "hidden" if limits.hides(name) else "locked"
                raise LessonError(line, f"The step “{step.title}” needs `{name}`, which is {how}.")
            if folded.hides(name):
                raise LessonError(line, f"The step “{step.title}” needs `{name}`, which is not among `shown`.")


def _names(what: str, value: Value) -> tuple[str, ...]:
    found = [item.text(what, 40) for item in value.items(what)]
    for item, name in zip(value.items(what), found, strict=True):
        if name not in _NAMES[what]:
            raise LessonError(item.line, f"`{name}` is no control for `{what}`. Known: {', '.join(_NAMES[what])}.")
    return tuple(dict.fromkeys(found))


def _needed(step: Step) -> Iterator[str]:
    """Yield the names of controls without which a step cannot be done, as far as its goal tells."""
    goal = step.goal
    if goal is None:
        return
    if goal.needs_run:
        yield "train"
    if any(place != "lab" for place in goal.opened):
        yield "pages"
    yield from goal.only_changed or ()
    yield from (setting.key for setting in goal.settings)
    if goal.reached_by is not None:
        yield from _between(step.setup, goal.reached_by)


def _between(before: Experiment, after: Experiment) -> Iterator[str]:
    """Yield the names of controls that lead from one experiment to another; another seed needs none."""
    old, new = to_params(before), to_params(after)
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    for key in changed:
        if key == "layers":
            yield from _of_layers(before.network.layers, after.network.layers)
        elif key != "seed" and not belongs_to(key, {*changed} - {key}):
            yield key


def _of_layers(before: tuple[LayerSpec, ...], after: tuple[LayerSpec, ...]) -> Iterator[str]:
    if len(before) != len(after):
        yield "depth"
    of_last = before[-1:] * len(after)  # what the lab gives to a layer that is new
    for old, new in zip((*before, *of_last), after, strict=False):
        if old.units != new.units:
            yield "units"
        if old.activation != new.activation:
            yield "activation"
        if (old.normalization, old.noise, old.dropout) != (new.normalization, new.noise, new.dropout):
            yield "layer_extras"
    if after and not before:
        yield from ("units", "activation")
