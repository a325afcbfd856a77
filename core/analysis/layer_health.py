"""Whether a network learns well, seen from its weights: what comes how often, what is dead, how far weights move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.histograms import Histogram

BINS = 40
DEAD, SATURATED = "dead", "saturated"

_ENDS: Mapping[str, tuple[float, float]] = {
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
}
_NEAR_AN_END = 0.05  # of the way from one end to the other
_COUNTED_MOST = 20_000  # values of an epoch


@dataclass(frozen=True, eq=False)
class Health:
    """What a run's kept weights say of it. Layers are the hidden ones in order, and at last the output layer.

    Attributes:
        epochs: after which epochs the network was looked at, rising; the last are the newest weights that were kept.
        weights: of every layer's kernel and biases, a group an epoch.
        activations: of what every layer gives for the sample rows, a group an epoch.
        gradients: of the loss by every layer's kernel and biases, a group an epoch.
        gradient_norms: float64 (layers, epochs).
        idle: float64 (hidden layers, epochs): the share of units that are dead or saturated; nan for activations that
            know neither.
        moved_epochs: the kept epochs that have one before them.
        moved: float64 (layers, moved epochs): how far the weights have moved an epoch since the kept epoch before, in
            norms of the weights there.
        rows: how many training rows were looked at.
        steps: how many updates an epoch has.
    """

    epochs: tuple[int, ...]
    weights: tuple[Histogram, ...]
    activations: tuple[Histogram, ...]
    gradients: tuple[Histogram, ...]
    gradient_norms: np.ndarray
    idle: np.ndarray
    moved_epochs: tuple[int, ...]
    moved: np.ndarray
    rows: int
    steps: int


def layer_values(tensors: Mapping[str, np.ndarray], hidden: int) -> list[np.ndarray]:
    """Return each layer's kernel and biases as one float array; tensors are named as in `TrainedNetwork`."""
    names = [*(f"hidden_{place}" for place in range(1, hidden + 1)), "output"]
    return [np.concatenate([tensors[f"{name}/kernel"].ravel(), tensors[f"{name}/bias"]]) for name in names]


def spread_histogram(groups: Sequence[np.ndarray]) -> Histogram:
    """Return the histograms of groups of values over the same 40 bins, from the lowest value of all to the highest.

    Of a group of more than 20,000 values, as many evenly spaced ones count, and of all only those that are finite.
    Where all are one value there is one bin.
    """
    spread = [values.ravel()[:: -(-values.size // _COUNTED_MOST) or 1].astype(np.float64) for values in groups]
    spread = [values[np.isfinite(values)] for values in spread]
    together = np.concatenate(spread) if any(map(len, spread)) else np.zeros(1)
    low, high = together.min(), together.max()
    edges = np.linspace(low, high, BINS + 1)
    if not np.all(np.diff(edges) > 0):
        edges = np.array([low - 0.5, low + 0.5])
    return Histogram(edges, np.array([np.histogram(values, edges)[0] for values in spread], np.int64))


def idle_kind(activation: str) -> str | None:
    """Return what units of an activation can be: dead, saturated, or neither.

    >>> idle_kind("relu"), idle_kind("tanh"), idle_kind("elu")
    ('dead', 'saturated', None)
    """
    if activation == "relu":
        return DEAD
    return SATURATED if activation in _ENDS else None


def idle_share(activation: str, outputs: np.ndarray) -> float:
    """Return the share of a layer's units that have stopped to tell rows apart; nan where the activation has no such.

    Dead: 0 for every row. Saturated: for most rows within a twentieth of the way between its two ends from one.

    Args:
        outputs: float (rows, units), what the layer gives.
    """
    kind = idle_kind(activation)
    if kind is None:
        return float("nan")
    if kind == DEAD:
        return float(np.mean(np.all(outputs == 0, axis=0)))
    low, high = _ENDS[activation]
    near = _NEAR_AN_END * (high - low)
    at_an_end = (outputs < low + near) | (outputs > high - near)
    return float(np.mean(at_an_end.mean(axis=0) > 0.5))


def norm(values: np.ndarray) -> float:
    """Return the Euclidean norm of a layer's values, reckoned in float64."""
    return float(np.linalg.norm(values.astype(np.float64)))


def moved_share(before: np.ndarray, after: np.ndarray, epochs: int) -> float:
    """Return how far a layer's values have moved an epoch, in norms of what they were; nan where they were all 0."""
    was = norm(before)
    return norm(after - before) / was / epochs if was else float("nan")
