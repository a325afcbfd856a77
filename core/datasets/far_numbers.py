"""Numbers far from 0, of which float32 loses the digits that differ, or which it cannot hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Numbers whose mean is so many times their standard deviation need float64: next to a second of today, float32 has no
# other one within a minute.
TOO_FAR = 1000
# And from here on, sums of squares in float32 lose so many digits that R² is wrong.
FAR = 30
# Networks are trained in float32, whose largest number is 3e38.
LARGEST = 1e30


def is_far_from_zero(values: NDArray[np.floating], times: float) -> bool:
    """Return whether the mean of numbers (NaN for missing ones) is more than `times` their standard deviation."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    return bool(len(known) and abs(known.mean()) > times * known.std() > 0)
