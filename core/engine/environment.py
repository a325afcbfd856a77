"""What TensorFlow and its compiler take from the environment as they are loaded, where results depend on it."""

from __future__ import annotations

import os
from collections.abc import Mapping

_SETTINGS: Mapping[str, str] = {
    # Its other order of sums would cost repeatability between machines, and it greets on every start.
    "TF_ENABLE_ONEDNN_OPTS": "0",
    # Loops over so few bytes are compiled in one piece, without the steps between their operations; over more, products
    # of matrices would be slower than by the library.
    "XLA_FLAGS": "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=200000",
}


def set_environment() -> None:
    """Have TensorFlow compute as every process of ours does, to the last bit; to be called before it is imported."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
