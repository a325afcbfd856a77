"""Network inputs derived from points in the plane: coordinates, squares, product and sines.

They are derived from the points in the data's own units, and each is then scaled like a feature of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.datasets.far_numbers import LARGEST
from core.errors import DataError
from core.experiment import menus

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


def derive_inputs(points: NDArray[np.floating], names: Sequence[str]) -> NDArray[np.floating]:
    """Return the inputs of these names (see `menus.INPUTS`) for points (rows, 2): (rows, inputs), with their dtype.

    >>> derive_inputs(np.array([[2.0, 3.0]]), ("x1", "x1x1", "x1x2"))
    array([[2., 4., 6.]])
    """
    columns = [INPUTS[name](points[:, 0], points[:, 1]) for name in names]
    return np.stack(columns, axis=1)


def check_reach(names: Sequence[str], x1: float, x2: float) -> None:
    """Check that float32 can hold the inputs of all points whose coordinates are at most `x1` and `x2` from 0.

    Raises:
        DataError: if one of the inputs can be too large.
    """
    for name in names:
        reach = INPUTS[name](np.array(x1, np.float64), np.array(x2, np.float64))
        if reach > LARGEST:
            raise DataError(
                f"`inputs` must be numbers from -1e30 to 1e30: {menus.INPUTS[name]} can reach {reach:.4g}. Leave it "
                "out, or use smaller numbers."
            )
