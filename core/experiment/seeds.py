"""The seed of every layer, derived from the experiment's one."""

from __future__ import annotations

import numpy as np

_NOISE = 100  # so far from the seeds of the kernels do those of the noise begin


def layer_seed(seed: int, place: int) -> int:
    """Return the seed of the layer at `place` (0 is the first hidden layer): far apart for near seeds."""
    return int(np.random.SeedSequence([seed, place]).generate_state(1)[0] % (2**31 - 1))


def noise_seed(seed: int, place: int) -> int:
    """Return the seed of the Gaussian noise behind the layer at `place`."""
    return layer_seed(seed, place + _NOISE)
