"""The widths that programs are compiled for: those of a short list, so that networks of many widths share a program.

A hidden layer is compiled for the next size of the list. All weights into and out of the units that it has too many
start at 0, and training leaves them there: these units' sums are 0, so their outputs are 0, and as nothing depends on
them, no weight of theirs has a gradient. Activations that are not 0 at 0 are masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.experiment import Experiment, LayerSpec, NetworkSpec, count_parameters, shape_of

_SMALL_SIZES = (4, 8, 16, 32, 64)
_LARGE_STEP = 32  # larger sizes are multiples of this
_SHIFTED_ACTIVATIONS = frozenset({"sigmoid", "softplus", "hard_sigmoid"})  # those that are not 0 at 0
_WHOLE_KERNEL_OPTIMIZERS = frozenset({"adafactor", "muon"})  # whose steps depend on the size of a kernel
# More multiplications an epoch than these, some 10 ms, cost more over a run than the compiler would.
_ADDED_PRODUCTS_MOST = 1e8
_RATIO_MOST = 1.1


def padded_sizes(network: NetworkSpec, optimizer: str) -> tuple[int, ...]:
    """Return how many units each hidden layer has in the program that trains a network.

    A layer keeps its width where its normalization looks at all units, or where it draws noise, which XLA draws in
    pairs, so that the numbers depend on how many there are. With Adafactor and Muon all layers do.
    """
    is_exact = optimizer in _WHOLE_KERNEL_OPTIMIZERS
    return tuple(layer.units if is_exact or _is_exact(layer) else _size(layer.units) for layer in network.layers)


def padded_network(network: NetworkSpec, optimizer: str) -> NetworkSpec:
    """Return a network with its layers as wide as `padded_sizes` says."""
    return _with_units(network, padded_sizes(network, optimizer))


def program_shape(experiment: Experiment) -> Experiment:
    """Return what the program of an experiment depends on, as `shape_of` does, with the widths that it is compiled for.

    Experiments of equal program shape share a program if they have the same numbers of rows and features. A network
    for which padding costs too much has one of its own; see `Structure.padded`.
    """
    shape = shape_of(experiment)
    return replace(shape, network=padded_network(shape.network, shape.training.optimizer))


def common_shape(experiment: Experiment) -> Experiment:
    """Return what experiments have in common that can train together in one program.

    Layers that are padded may be of any widths up to 64, or of the widths of one size above that.
    """
    shape = shape_of(experiment)
    network, optimizer = shape.network, shape.training.optimizer
    if optimizer in _WHOLE_KERNEL_OPTIMIZERS:
        return shape
    layers = (
        layer if _is_exact(layer) else replace(layer, units=max(_SMALL_SIZES[-1], _size(layer.units)))
        for layer in network.layers
    )
    return replace(shape, network=replace(network, layers=tuple(layers)))


def shape_together(experiments: Sequence[Experiment]) -> Experiment:
    """Return the shape of the program in which experiments of one common shape train together.

    It is their own shape; where their widths differ, with layers for the widest of them, which are padded.
    """
    shapes = {shape_of(experiment).network for experiment in experiments}
    first = shape_of(experiments[0])
    if len(shapes) == 1:
        return first
    optimizer = first.training.optimizer
    sizes = map(max, zip(*(padded_sizes(network, optimizer) for network in shapes), strict=True))
    return replace(first, network=_with_units(first.network, sizes))


def costs_too_much(before: NetworkSpec, padded: NetworkSpec, features: int, classes: int, rows: int) -> bool:
    """Return whether a padded network takes so much more arithmetic that its own program is worth compiling.

    Args:
        rows: that an epoch trains on.
    """
    own, larger = (count_parameters(network, features, classes) for network in (before, padded))
    return larger > _RATIO_MOST * own and (larger - own) * 3 * rows > _ADDED_PRODUCTS_MOST


def counts_units(network: NetworkSpec, optimizer: str) -> bool:
    """Return whether the program of a network has to know how many units its layers have.

    It does for activations that are not 0 at 0, and for dropout, which draws numbers for the units that there are.
    """
    if optimizer in _WHOLE_KERNEL_OPTIMIZERS:
        return False
    pairs = zip(network.layers, network.dropouts, strict=True)
    return any((is_shifted(layer) or bool(rate)) and not _is_exact(layer) for layer, rate in pairs)


def is_shifted(layer: LayerSpec) -> bool:
    """Return whether a layer's activation is not 0 at 0."""
    return layer.activation in _SHIFTED_ACTIVATIONS


def _with_units(network: NetworkSpec, sizes: Iterable[int]) -> NetworkSpec:
    layers = (replace(layer, units=size) for layer, size in zip(network.layers, sizes, strict=True))
    return replace(network, layers=tuple(layers))


def _is_exact(layer: LayerSpec) -> bool:
    return layer.normalization == "layer" or bool(layer.noise)


def _size(units: int) -> int:
    small = next((size for size in _SMALL_SIZES if units <= size), None)
    return small or -(-units // _LARGE_STEP) * _LARGE_STEP
