"""Smoothing of noisy curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def smoothed(values: Sequence[float] | np.ndarray, weight: float) -> NDArray[np.float64]:
    """Return an exponential moving average that begins at the first value, float64 (n,).

    Source: TensorBoard's debiased moving average, after Adam's bias correction (Kingma and Ba 2015). NaN and infinite
    values stay where they are, and count for no other value.

    Args:
        values: (n,), one an epoch.
        weight: of what was before, from 0 (nothing is smoothed) to less than 1.

    >>> smoothed([1.0, 0.0], 0.5).round(3).tolist()
    [1.0, 0.333]
    """
    smooth = np.array(values, np.float64)
    average, share = 0.0, 0.0
    for place in np.flatnonzero(np.isfinite(smooth)):
        average = weight * average + (1 - weight) * smooth[place]
        share = weight * share + (1 - weight)
        smooth[place] = average / share
    return smooth
