"""What the inside panel needs to know about an experiment's network, as plain values."""

from __future__ import annotations

import base64
import functools
from typing import Any

import numpy as np

from core.analysis.axes import Axes
from core.analysis.decision import plane_of
from core.analysis.packed_weights import SUMMARY, mode, sample_rows
from core.analysis.regression import value_range
from core.datasets import Split, prepare
from core.experiment import DataSpec, NetworkSpec, count_parameters, menus, output_units
from core.figures.palette import NEGATIVE_COLOUR, POSITIVE_COLOUR, VALUE_COLOURS, class_colour
from core.trained.network import output_activation, weight_shapes


@functools.lru_cache(maxsize=16)  # the page asks at every run; the same for everybody
def network_json(data: DataSpec, network: NetworkSpec, loss: str) -> dict[str, Any]:
    """Return everything about a network that does not change while it trains; `inside_panel.js` documents it."""
    split = prepare(data)
    sizes = [split.inputs, *(layer.units for layer in network.layers), output_units(split.classes)]
    how = mode(count_parameters(network, split.inputs, split.classes))
    last = output_activation(split.classes, loss)
    activations = [*(menus.ACTIVATIONS[layer.activation] for layer in network.layers), last]
    return {
        "sizes": sizes,
        "layers": [*_hidden_layers(network), _layer("output", "none", "", last)],
        "classes": split.classes,
        "hinge": split.classes > 0 and loss == "hinge",
        "shapes": [[name, list(shape)] for name, shape in weight_shapes(network, split.inputs, split.classes).items()],
        "mode": how,
        "titles": _titles(sizes, activations),
        "activations": activations,
        "inputs": _inputs(split, data),
        "plane": _plane(split),
        "samples": _samples(split, len(sizes), how),
        "classNames": list(split.class_names),
        "classColours": [class_colour(label) for label in range(split.classes)],
        "valueColours": list(VALUE_COLOURS),
        "signColours": [NEGATIVE_COLOUR, POSITIVE_COLOUR],
        "target": None if split.classes else _target(split),
    }


def _hidden_layers(network: NetworkSpec) -> list[dict[str, str]]:
    return [
        _layer(f"hidden_{place}", layer.normalization, f"normalization_{place}", layer.activation)
        for place, layer in enumerate(network.layers, start=1)
    ]


def _layer(name: str, normalization: str, normalization_name: str, activation: str) -> dict[str, str]:
    return {
        "name": name,
        "normalization": normalization,
        "normalizationName": normalization_name,
        "activation": activation,
    }


def _titles(sizes: list[int], activations: list[str]) -> list[list[str]]:
    """Return the title, the short title and the contents of every level."""
    inputs, *hidden, outputs = sizes
    layers = [
        [f"Layer {place}", str(place), f"{units} × {activation}"]
        for place, (units, activation) in enumerate(zip(hidden, activations, strict=False), start=1)
    ]
    return [
        ["Inputs", "in", f"{inputs:,}"],
        *layers,
        ["Output", "out", f"{outputs:,} × {activations[-1]}"],
    ]


def input_titles(split: Split, data: DataSpec) -> list[str]:
    """Return the inputs' names as people read them: x₁² for x1x1, and those of columns as they are."""
    of_plane = split.derived or menus.DATA[data.name].planar
    return [menus.INPUTS[name] for name in split.input_names] if of_plane else list(split.input_names)


def _inputs(split: Split, data: DataSpec) -> dict[str, Any]:
    return {
        "names": input_titles(split, data),
        "derived": list(split.input_names) if split.derived else None,
        "offset": split.offset.tolist(),
        "factor": split.factor.tolist(),
        "scaled": data.scaling != "none",
    }


def _plane(split: Split) -> dict[str, Any] | None:
    if split.features != 2:
        return None
    plane = plane_of(split, Axes())
    return {"low": plane.low, "high": plane.high}


def _samples(split: Split, levels: int, how: str) -> dict[str, Any]:
    """Return the rows that are followed through the levels; a summary has no use for their inputs."""
    rows = sample_rows(split, levels)
    inputs = np.ascontiguousarray(split.x_train[rows], "<f4")
    return {
        "inputs": None if how == SUMMARY else base64.b64encode(inputs.tobytes()).decode(),
        "points": split.raw_train[rows].tolist() if split.features == 2 else None,
        "labels": split.y_train[rows].tolist(),
    }


def _target(split: Split) -> dict[str, Any]:
    low, high = value_range(split)
    return {
        "name": split.target_name,
        "low": float(low),
        "high": float(high),
        "offset": split.target_offset,
        "factor": split.target_factor,
    }
