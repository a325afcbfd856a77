"""Network inputs derived from points in the plane: coordinates, squares, product and sines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_Column = NDArray[np.floating]

INPUTS: Mapping[str, Callable[[_Column, _Column], _Column]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1x1": lambda x1, x2: x1 * x1,
    "x2x2": lambda x1, x2: x2 * x2,
    "x1x2": lambda x1, x2: x1 * x2,
    "sinx1": lambda x1, x2: np.sin(x1),
    "sinx2": lambda x1, x2: np.sin(x2),
}


def derive_inputs(points: NDArray[np.floating], names: Sequence[str]) -> NDArray[np.float32]:
    """Return the inputs of these names (see `menus.INPUTS`) for points (rows, 2), as float32 (rows, inputs).

    >>> derive_inputs(np.array([[2.0, 3.0]]), ("x1", "x1x2"))
    array([[2., 6.]], dtype=float32)
    """
    columns = [INPUTS[name](points[:, 0], points[:, 1]) for name in names]
    return np.stack(columns, axis=1).astype(np.float32)
