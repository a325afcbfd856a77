"""Functions that tests call in bounded processes."""

import os
import sys
import threading
import time

import numpy as np

from core.errors import ExperimentError
from core.experiment import Experiment

_kept: list[bytearray] = []


def doubled(values: np.ndarray) -> dict[str, np.ndarray]:
    sys.stdout.write("no answer\n")
    return {"doubled": 2 * values, "process": np.array(os.getpid())}


def refuse(epochs: int) -> Experiment:
    raise ExperimentError("epochs", "fewer", epochs)


def fail() -> None:
    raise ZeroDivisionError("only here")


def fill(megabytes: int) -> int:
    parts = []
    for _ in range(megabytes):
        parts.append(bytearray(b"x") * 1_000_000)
    return len(parts)


def keep(megabytes: int) -> None:
    _kept.append(bytearray(b"x") * 1_000_000 * megabytes)


def run_out_of_memory() -> None:
    raise MemoryError


def wait_for_ever() -> None:
    threading.Event().wait()


def end(code: int) -> None:
    os._exit(code)


def end_slowly_afterwards() -> int:
    """Hear and say nothing more, and end a while later, as a process that is idle does on a busy machine."""

    def end_slowly() -> None:
        os.closerange(3, 64)
        time.sleep(1.0)
        os._exit(0)

    threading.Timer(0.05, end_slowly).start()
    return os.getpid()


def end_afterwards() -> int:
    threading.Timer(0.05, os._exit, (0,)).start()
    return os.getpid()
