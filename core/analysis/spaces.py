"""Where points lie after every level of a network, and how well a linear model separates the classes there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from threadpoolctl import ThreadpoolController

from core.datasets.dataset import Floats

DIMENSIONS = 3
PROBED_ROWS = 1_000  # training rows, and as many held-out rows
_LARGEST = 1e30  # its square fits into float64, and no useful activation is larger

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def on_one_thread(call: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return the function limited to one BLAS thread: beside runs that train, several would wait for each other."""

    @functools.wraps(call)
    def limited(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        with _blas().limit(limits=1, user_api="blas"):
            return call(*arguments, **named)

    return limited


@functools.cache  # making one searches all loaded libraries
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


@on_one_thread
def lay_out(levels: Sequence[Floats], before: Sequence[Floats] | None = None) -> list[Floats]:
    """Return the positions of points after every level, float32 (points, 3) each.

    Up to three units are the axes themselves, padded with 0. For more, the axes are the first three principal
    components (see scikit-learn's `PCA`).

    Args:
        levels: the outputs of every level, (points, units).
        before: earlier positions of the same points; components then keep their signs and order where possible.
    """
    earlier = before if before is not None else [None] * len(levels)
    return [_place(outputs, last) for outputs, last in zip(levels, earlier, strict=True)]


def _place(outputs: Floats, before: Floats | None) -> Floats:
    finite = _finite(outputs)
    units = finite.shape[1]
    if units <= DIMENSIONS:
        return np.pad(finite, ((0, 0), (0, DIMENSIONS - units))).astype(np.float32)
    found = _components(finite)
    return (_upright(found) if before is None else _aligned(found, before)).astype(np.float32)


def _components(outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows' first three principal components, computed from the smaller of the two Gram matrices."""
    centred = outputs - outputs.mean(axis=0)
    rows, units = centred.shape
    is_wide = units > rows
    product = centred @ centred.T if is_wide else centred.T @ centred
    least = max(0, len(product) - DIMENSIONS)
    values, vectors = eigh(product, subset_by_index=(least, len(product) - 1))
    found = vectors * np.sqrt(np.maximum(values, 0)) if is_wide else centred @ vectors
    return np.pad(found[:, ::-1], ((0, 0), (0, DIMENSIONS - found.shape[1])))


def _upright(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the components with signs such that the farthest point of each is positive."""
    farthest = found[np.abs(found).argmax(axis=0), np.arange(DIMENSIONS)]
    return found * np.where(farthest < 0, -1, 1)


def _aligned(found: NDArray[np.float64], before: Floats) -> NDArray[np.float64]:
    """Return the components in the order and with the signs closest to those before."""
    likeness = before.astype(np.float64).T @ found  # (axes before, components)
    axes = range(DIMENSIONS)
    order = max(permutations(axes), key=lambda order: sum(abs(likeness[axis, order[axis]]) for axis in axes))
    signs = np.where([likeness[axis, order[axis]] < 0 for axis in axes], -1, 1)
    return found[:, order] * signs


@on_one_thread
def separability(
    train: Sequence[Floats], y_train: np.ndarray, held_out: Sequence[Floats], y_held_out: np.ndarray, classes: int
) -> Floats:
    """Return the held-out score of a linear model on the outputs of every level: float32 (levels,).

    The accuracy of scikit-learn's `LogisticRegression`; for regression (0 classes) the R² of its `Ridge`, which copes
    with identical units.

    Args:
        train: outputs of every level for training rows, (rows, units).
        y_train: their targets.
        held_out: … for held-out rows.
        y_held_out: their targets.
    """
    return np.array(
        [_score(*rows, y_train, y_held_out, classes) for rows in zip(train, held_out, strict=True)], np.float32
    )


def _score(train: Floats, held_out: Floats, y_train: np.ndarray, y_held_out: np.ndarray, classes: int) -> float:
    from sklearn.linear_model import LogisticRegression, Ridge

    if classes and len(np.unique(y_train)) == 1:
        return float(np.mean(y_held_out == y_train[0]))
    model = LogisticRegression(tol=1e-2, max_iter=1000) if classes else Ridge(alpha=1e-6 * len(train))
    x_train, x_held_out = _standardized(train, held_out)
    return float(model.fit(x_train, y_train).score(x_held_out, y_held_out))


def _standardized(train: Floats, held_out: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both sets of rows standardized by the training rows."""
    x_train, x_held_out = _finite(train), _finite(held_out)
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1)
    return (x_train - mean) / deviation, (x_held_out - mean) / deviation


def _finite(outputs: Floats) -> NDArray[np.float64]:
    return np.nan_to_num(outputs.astype(np.float64), nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
