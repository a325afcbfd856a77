"""The kinds of controls that set an experiment. Each has a name of its own and returns its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from core.experiment import menus
from core.experiment.control_limits import NAMES
from core.experiment.keys import Flag, Real, Whole, format_number
from core.experiment.menus import Setting
from core.glossary.now import chosen, memory, momentum
from ui.components.explained import help_of
from ui.session import current, limits, widgets

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

_NOW: dict[str, Callable[[float], str]] = {
    "momentum": momentum,
    "beta_1": memory,
    "beta_2": memory,
    "rho": memory,
}


def heading(title: str, term: str, *names: str) -> None:
    """Draw the heading of a group of controls, unless all are hidden; `term` of the glossary explains it, if any."""
    if not all(limits.hides(name) for name in names):
        st.subheader(title, help=help_of(term) if term else None)


def fold(label: str, name: str, value: _Spec, controls: Callable[[_Spec], _Spec]) -> _Spec:
    """Draw controls in a section that opens; while it is closed they are not drawn and the value stays as it is."""
    if limits.hides(_FOLDS.get(name) or name_in_address(name)):
        return value
    return _if_open(st.expander(label, key=f"fold-{name}", on_change="rerun"), value, controls)


def more(label: str, name: str, value: _Spec, controls: Callable[[_Spec], _Spec]) -> _Spec:
    """Draw controls behind a small button; like `fold` otherwise."""
    if limits.hides(name_in_address(name)):
        return value
    icon = ":material/tune:"
    button = st.popover(label, icon=icon, width="stretch", key=f"more-{name}", on_change="rerun", help=label)
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


def choice(
    label: str, titles: Mapping[str, str], value: str, name: str, term: str, hide_label: bool = False, note: str = ""
) -> str:
    """Choose one of a few names, shown by their titles.

    Args:
        term: of the glossary, which explains the menu, and may explain its entries.
        note: what else its help says.
    """
    if limits.hides(name_in_address(name)):
        return value
    key = current.widget_key(name)
    now = note or chosen(term, widgets.value(key) or value, titles)
    picked: str = st.selectbox(
        label,
        list(titles),
        list(titles).index(value),
        format_func=titles.__getitem__,
        key=key,
        label_visibility="collapsed" if hide_label else "visible",
        disabled=limits.locks(name_in_address(name)),
        help=help_of(term, now),
    )
    return picked


def stops(
    label: str,
    options: Sequence[float],
    value: float,
    name: str,
    term: str,
    written: Callable[[float], str] = format_number,
    now: Callable[[float], str] = lambda _: "",
    rows: str = "held-out",
) -> float:
    """Choose on a slider with a few sensible stops, and the present value if it is not among them.

    Args:
        term: of the glossary, which explains it.
        now: says what a value does.
        rows: what its help calls the held-out rows.
    """
    if limits.hides(name_in_address(name)):
        return value
    options = sorted({*options, value})
    key = current.widget_key(f"{name}-{len(options)}")
    shown = widgets.value(key)
    help = help_of(term, now(value if shown is None else shown), rows)
    is_locked = limits.locks(name_in_address(name))
    picked: float = st.select_slider(label, options, value, format_func=written, key=key, help=help, disabled=is_locked)
    return picked


def none_at_0(word: str) -> Callable[[float], str]:
    """Return a format that writes 0 as a word."""
    return lambda value: format_number(value) if value else word


def percent(value: float) -> str:
    """Return a share as a percentage.

    >>> percent(0.25)
    '25%'
    """
    return f"{value:.0%}"


def switch(label: str, value: bool, name: str, term: str, rows: str = "held-out") -> bool:
    """Choose yes or no; `term` of the glossary explains it, and calls the held-out rows so."""
    if limits.hides(name_in_address(name)):
        return value
    is_locked = limits.locks(name_in_address(name))
    return st.toggle(label, value, key=current.widget_key(name), help=help_of(term, rows=rows), disabled=is_locked)


def seed(label: str, value: int, name: str, term: str) -> int:
    """Choose a seed; `term` of the glossary explains it."""
    if limits.hides(name_in_address(name)):
        return value
    key, is_locked = current.widget_key(name), limits.locks(name_in_address(name))
    low, high = menus.SEED.low, menus.SEED.high
    return int(st.number_input(label, low, high, value, key=key, help=help_of(term), disabled=is_locked))


def setting_control(setting: Setting, value: Any, name: str, of: str) -> Any:
    """Choose a setting of a method; the same setting of another method is another control."""
    key = f"{name}-{of}"
    if isinstance(setting.key, Flag):
        return switch(setting.label, value, key, name)
    bounds = setting.key
    assert isinstance(bounds, Whole | Real)
    options = [stop for stop in _STOPS[name] if bounds.low <= stop <= bounds.high]
    picked = stops(setting.label, options, value, key, name, now=_NOW.get(name, lambda _: ""))
    return int(picked) if isinstance(bounds, Whole) else picked
