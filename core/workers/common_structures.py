"""The structures that people try first, compiled while nobody needs the machine.

`python -m core.workers.common_structures` is a process beside the server. It has no workers and trains nothing. What it
compiles is kept on disk (`core.engine.kept_programs`), where the workers find it.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from core.datasets import prepare
from core.experiment import Experiment, read_query
from core.workers.worker import programs

_BUSY_PERCENT = 50.0  # of all processors: from there on, the machine is not idle
_LOOK_SECONDS = 2.0
_FIRST_LOOKS = 15  # in a row that have to find it idle before the first structure: nobody waits for a page any more
_READY_SECONDS = 0.05  # between two looks at the compiler
_STOP_SECONDS = 2.0


def start_compiling() -> subprocess.Popen[bytes]:
    """Start the process; it ends when it has compiled everything, or the process that has started it is gone."""
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-m", __name__], cwd=root, stdin=subprocess.DEVNULL)


def stop_compiling(process: subprocess.Popen[bytes]) -> None:
    """End the process."""
    process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)


def common_experiments() -> Iterator[Experiment]:
    """Yield the experiments, those that people try first come first."""
    for depth, optimizer, activation, width in itertools.product((1, 2, 3), ("adam", "sgd"), ("tanh", "relu"), (8, 16)):
        layers = ",".join([f"{activation}-{width}"] * depth)
        yield read_query(f"layers={layers}&optimizer={optimizer}")


def compile_for_later(experiment: Experiment) -> None:
    """Have the program of an experiment compiled, unless that is on disk."""
    from core.engine.structure import RowTensors, Structure

    split = prepare(experiment.data)
    program = programs().get(Structure.of(experiment, split))
    if not program.was_compiled:
        rows = RowTensors.of(split, experiment.training.class_weight)
        program.start_compiling(program.first_state(experiment.network, 0), rows)
        while not program.ready:
            time.sleep(_READY_SECONDS)


def main(is_idle: Callable[[], bool]) -> None:
    """Compile one after another, each as soon as the machine is idle, for as long as the server is there."""
    server, looks = os.getppid(), _FIRST_LOOKS
    for experiment in common_experiments():
        while os.getppid() == server and not all(is_idle() for _ in range(looks)):
            time.sleep(_LOOK_SECONDS)
        if os.getppid() != server:
            return
        looks = 1
        compile_for_later(experiment)


def _is_idle() -> bool:
    return psutil.cpu_percent(_LOOK_SECONDS) < _BUSY_PERCENT


def _take_only_what_is_left() -> None:
    """Have this process run only while no other one wants the processor."""
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)


if __name__ == "__main__":
    _take_only_what_is_left()
    main(_is_idle)
