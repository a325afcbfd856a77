"""The name that a run gets by itself: what differs from the same person's run before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.experiment import Experiment, LayerSpec, format_layers, menus, to_params

_PARTS_MOST = 4
# What each key of the address is called, where no menu says so; the other keys have the labels of their menus.
_WORDS = {
    "lr": "learning rate",
    "batch": "batch size",
    "width": "units in each layer",
    "depth": "hidden layers",
    "seed": "seed",
    "data_seed": "data seed",
    "split": "split",
    "test": "held-out share",
    "train_rows": "training rows",
    "validation": "validation share",
    "train_share": "share of training rows",
    "scaling": "scaling",
    "init": "initializer",
    "l1": "L1",
    "l1_on": "L1 on",
    "l2": "L2",
    "l2_on": "L2 on",
    "max_norm": "max-norm",
    "dropout": "dropout",
    "schedule": "schedule",
    "clip": "gradient clipping",
    "loss": "loss",
    "class_weight": "class weights",
    "patience": "patience",
    "restore_best": "restore best",
    "target": "target",
    "file": "file",
}
_TITLES: Mapping[str, Mapping[str, Any]] = {
    "data": menus.DATA,
    **{choice: menus.METHODS[choice] for choice in ("optimizer", "schedule", "loss")},
}
# Keys that come and go with a choice, such as an optimizer's momentum, and so tell nothing by being left out.
_OF_A_CHOICE = {name for menu in menus.METHODS.values() for name in menus.setting_names(menu)} | {"l1_on", "l2_on"}


def name_after(before: Experiment | None, now: Experiment) -> str:
    """Return what differs in an experiment from the one before it, in words; all that matters where it is the first.

    >>> from core.experiment import read_query
    >>> first = read_query("data=moons&layers=tanh-4,tanh-2")
    >>> name_after(None, first)
    'Moons, layers tanh-4,tanh-2'
    >>> name_after(first, read_query("data=moons&layers=tanh-2,tanh-2&lr=0.1"))
    'units 2, 2, learning rate 0.1'
    >>> name_after(first, first)
    'the same again'
    """
    if before is None:
        return f"{menus.DATA[now.data.name].title}, layers {format_layers(now.network.layers)}"
    parts = list(_differences(before, now))
    if len(parts) > _PARTS_MOST:
        parts = [*parts[: _PARTS_MOST - 1], f"{len(parts) - _PARTS_MOST + 1} more settings"]
    return ", ".join(parts) or "the same again"


def _differences(before: Experiment, now: Experiment) -> Iterator[str]:
    old, new = to_params(before), to_params(now)
    is_other_data = old["data"] != new["data"]
    for key in {**new, **old}:  # in the order of the address
        if old.get(key) == new.get(key) or (is_other_data and key in menus.setting_names(menus.DATA)):
            continue
        if key == "layers":
            yield _layers_in_words(before.network.layers, now.network.layers)
        elif key in new and not (key in ("l1_on", "l2_on") and key not in old):
            yield _in_words(key, new[key])
        elif key not in _OF_A_CHOICE:
            yield f"default {label_of(key)}"


def _in_words(key: str, text: str) -> str:
    if key == "epochs":
        return f"{text} epoch{'s' * (text != '1')}"
    if key in ("data", "optimizer"):
        return str(_TITLES[key][text].title)
    if key in _TITLES:
        return f"{label_of(key)} {_TITLES[key][text].title}"
    return f"{label_of(key)} {text}"


def _layers_in_words(before: tuple[LayerSpec, ...], now: tuple[LayerSpec, ...]) -> str:
    """Return how hidden layers changed: by their units or activation alone, else all of them."""
    units = [str(layer.units) for layer in now]
    if len(before) == len(now):
        kinds, kinds_before = ([_without_units(layer) for layer in layers] for layers in (now, before))
        if kinds == kinds_before:
            return f"units {', '.join(units)}" if len(units) > 1 else f"{units[0]} unit{'s' * (units[0] != '1')}"
        activations = {layer.activation for layer in now}
        same_units = units == [str(layer.units) for layer in before]
        if same_units and len(activations) == 1 and [kind[1:] for kind in kinds] == [kind[1:] for kind in kinds_before]:
            return menus.ACTIVATIONS[activations.pop()]
    return f"layers {format_layers(now)}"


def _without_units(layer: LayerSpec) -> tuple[object, ...]:
    return layer.activation, layer.normalization, layer.noise, layer.dropout


def label_of(key: str) -> str:
    """Return what a key of the address is called in a sentence."""
    label = _WORDS.get(key) or _labels().get(key) or key.replace("_", " ")
    return label if key in _WORDS or not label[1:].islower() else label.lower()


def _labels() -> Mapping[str, str]:
    """Return the labels of all settings of menus."""
    choices: list[Any] = [choice for menu in (menus.DATA, *menus.METHODS.values()) for choice in menu.values()]
    return {name: setting.label for choice in choices for name, setting in choice.settings.items()}
