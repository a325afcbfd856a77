"""Environment variables that TensorFlow and XLA read when they are loaded, and on which results depend."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_SETTINGS: Mapping[str, str] = {
    # oneDNN adds numbers in another order on every kind of processor, so results would differ between machines.
    "TF_ENABLE_ONEDNN_OPTS": "0",
    # XLA compiles a loop over fewer bytes than these as one piece, which spares the dispatch of each operation. In a
    # larger one plain loops would replace the library's matrix products, and be slower.
    "XLA_FLAGS": "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=200000",
}
_EXCHANGE = "hidden-layers-xla-"  # what the names of the folders begin with; the process follows
_FLAGS = "TF_XLA_FLAGS"
_FLAG = "--tf_xla_persistent_cache_directory="


def set_environment() -> None:
    """Set the environment so that TensorFlow gives equal results, bit for bit, in every process.

    Call it before TensorFlow is imported. A variable that is set already stays as it is.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if _EXCHANGE in os.environ.get(_FLAGS, _EXCHANGE) and exchange_folder() is None:
        _sweep_exchanges()
        folder = tempfile.mkdtemp(prefix=f"{_EXCHANGE}{os.getpid()}-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ[_FLAGS] = _FLAG + folder


def exchange_folder() -> Path | None:
    """Return the folder through which this process gives compiled code to XLA and gets it, or None if there is none.

    XLA looks there for what it is about to compile, and writes there what it has compiled.
    """
    folder = Path(os.environ.get(_FLAGS, "").removeprefix(_FLAG))
    return folder if folder.name.startswith(f"{_EXCHANGE}{os.getpid()}-") else None


def _sweep_exchanges() -> None:
    """Delete the folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_EXCHANGE}*"):
        process = folder.name.removeprefix(_EXCHANGE).split("-")[0]
        with suppress(ValueError, PermissionError):
            try:
                os.kill(int(process), 0)
            except ProcessLookupError:
                shutil.rmtree(folder, ignore_errors=True)
