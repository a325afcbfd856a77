"""The health of a network's layers: distributions of weights, activations and gradients, idle units, update sizes."""

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
_NEAR_AN_END = 0.05  # of the activation's range
_COUNTED_MOST = 20_000  # values per epoch


@dataclass(frozen=True, eq=False)
class Health:
    """The health of a run by its kept weights. Layers are the hidden ones in order, then the output layer.

    Attributes:
        epochs: the epochs after which the weights were kept, rising; the last is the newest.
        weights: a histogram for each layer's kernel and biases, one group an epoch.
        activations: … for each layer's outputs on the sample rows.
        gradients: … for the gradient of the loss with respect to each layer's kernel and biases.
        gradient_norms: float64 (layers, epochs).
        idle: float64 (hidden layers, epochs): the share of units that are dead or saturated; NaN for activations
            that can be neither.
        moved_epochs: the kept epochs except the first.
        moved: float64 (layers, moved epochs): the distance that the weights moved per epoch since the previous kept
            epoch, relative to their norm there.
        rows: the number of training rows in the sample.
        steps: updates in an epoch.
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
    """Return the histograms of groups of values over the same 40 bins, from the lowest value to the highest.

    Of a larger group, 20,000 evenly spaced values count. NaN and infinity are ignored. Equal values have
    one bin.
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
    """Return how units with an activation can be idle: dead, saturated, or None.

    >>> idle_kind("relu"), idle_kind("tanh"), idle_kind("elu")
    ('dead', 'saturated', None)
    """
    if activation == "relu":
        return DEAD
    return SATURATED if activation in _ENDS else None


def idle_share(activation: str, outputs: np.ndarray) -> float:
    """Return the share of a layer's units that no longer distinguish rows; NaN where the activation cannot be idle.

    Args:
        outputs: float (rows, units), the layer's outputs.
    """
    return float("nan") if idle_kind(activation) is None else float(np.mean(are_idle(activation, outputs)))


def are_idle(activation: str, outputs: np.ndarray) -> np.ndarray:
    """Return which of a layer's units no longer distinguish rows, bool (units,); none where they cannot be idle.

    Dead: 0 for every row. Saturated: for most rows within 5 % of the activation's range from one of its ends.

    Args:
        outputs: float (rows, units), the layer's outputs.
    """
    kind = idle_kind(activation)
    if kind is None:
        return np.zeros(outputs.shape[1], bool)
    if kind == DEAD:
        is_dead: np.ndarray = np.all(outputs == 0, axis=0)
        return is_dead
    low, high = _ENDS[activation]
    near = _NEAR_AN_END * (high - low)
    at_an_end = (outputs < low + near) | (outputs > high - near)
    is_saturated: np.ndarray = at_an_end.mean(axis=0) > 0.5
    return is_saturated


def norm(values: np.ndarray) -> float:
    """Return the Euclidean norm of a layer's values, computed in float64."""
    return float(np.linalg.norm(values.astype(np.float64)))


def moved_share(before: np.ndarray, after: np.ndarray, epochs: int) -> float:
    """Return the distance that a layer's values moved per epoch, relative to their norm before; NaN if that was 0."""
    was = norm(before)
    return norm(after - before) / was / epochs if was else float("nan")
