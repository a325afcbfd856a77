"""Width and depth: two numbers that stand for all hidden layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.errors import ExperimentError
from core.experiment import menus
from core.experiment.address import format_layers, parse_layers
from core.experiment.keys import Whole
from core.experiment.specs import LayerSpec, NetworkSpec

WIDTH = Whole("width", menus.UNITS.low, menus.UNITS.high)
DEPTH = Whole("depth", 0, menus.LAYERS_MOST)
SHAPE = (WIDTH.name, DEPTH.name)


def with_layers(layers: tuple[LayerSpec, ...], settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings of an address in which `layers` says what `depth` and `width` said.

    More layers are like the last one; a width is that of every layer.

    Args:
        layers: that the settings start from, where they name no `layers`.

    Raises:
        ExperimentError: where a number is not allowed, or a width has no hidden layer.

    >>> with_layers((LayerSpec(4, "tanh"),), {"width": "8", "depth": "2", "lr": "0.1"})
    {'lr': '0.1', 'layers': 'tanh-8,tanh-8'}
    """
    others = {key: text for key, text in settings.items() if key not in SHAPE}
    if len(others) == len(settings):
        return others
    if "layers" in others:
        layers = parse_layers(others["layers"])
    if DEPTH.name in settings:
        depth = DEPTH.parse(settings[DEPTH.name])
        last = (layers or NetworkSpec().layers)[-1]
        layers = (*layers, *[last] * depth)[:depth]
    if WIDTH.name in settings:
        units = WIDTH.parse(settings[WIDTH.name])
        if not layers:
            raise ExperimentError(WIDTH.name, "given to a network with hidden layers", settings[WIDTH.name])
        layers = tuple(replace(layer, units=units) for layer in layers)
    return others | {"layers": format_layers(layers)}
