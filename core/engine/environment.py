"""Environment variables that TensorFlow and XLA read when they are loaded, and on which results depend."""

from __future__ import annotations

import os
from collections.abc import Mapping

_SETTINGS: Mapping[str, str] = {
    # oneDNN adds numbers in another order on every kind of processor, so results would differ between machines.
    "TF_ENABLE_ONEDNN_OPTS": "0",
    # XLA compiles a loop over fewer bytes than these as one piece, which spares the dispatch of each operation. In a
    # larger one plain loops would replace the library's matrix products, and be slower.
    "XLA_FLAGS": "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=200000",
}


def set_environment() -> None:
    """Set the environment so that TensorFlow gives equal results, bit for bit, in every process.

    Call it before TensorFlow is imported. A variable that is set already stays as it is.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
