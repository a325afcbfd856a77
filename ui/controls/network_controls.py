"""The hidden layers, their initial weights, and regularization."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.experiment import LayerSpec, NetworkSpec, menus
from core.experiment.keys import format_number
from core.glossary import now
from ui.components.explained import explanation, help_of
from ui.controls.widgets import choice, more, none_at_0, stops
from ui.session import current, limits

_UNITS = (*range(1, 21), *range(24, 65, 4), *range(72, 129, 8), *range(160, menus.UNITS_MOST + 1, 32))
_NOISES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_DROPOUTS = tuple(hundredths / 100 for hundredths in range(0, 91, 5))
_SAME_AS_ALL = "same as all layers"
_PENALTIES = (0.0, 0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_NORMS = (0.0, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0)


def layer_controls(network: NetworkSpec) -> NetworkSpec:
    """Choose how many hidden layers there are, and set each of them."""
    if limits.hides("layers"):
        return network
    count = _count_control(len(network.layers))
    slots = current.layer_slots(network.layers, menus.LAYERS_MOST)
    layers = []
    for place in range(count):
        with st.container():
            layers.append(_layer_control(place, slots[place]))
    return replace(network, layers=tuple(layers))


def _count_control(count: int) -> int:
    """Choose how many hidden layers there are."""
    if limits.hides("depth"):
        return count
    key, is_locked = current.widget_key("layers"), limits.locks("depth")
    help = help_of("hidden_layers")
    return st.slider("Hidden layers", 0, menus.LAYERS_MOST, count, key=key, help=help, disabled=is_locked)


def weight_controls(network: NetworkSpec) -> NetworkSpec:
    """Choose the initializer, dropout, penalties and max-norm."""
    initializer = choice("Weight initializer", menus.INITIALIZERS, network.initializer, "initializer", "initializer")
    label = "Dropout after every hidden layer"
    dropout = stops(label, _DROPOUTS, network.dropout, "dropout", "dropout", now=now.share_of_outputs)
    network = replace(network, initializer=initializer, dropout=dropout)
    network = _penalty_control(network, "L1", "l1", menus.L1_ON.options)
    network = _penalty_control(network, "L2", "l2", menus.L2_ON.options)
    written = none_at_0("no limit")
    return replace(network, max_norm=stops("Max-norm", _NORMS, network.max_norm, "max-norm", "max_norm", written))


def _layer_control(place: int, layer: LayerSpec) -> LayerSpec:
    name = f"Layer {place + 1}"
    width, activation, extras = st.columns([8, 9, 3], vertical_alignment="bottom", gap="xsmall", wrap=False)
    with width:
        units = int(stops(f"{name}: units", _UNITS, layer.units, f"units-{place}", "units"))
    with activation:
        label = f"{name}: activation"
        function = choice(
            label, menus.ACTIVATIONS, layer.activation, f"activation-{place}", "activation", hide_label=True
        )
    chosen = replace(layer, units=units, activation=function)
    with extras:
        label = f"{name}: normalization, noise, dropout"
        chosen = more(label, f"layer-{place}", chosen, partial(_extra_controls, place))
    if text := _extras(chosen):
        st.caption(text)
    return chosen


def _extra_controls(place: int, layer: LayerSpec) -> LayerSpec:
    name = f"Layer {place + 1}"
    st.markdown(explanation("activation", layer.activation, menus.ACTIVATIONS))  # its own menu has no room for a ?
    normalization = choice(
        f"{name}: normalization", menus.NORMALIZATIONS, layer.normalization, f"normalization-{place}", "normalization"
    )
    return replace(
        layer,
        normalization=normalization,
        noise=stops(f"{name}: Gaussian noise", _NOISES, layer.noise, f"layer-noise-{place}", "gaussian_noise"),
        dropout=_layer_dropout(f"{name}: dropout", layer.dropout, f"layer-dropout-{place}"),
    )


def _extras(layer: LayerSpec) -> str:
    """Return the settings behind a layer's button, in words, so that they show while it is closed."""
    parts = [] if layer.normalization == "none" else [menus.NORMALIZATIONS[layer.normalization]]
    parts += [f"noise {format_number(layer.noise)}"] if layer.noise else []
    parts += [] if layer.dropout is None else [f"dropout {format_number(layer.dropout)}"]
    return " · ".join(parts)


def _layer_dropout(label: str, rate: float | None, name: str) -> float | None:
    """Choose a layer's own dropout rate, or None for the rate of all layers."""
    if limits.hides("layer_extras"):
        return rate
    rates = sorted({*_DROPOUTS, *(() if rate is None else (rate,))})
    chosen: str | float = st.select_slider(
        label,
        [_SAME_AS_ALL, *rates],
        _SAME_AS_ALL if rate is None else rate,
        format_func=lambda stop: stop if isinstance(stop, str) else format_number(stop),
        key=current.widget_key(f"{name}-{len(rates)}"),
        disabled=limits.locks("layer_extras"),
        help=help_of("dropout"),
    )
    return None if isinstance(chosen, str) else chosen


def _penalty_control(network: NetworkSpec, title: str, field: str, places: tuple[str, ...]) -> NetworkSpec:
    """Choose the strength of a penalty and, unless it is 0, what it applies to."""
    cost = partial(now.penalty, squared=field == "l2")
    strength = stops(f"{title} penalty", _PENALTIES, getattr(network, field), field, field, now=cost)
    network = _with(network, {field: strength})
    if strength:
        on = f"{field}_on"
        if limits.hides(on):
            return network
        key, help, is_locked = current.widget_key(on), help_of("penalty_places"), limits.locks(on)
        now_on = getattr(network, on)
        chosen = st.multiselect(f"{title} applies to", places, now_on, key=key, help=help, disabled=is_locked)
        if chosen:
            return _with(network, {on: tuple(chosen)})
        st.warning(f"{title} must apply to something: choose kernel, bias or activity.")
    return network


def _with(network: NetworkSpec, values: dict[str, Any]) -> NetworkSpec:
    return replace(network, **values)
