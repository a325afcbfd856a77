"""The kinds of controls that set an experiment. Each has a name of its own and returns its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from core.experiment import menus
from core.experiment.control_limits import NAMES
from core.experiment.keys import Flag, Real, Whole, format_number
from core.experiment.menus import Setting
from ui.session import current, limits

_Spec = TypeVar("_Spec")

# What controls are called in the address, where their first words are not that.
_IN_ADDRESS = {
    "rate": "lr",
    "initializer": "init",
    "normalization": "layer_extras",
    "layer_noise": "layer_extras",
    "layer_dropout": "layer_extras",
    "layer": "layer_extras",
    "task": "data",
    "read": "data",
    "reading": "data",
}
_FOLDS = {"classes": "balance"}  # "classes" is also a setting of blobs

# The stops of the settings' sliders. A value from the address that lies between two stops becomes a stop itself.
_SHARES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)
_TENTHS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_STOPS: dict[str, tuple[float, ...]] = {
    "momentum": _SHARES,
    "beta_1": _SHARES,
    "beta_2": _SHARES,
    "rho": _SHARES,
    "epsilon": tuple(float(f"1e{power}") for power in range(-10, 1)),
    "accumulator": (0.0, 0.001, 0.01, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    "weight_decay": (0.0, 0.0001, 0.0003, 0.001, 0.002, 0.004, 0.01, 0.03, 0.1, 0.3, 1.0),
    "every": (1, 2, 5, 10, 20, 30, 50, 100, 200, 500, 1000, 2000),
    "factor": _TENTHS,
    "final": (0.0, 0.001, *_TENTHS),
    "warm_up": (1, 2, 5, 10, 20, 30, 50, 100, 200, 500),
    "rise": (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95),
    "clip_at": (0.001, 0.01, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0),
    "label_smoothing": (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5),
    "gamma": (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0),
    "delta": (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
}


def heading(title: str, *names: str) -> None:
    """Draw the heading of a group of controls, unless all of them are hidden."""
    if not all(limits.hides(name) for name in names):
        st.subheader(title)


def fold(label: str, name: str, value: _Spec, controls: Callable[[_Spec], _Spec]) -> _Spec:
    """Draw controls in a section that opens; while it is closed they are not drawn and the value stays as it is."""
    if limits.hides(_FOLDS.get(name) or name_in_address(name)):
        return value
    return _if_open(st.expander(label, key=f"fold-{name}", on_change="rerun"), value, controls)


def more(label: str, name: str, value: _Spec, controls: Callable[[_Spec], _Spec]) -> _Spec:
    """Draw controls behind a small button; like `fold` otherwise."""
    if limits.hides(name_in_address(name)):
        return value
    button = st.popover(label, icon=":material/tune:", width="stretch", key=f"more-{name}", on_change="rerun")
    return _if_open(button, value, controls)


def _if_open(container: Any, value: _Spec, controls: Callable[[_Spec], _Spec]) -> _Spec:
    if not container.open:
        return value
    with container:
        return controls(value)


def name_in_address(name: str) -> str:
    """Return what a control is called in `hide` and `lock`: its first words, or what stands for them.

    >>> name_in_address("train-share-moons"), name_in_address("rate"), name_in_address("units-0")
    ('train_share', 'lr', 'units')
    """
    words = name.replace("-", "_").split("_")
    for count in range(len(words), 0, -1):
        first = "_".join(words[:count])
        if (known := _IN_ADDRESS.get(first, first)) in NAMES:
            return known
    raise KeyError(name)


def choice(label: str, titles: Mapping[str, str], value: str, name: str, hide_label: bool = False) -> str:
    """Choose one of a few names, shown by their titles."""
    if limits.hides(name_in_address(name)):
        return value
    chosen: str = st.selectbox(
        label,
        list(titles),
        list(titles).index(value),
        format_func=titles.__getitem__,
        key=current.widget_key(name),
        label_visibility="collapsed" if hide_label else "visible",
        disabled=limits.locks(name_in_address(name)),
    )
    return chosen


def stops(
    label: str,
    options: Sequence[float],
    value: float,
    name: str,
    help: str | None = None,
    written: Callable[[float], str] = format_number,
) -> float:
    """Choose on a slider with a few sensible stops, and the present value if it is not among them."""
    if limits.hides(name_in_address(name)):
        return value
    options = sorted({*options, value})
    key, is_locked = current.widget_key(f"{name}-{len(options)}"), limits.locks(name_in_address(name))
    chosen: float = st.select_slider(label, options, value, format_func=written, key=key, help=help, disabled=is_locked)
    return chosen


def none_at_0(word: str) -> Callable[[float], str]:
    """Return a format that writes 0 as a word."""
    return lambda value: format_number(value) if value else word


def percent(value: float) -> str:
    """Return a share as a percentage.

    >>> percent(0.25)
    '25%'
    """
    return f"{value:.0%}"


def switch(label: str, value: bool, name: str, help: str | None = None) -> bool:
    """Choose yes or no."""
    if limits.hides(name_in_address(name)):
        return value
    is_locked = limits.locks(name_in_address(name))
    return st.toggle(label, value, key=current.widget_key(name), help=help, disabled=is_locked)


def seed(label: str, value: int, name: str) -> int:
    """Choose a seed."""
    if limits.hides(name_in_address(name)):
        return value
    key, is_locked = current.widget_key(name), limits.locks(name_in_address(name))
    return int(st.number_input(label, menus.SEED.low, menus.SEED.high, value, key=key, disabled=is_locked))


def setting_control(setting: Setting, value: Any, name: str, of: str) -> Any:
    """Choose a setting of a method; the same setting of another method is another control."""
    key = f"{name}-{of}"
    if isinstance(setting.key, Flag):
        return switch(setting.label, value, key)
    bounds = setting.key
    assert isinstance(bounds, Whole | Real)
    options = [stop for stop in _STOPS[name] if bounds.low <= stop <= bounds.high]
    chosen = stops(setting.label, options, value, key)
    return int(chosen) if isinstance(bounds, Whole) else chosen
