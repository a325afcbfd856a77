"""The inside of a network for the browser: weights packed into few bytes, and the points followed through layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.analysis.axes import Axes
from core.analysis.decision import on_plane_inputs, plane_of
from core.datasets import Split
from core.datasets.dataset import Floats

# Arrays of a frame that only the page Inside gets.
ARRAYS = ("weights", "scales", "shown", "spaces", "separable", "separable_epoch")
HALF, BYTE, SUMMARY = "half", "byte", "summary"
HALF_MOST = 10_000  # weights that travel as half floats
BYTE_MOST = 21_500  # … as bytes; of more, only the strongest units' weights travel
SUMMARY_UNITS = 16  # per level
ROWS_MOST = 120
GRID_SIDE = 9
_POINTS_MOST = 1_380  # points times levels, 6 bytes each: a frame's arrays stay under 30 kB with the weights
_HALF_LARGEST = float(np.finfo(np.float16).max)


def mode(weights: int) -> str:
    """Return how this many weights travel: HALF, BYTE or SUMMARY.

    >>> mode(37), mode(21_057), mode(109_386)
    ('half', 'byte', 'summary')
    """
    if weights <= HALF_MOST:
        return HALF
    return BYTE if weights <= BYTE_MOST else SUMMARY


def pack_weights(weights: Mapping[str, Floats]) -> dict[str, np.ndarray]:
    """Return a network's weights as arrays of a frame.

    Args:
        weights: all of them by name, in the order of `core.trained.network.weight_shapes`.

    Returns:
        `weights`, all tensors flattened and concatenated: uint16 (weights,), the bits of half floats; or, by `mode`,
        uint8 (weights,) and `scales`, float32 (1, tensors), where (byte - 128) / 127 * scale is a weight; or uint16 of
        only the units in `shown`, int32 (levels, 16), rising, padded with -1.
    """
    tensors = list(weights.values())
    kind = mode(sum(tensor.size for tensor in tensors))
    if kind == BYTE:
        scales = np.array([np.abs(tensor).max(initial=0) for tensor in tensors], np.float32)
        parts = [_bytes(tensor, scale) for tensor, scale in zip(tensors, scales, strict=True)]
        return {"weights": np.concatenate(parts), "scales": scales[None]}
    if kind == HALF:
        return {"weights": half_bits(_flat(tensors))}
    units = strongest_units(weights)
    shown = np.full((len(units), SUMMARY_UNITS), -1, np.int32)
    for level, chosen in enumerate(units):
        shown[level, : len(chosen)] = chosen
    return {"weights": half_bits(_flat(_cut(weights, units))), "shown": shown}


def strongest_units(weights: Mapping[str, Floats]) -> list[np.ndarray]:
    """Return the at most 16 strongest units of every level (inputs, hidden layers, output), rising.

    The strength of a unit is the norm of its incoming weights plus the norm of its outgoing ones.
    """
    kernels = [weight for name, weight in weights.items() if name.endswith("/kernel")]
    strengths = [np.zeros(kernels[0].shape[0]), *(np.linalg.norm(kernel, axis=0) for kernel in kernels)]
    for level, kernel in enumerate(kernels):
        strengths[level] = strengths[level] + np.linalg.norm(kernel, axis=1)
    return [np.sort(np.argsort(-strength, kind="stable")[:SUMMARY_UNITS]) for strength in strengths]


def half_bits(values: np.ndarray) -> np.ndarray:
    """Return the bits of values as IEEE half floats, uint16 of the same shape, clipped to their range."""
    bits: np.ndarray = np.clip(values, -_HALF_LARGEST, _HALF_LARGEST).astype(np.float16).view(np.uint16)
    return bits


def sample_rows(split: Split, levels: int) -> np.ndarray:
    """Return the indices of the training rows that are followed through the levels, rising: at most 120.

    Args:
        levels: the number of levels (inputs, hidden layers, output). With more than six, fewer rows are followed.
    """
    return spread_rows(split.y_train, min(ROWS_MOST, _POINTS_MOST // levels - GRID_SIDE**2))


def spread_rows(targets: np.ndarray, most: int) -> np.ndarray:
    """Return the indices of a fixed sample of at most `most` rows, int64, rising.

    The sample keeps the distribution of the target: rows are evenly spaced in its order, and random among equal ones.
    """
    order = np.random.default_rng(0).permutation(len(targets))
    ordered = order[np.argsort(targets[order], kind="stable")]
    if len(ordered) > most:
        ordered = ordered[((np.arange(most) + 0.5) * len(ordered) / most).astype(np.int64)]
    return np.sort(ordered)


def followed_points(split: Split, axes: Axes | None, levels: int) -> Floats:
    """Return the scaled inputs of the points that are followed through the levels: float32 (points, inputs).

    First those of `sample_rows`; then, where the plane that is drawn is spanned by two features, the 81 vertices of a
    grid over it, row by row from the top left.
    """
    rows: Floats = split.x_train[sample_rows(split, levels)]
    if axes is None or split.features != 2:
        return rows
    plane = plane_of(split, axes)
    across = np.linspace(plane.low[0], plane.high[0], GRID_SIDE)
    up = np.linspace(plane.high[1], plane.low[1], GRID_SIDE)
    vertices = on_plane_inputs(split, axes, np.tile(across, GRID_SIDE), np.repeat(up, GRID_SIDE))
    return np.concatenate([rows, vertices])


def _bytes(tensor: Floats, scale: float) -> np.ndarray:
    stretched: np.ndarray = np.rint(tensor.ravel() / (scale or 1) * 127 + 128).astype(np.uint8)
    return stretched


def _flat(tensors: Sequence[Floats]) -> Floats:
    return np.concatenate([tensor.ravel() for tensor in tensors])


def _cut(weights: Mapping[str, Floats], units: Sequence[np.ndarray]) -> list[Floats]:
    """Return the tensors restricted to the given units, in their order."""
    cut, level = [], 0
    for name, weight in weights.items():
        level += name.endswith("/kernel")
        cut.append(weight[np.ix_(units[level - 1], units[level])] if weight.ndim == 2 else weight[units[level]])
    return cut
