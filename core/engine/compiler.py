"""XLA, one compilation at a time in a process; what it compiles is kept on disk.

XLA has a cache on disk of its own, which takes whatever file it finds for machine code, and keeps all of them for ever.
So it gets a folder that belongs to this process, and that holds what is about to be loaded and nothing else.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from core.engine.environment import exchange_folder
from core.engine.kept_programs import keep, read_kept
from core.engine.portable_functions import PortableFunction

_NICE = 5  # of the thread that compiles; one that trains has 0, and three times its share of a core


def _lower_priority() -> None:
    """Lower the priority of this thread. Only Linux has one for each thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


# Each compilation takes all the time of a core, and the runs need the others. What is on disk is loaded in a moment,
# and need not wait for that.
COMPILER = ThreadPoolExecutor(1, "compiler", initializer=_lower_priority)
LOADER = ThreadPoolExecutor(1, "loader")

_lock = threading.Lock()
_given: set[str] = set()  # the names of the files that are in the folder for XLA to load


def kept_name(function_name: str) -> str:
    """Return the name under which the compiled code of a function is kept."""
    return f"{function_name}.xla"


def compile_function(function: PortableFunction, arguments: Sequence[tf.Tensor]) -> None:
    """Call a function for the first time: XLA compiles it, or loads what it has compiled before.

    Only the threads of COMPILER and LOADER may call this.
    """
    folder, name = exchange_folder(), kept_name(function.name)
    if folder is None:  # XLA's flags were set to something else
        function(arguments)
    elif (kept := read_kept(name)) is not None:
        with _given_to_xla(folder, kept):
            function(arguments)
    else:
        _take_made(folder)  # of compiled functions that were called without this one
        function(arguments)
        if made := _take_made(folder):
            keep(name, made)


@contextmanager
def _given_to_xla(folder: Path, kept: Mapping[str, bytes]) -> Iterator[None]:
    """Have files in the folder, by their names, for as long as XLA may look for them."""
    with _lock:
        _given.update(kept)
    try:
        for name, content in kept.items():
            (folder / name).write_bytes(content)
        yield
    finally:
        for name in kept:
            (folder / name).unlink(missing_ok=True)
        with _lock:
            _given.difference_update(kept)


def _take_made(folder: Path) -> dict[str, bytes]:
    """Return the files that XLA has made and remove them. What it still writes has another ending."""
    with _lock:
        made = [path for path in folder.glob("*.pb") if path.name not in _given]
    contents = {path.name: path.read_bytes() for path in made}
    for path in made:
        path.unlink()
    return contents
