"""Seeds of the layers, derived from the seed of the experiment."""

from __future__ import annotations

import numpy as np

_NOISE = 100  # offset between the places of kernels and those of noise


def layer_seed(seed: int, place: int) -> int:
    """Return the seed of the layer at `place` (0 is the first hidden layer); similar seeds give unrelated ones."""
    return int(np.random.SeedSequence([seed, place]).generate_state(1)[0] % (2**31 - 1))


def noise_seed(seed: int, place: int) -> int:
    """Return the seed of the Gaussian noise after the layer at `place`."""
    return layer_seed(seed, place + _NOISE)
