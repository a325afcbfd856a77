"""The cost of an epoch's matrix products alone, in NumPy float32: counted, and measured at their own shapes.

The products of a step are those of every layer's forward pass, every kernel's gradient, and every layer's input
gradient except the first's, which is not needed; for held-out rows, those of the forward pass."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.datasets import Split
from core.experiment import Experiment, layer_parameters

SIDE = 1024  # of the square product whose rate is the machine's best
SQUARES = 4  # of them


def count_flops(experiment: Experiment, split: Split) -> int:
    """Return the floating-point operations of an epoch's products: two a multiplication and addition."""
    layers = [(inputs, units) for inputs, units, _ in layer_parameters(experiment.network, split.inputs, split.classes)]
    forward = sum(inputs * units for inputs, units in layers)
    behind_the_first = sum(inputs * units for inputs, units in layers[1:])
    return 2 * (len(split.x_train) * (2 * forward + behind_the_first) + len(split.x_val) * forward)


def time_products(experiment: Experiment, split: Split) -> float:
    """Make every product of an epoch once, at its own shape and on the rows themselves, and return the seconds."""
    layers = [(inputs, units) for inputs, units, _ in layer_parameters(experiment.network, split.inputs, split.classes)]
    kernels = [_random(*shape) for shape in layers]
    gradients = [np.empty_like(kernel) for kernel in kernels]
    size = experiment.training.batch_size
    sizes = [min(size, len(split.x_train) - start) for start in range(0, len(split.x_train), size)]
    # Of every layer what comes in, and the gradient of what goes out.
    flows = {rows: [(_random(rows, inputs), _random(rows, units)) for inputs, units in layers] for rows in set(sizes)}
    outputs = {rows: [(np.empty_like(x), np.empty_like(delta)) for x, delta in flows[rows]] for rows in flows}
    held_out = _forward_pass(split.x_val, kernels)
    started = time.perf_counter()
    for rows, x in zip(sizes, _batches(split.x_train, size), strict=True):
        for place, ((inputs, delta), (before, behind)) in enumerate(zip(flows[rows], outputs[rows], strict=True)):
            inputs = inputs if place else x
            np.dot(inputs, kernels[place], out=behind)
            np.dot(inputs.T, delta, out=gradients[place])
            if place:
                np.dot(delta, kernels[place].T, out=before)
    for inputs, kernel, behind in held_out:
        np.dot(inputs, kernel, out=behind)
    return time.perf_counter() - started


def time_squares() -> float:
    """Return the seconds of one product of two SIDE x SIDE matrices."""
    one, other, out = (_random(SIDE, SIDE) for _ in range(3))
    started = time.perf_counter()
    for _ in range(SQUARES):
        np.dot(one, other, out=out)
    return (time.perf_counter() - started) / SQUARES


def square_seconds(flops: int, seconds_a_square: float) -> float:
    """Return the seconds of so many operations at the rate of the square product."""
    return flops * seconds_a_square / (2 * SIDE**3)


def _layers(experiment: Experiment, split: Split) -> list[tuple[int, int]]:
    """Return inputs and units of every layer."""
    counted = layer_parameters(experiment.network, split.inputs, split.classes)
    return [(inputs, units) for inputs, units, _ in counted]


def _forward_pass(
    x: NDArray[np.float32], kernels: list[NDArray[np.float32]]
) -> list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]:
    inputs = [x, *(_random(len(x), kernel.shape[0]) for kernel in kernels[1:])]
    return [(part, kernel, _random(len(x), kernel.shape[1])) for part, kernel in zip(inputs, kernels, strict=True)]


def _batches(x: NDArray[np.float32], size: int) -> Iterator[NDArray[np.float32]]:
    return (x[start : start + size] for start in range(0, len(x), size))


def _random(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).random(shape, np.float32)
