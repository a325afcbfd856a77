"""The cost of looking inside a network during training: `python -m benchmarks.inside [--json] [NAME …]`.

Each network is compiled and then trained in a process of its own. Runs with somebody looking inside take turns with
runs without; the decision boundary is drawn in both if there is one, as on the page.

    alone_ms, inside_ms   milliseconds an epoch by wall clock, publishing included: medians over runs
    ratio                 inside_ms / alone_ms, the median over pairs of runs; the target is below RATIO
    frame_bytes           bytes of all arrays of the inside in one frame; at most FRAME_BYTES
    same                  whether both give the same history, bit for bit
    elsewhere_cores       cores that other programs kept busy
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from statistics import median
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

from benchmarks.command_line import parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.report import text_table
from benchmarks.workloads import WORKLOADS, Workload
from core.analysis.packed_weights import ARRAYS

if TYPE_CHECKING:
    from core.engine.programs import Programs
    from core.messages.updates import Update

PAIRS = 3
RATIO = 1.2
FRAME_BYTES = 30_000
CASES = {
    "moons": Workload("data=moons&layers=tanh-4,tanh-2&epochs=1000", 0),
    "six-of-64": Workload(f"data=moons&layers={','.join(['relu-64'] * 6)}&lr=0.001&epochs=400", 0),
    "mnist-shapes": replace(
        WORKLOADS["mnist-shapes"], query=WORKLOADS["mnist-shapes"].query.replace("epochs=3", "epochs=20")
    ),
}
HEADINGS = {
    "name": "looked inside",
    "alone_ms": "alone, ms/epoch",
    "inside_ms": "inside",
    "ratio": "ratio",
    "reached": f"below {RATIO:g}",
    "frame_bytes": "bytes a frame",
    "small": f"at most {FRAME_BYTES:,}",
    "same": "same history",
    "elsewhere_cores": "cores busy elsewhere",
}


@dataclass(frozen=True)
class Row:
    """The medians of a case; see the module for what each figure is."""

    name: str
    alone_ms: float
    inside_ms: float
    ratio: float
    reached: bool
    frame_bytes: int
    small: bool
    same: bool
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the cases and print them as a table or as JSON."""
    parser = parser_of("benchmarks.inside", "What a look inside costs.", CASES)
    options = parser.parse_args(arguments)
    print_measured(measure(options.names or tuple(CASES)), report, options.json)


def measure(names: Sequence[str] = tuple(CASES)) -> list[Row]:
    """Return a row for every case."""
    rows = []
    for name in names:
        print(f"inside: {name}", file=sys.stderr, flush=True)
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            rows.append(process.submit(measure_case, name).result())
    return rows


def report(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    return text_table([asdict(row) for row in rows], HEADINGS)


@dataclass(frozen=True, eq=False)
class _Run:
    epoch_ms: float
    frame_bytes: int
    history: np.ndarray


def _train(case: Workload, shared: Programs, epochs: int, inside: bool) -> _Run:
    from core.messages.commands import Command
    from core.training.trainer import Trainer

    times: list[tuple[float, int]] = []
    sizes: list[int] = []
    rows: list[np.ndarray] = []

    def take(update: Update) -> None:
        times.append((time.perf_counter(), update.epoch))
        sizes.append(sum(array.nbytes for name, array in update.arrays.items() if name in ARRAYS))
        rows[update.first_row :] = update.rows

    experiment = case.experiment
    training = replace(experiment.training, epochs=epochs)
    trainer = Trainer(replace(experiment, training=training), take, shared, case.axes)
    trainer.send(Command("inside", inside))
    trainer.send(Command("train"))
    trainer.attend()
    (began, first), (ended, last) = times[0], times[-1]
    return _Run(1000 * (ended - began) / (last - first), max(sizes), np.array(rows))


def measure_case(name: str) -> Row:
    """Measure one case in this process, which must be a new one."""
    from core.workers.worker import programs

    shared = programs()
    case = CASES[name]
    split = case.split()
    epochs = case.experiment.training.epochs
    with patch("core.training.trainer.prepare", lambda data: split):
        _train(case, shared, epochs=2, inside=True)  # compiles it
        elsewhere = Elsewhere()
        pairs = [[_train(case, shared, epochs, inside) for inside in (False, True)] for _ in range(PAIRS)]
    ratio = median(inside.epoch_ms / alone.epoch_ms for alone, inside in pairs)
    frame_bytes = max(inside.frame_bytes for _, inside in pairs)
    return Row(
        name=name,
        alone_ms=median(alone.epoch_ms for alone, _ in pairs),
        inside_ms=median(inside.epoch_ms for _, inside in pairs),
        ratio=ratio,
        reached=ratio < RATIO,
        frame_bytes=frame_bytes,
        small=frame_bytes <= FRAME_BYTES,
        same=all(np.array_equal(alone.history, inside.history) for alone, inside in pairs),
        elsewhere_cores=elsewhere.cores(),
    )


if __name__ == "__main__":
    main()
