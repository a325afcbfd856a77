"""Which controls of the lab an address hides or locks: `hide=optimizer,lr&lock=layers`.

They are no part of the experiment: two addresses that differ only in them are of the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.errors import ExperimentError
from core.experiment import menus
from core.experiment.table_spec import TABLE_KEYS

HIDE, LOCK = "hide", "lock"


@dataclass(frozen=True)
class Control:
    """Something on the page that can be hidden or locked.

    Attributes:
        title: what it is, for people.
        covers: the keys of the address that are set by it, and the names of other controls that it contains.
        can_be_locked: whether it can be shown without being used.
    """

    title: str
    covers: tuple[str, ...] = ()
    can_be_locked: bool = True


def _settings(*choices: str) -> tuple[str, ...]:
    """Return the keys of the settings that the methods of some choices have."""
    return tuple(dict.fromkeys(name for choice in choices for name in menus.setting_names(menus.METHODS[choice])))


CONTROL_GROUPS: Mapping[str, Mapping[str, Control]] = {
    "Data": {
        "recipe": Control("Menu of recipes"),
        "data": Control("Data set, and what is chosen of a file", tuple(TABLE_KEYS)),
        "data_settings": Control("Points, noise and other settings of the data set", tuple(menus.MAKING)),
        "inputs": Control("Inputs"),
        "balance": Control("Class balance and random labels", ("imbalance", "random_labels", "class_weight")),
        "split": Control(
            "Split and scaling",
            ("test", "train_rows", "validation", "train_share", "scaling", "data_seed"),
        ),
        "plane": Control("Plane of the figure"),
    },
    "Network": {
        "layers": Control("All about hidden layers", ("depth", "units", "activation", "layer_extras")),
        "depth": Control("Number of hidden layers"),
        "units": Control("Units of each layer"),
        "activation": Control("Activation of each layer"),
        "layer_extras": Control("Normalization, noise and dropout of each layer"),
        "weights": Control("Weights and regularization", ("init", "dropout", "l1", "l1_on", "l2", "l2_on", "max_norm")),
    },
    "Training": {
        "optimizer": Control("Optimizer and its settings", _settings("optimizer")),
        "lr": Control("Learning rate"),
        "batch": Control("Batch size"),
        "epochs": Control("Epochs"),
        "retrain": Control("Train on every change"),
        "coach": Control("Coach"),
        "schedule": Control("Schedule and clipping", ("clip", *_settings("schedule", "clip"))),
        "loss": Control("Loss", _settings("loss")),
        "stopping": Control("When to stop", ("patience", "restore_best", "target")),
        "seed": Control("Seed of the weights", ("new_weights",)),
    },
    "Run": {
        "train": Control("Train and Pause"),
        "step": Control("Step"),
        "stop": Control("Stop"),
        "reset": Control("Reset"),
        "new_weights": Control("New weights"),
        "speed": Control("Speed"),
    },
    "Page": {
        "pages": Control("The other pages", can_be_locked=False),
        "share": Control("Link, class and command line", can_be_locked=False),
    },
}
CONTROLS: Mapping[str, Control] = {name: one for group in CONTROL_GROUPS.values() for name, one in group.items()}
NAMES = tuple(dict.fromkeys((*CONTROLS, *(key for control in CONTROLS.values() for key in control.covers))))
LOCKABLE = tuple(name for name in NAMES if name not in CONTROLS or CONTROLS[name].can_be_locked)
# What can be folded away, to be unfolded again.
_FOLDED = tuple(
    name
    for group in ("Data", "Network", "Training")
    for control, one in CONTROL_GROUPS[group].items()
    for name in (control, *one.covers)
)
# Of every name, itself and what contains it.
_COVERED_BY = {
    name: frozenset({name, *(other for other, control in CONTROLS.items() if name in control.covers)}) for name in NAMES
}


@dataclass(frozen=True)
class ControlLimits:
    """Controls that are hidden, and controls that are shown and cannot be used.

    Attributes:
        hidden, locked: names of NAMES in that order; what is in both is hidden.
    """

    hidden: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()

    def hides(self, name: str) -> bool:
        """Return whether a control is hidden, or one that contains it."""
        return not _COVERED_BY[name].isdisjoint(self.hidden)

    def locks(self, name: str) -> bool:
        """Return whether a control is locked, or one that contains it."""
        return not _COVERED_BY[name].isdisjoint(self.locked)

    def holds(self, name: str) -> bool:
        """Return whether what a control sets stays as it is."""
        return self.hides(name) or self.locks(name)

    def hold_any(self, keys: Iterable[str]) -> bool:
        """Return whether a control is hidden or locked that sets one of some keys of an address, or a part of it."""
        held = {*self.hidden, *self.locked}
        parts = (_COVERED_BY[key].union(CONTROLS[key].covers if key in CONTROLS else ()) for key in keys)
        return any(not names.isdisjoint(held) for names in parts)

    def joined(self, other: ControlLimits) -> ControlLimits:
        """Return what hides and locks whatever one of the two does."""
        return make_limits((*self.hidden, *other.hidden), (*self.locked, *other.locked))

    def to_params(self) -> dict[str, str]:
        """Return the limits as texts by key of the address, without empty ones."""
        texts = {HIDE: ",".join(self.hidden), LOCK: ",".join(self.locked)}
        return {key: text for key, text in texts.items() if text}


def make_limits(hidden: Iterable[str], locked: Iterable[str]) -> ControlLimits:
    """Return limits of names in any order; what is in both is hidden. Names must be of NAMES."""
    both = frozenset(hidden), frozenset(locked)
    in_order = [tuple(name for name in NAMES if name in names) for names in (both[0], both[1] - both[0])]
    return ControlLimits(*in_order)


def all_but(shown: Iterable[str]) -> ControlLimits:
    """Return limits that hide all settings but these, what they contain and what contains them."""
    kept = frozenset(shown)
    around = {name: _COVERED_BY[name].union(CONTROLS[name].covers if name in CONTROLS else ()) for name in _FOLDED}
    return make_limits((name for name in _FOLDED if kept.isdisjoint(around[name])), ())


def read_limits(params: Iterable[tuple[str, str]]) -> tuple[ControlLimits, tuple[ExperimentError, ...]]:
    """Return the limits in an address, and an error for each name that is unknown or cannot be locked.

    Args:
        params: the keys and texts of the address; other keys than `hide` and `lock` are passed over.
    """
    allowed = {HIDE: NAMES, LOCK: LOCKABLE}
    named: dict[str, list[str]] = {HIDE: [], LOCK: []}
    problems = []
    for key, text in params:
        if key not in named:
            continue
        for name in filter(None, text.split(",")):
            if name in allowed[key]:
                named[key].append(name)
            else:
                known = ", ".join(known for known in CONTROLS if known in allowed[key])
                problems.append(ExperimentError(key, f"one or more of {known}, separated by commas", name))
    return make_limits(named[HIDE], named[LOCK]), tuple(problems)
