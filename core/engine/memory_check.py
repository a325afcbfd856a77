"""Check that a network fits into memory before it is built."""

from __future__ import annotations

import psutil

from core.errors import TooLargeError
from core.experiment import NetworkSpec, count_parameters

_BYTES = 4  # float32
_COPIES = 8  # weights, gradient and two slots of the optimizer, each as argument and as result
_SHARE = 0.5  # of the free memory, at most, for one network


def estimate_bytes(network: NetworkSpec, features: int, classes: int, rows_at_once: int) -> int:
    """Return roughly how many bytes training needs: copies of the parameters, and the activations of one pass."""
    widest = features + classes + sum(layer.units for layer in network.layers)
    parameters = count_parameters(network, features, classes)
    return _BYTES * (_COPIES * parameters + 3 * rows_at_once * widest)


def check_memory(network: NetworkSpec, features: int, classes: int, rows_at_once: int) -> None:
    """Raise `TooLargeError` if training would need more than half of the free memory."""
    needed = estimate_bytes(network, features, classes, rows_at_once)
    limit = int(psutil.virtual_memory().available * _SHARE)
    if needed > limit:
        raise TooLargeError(
            f"This network of {count_parameters(network, features, classes):,} parameters needs about "
            f"{needed / 2**20:,.0f} MB to train; {limit / 2**20:,.0f} MB are allowed on this machine now. "
            "Use fewer or narrower layers, or smaller batches."
        )
