"""The engine against `model.fit`, NumPy and bare matrix products: `python -m benchmarks.engine [--json] [NAME …]`.

Measured for every workload (`benchmarks.workloads`), by wall clock. A round is a process of its own, in which Keras is
imported and has run one small operation before the first clock starts. It begins with what happens once:

    cold      A run whose network is new to this process, as the page trains it: from `Trainer(…)` (making and splitting
              data, building and tracing the network, waiting for the compiler) to the last update, including the
              decision boundary some twenty times a second and the confusion matrix. Starting Python and importing
              Keras are not included.
    loss      An epoch of the NumPy loop (`benchmarks.numpy_loop`) from the engine's first weights, in the engine's
              order of rows; its loss must equal the engine's to a thousandth, or the benchmark fails.

Then these take turns, so that ratios hold even if other programs share the machine:

    fit       `model.fit(…, validation_data=…, verbose=0)` of the same network, optimizer and data for about a second,
              in another process with TensorFlow's default settings. Building, compiling and tracing the model are
              not included.
    engine    A run of the `Trainer` over all epochs without a boundary, since fit draws none: the mean time of its
              epochs, training and validation with losses and accuracies, as the page shows it.
    page      The whole run as in cold, but with a known network.
    numpy     As many epochs of the NumPy loop with the same metrics, once with one BLAS thread and once with all.
    products  For the two workloads dominated by them, every matrix product of an epoch alone, at its own shape
              (`benchmarks.products`), with one thread and with all; and a product of 1024 x 1024, the machine's best.

The figures are medians over all turns and rounds:

    fit_ms, engine_ms, page_ms   milliseconds an epoch
    ratio                        fit_ms / engine_ms; the target is at least `to_reach`
    numpy_ms                     with one thread or with all, whichever is faster; at least engine_ms where `no_slower`
    loss_differs                 NumPy's loss after an epoch from the engine's, relative
    first_epoch_s_cold, _warm    from `Trainer(…)` to the update with the first epoch, in seconds
    cold_s, warm_s               the whole runs, the second being `page`
    elsewhere_cores              cores that other programs kept busy; with many, absolute times mean little
    products                     gflop: counted for an epoch. own_ms: every product at its own shape, the faster of one
                                 thread and all. square_ms: gflop at the rate of 1024 x 1024, likewise. engine_own and
                                 engine_square: engine_ms / these; the target is at most PRODUCTS_MOST
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from threadpoolctl import threadpool_limits

from benchmarks.command_line import add_count, parser_of, print_measured
from benchmarks.fit import prepare_fit, time_fit
from benchmarks.machine import Elsewhere
from benchmarks.numpy_loop import Loop, compare_loss, make_loop, time_loop
from benchmarks.products import count_flops, square_seconds, time_products, time_squares
from benchmarks.report import text_table
from benchmarks.training import Run, time_run
from benchmarks.workloads import WORKLOADS, Workload

if TYPE_CHECKING:
    from core.datasets import Split
    from core.engine.programs import Programs

ROUNDS = 2
TURNS = 3
SETTLE_SECONDS = 0.1  # threads of BLAS and TensorFlow keep spinning for a while
LOSS_MOST = 0.001
PRODUCTS_MOST = 1.5
HEADINGS = {
    "name": "an epoch in ms",
    "fit_ms": "fit",
    "engine_ms": "engine",
    "ratio": "fit / engine",
    "to_reach": "to reach",
    "reached": "reached",
    "numpy_ms": "NumPy",
    "numpy_ratio": "NumPy / engine",
    "no_slower": "at least 1",
    "loss_differs": "loss differs by",
    "elsewhere_cores": "cores busy elsewhere",
}
RUN_HEADINGS = {
    "name": "whole runs in s",
    "epochs": "epochs",
    "page_ms": "ms/epoch on the page",
    "first_epoch_s_cold": "first epoch, new",
    "first_epoch_s_warm": "known",
    "cold_s": "whole run, new",
    "warm_s": "known",
}
PRODUCT_HEADINGS = {
    "name": "matrix products of an epoch",
    "gflop": "GFLOP",
    "engine_ms": "engine ms",
    "own_ms": "own shapes ms",
    "own_rate": "GFLOP/s",
    "engine_own": "engine / own",
    "own_reached": f"at most {PRODUCTS_MOST}",
    "square_ms": "as 1024 x 1024 ms",
    "square_rate": "GFLOP/s",
    "engine_square": "engine / that",
    "square_reached": f"at most {PRODUCTS_MOST}",
}


@dataclass(frozen=True)
class Turn:
    """One turn of measurements, in milliseconds an epoch; pairs are with one BLAS thread and with all."""

    fit_ms: float
    engine_ms: float
    page: Run
    numpy_ms: tuple[float, float]
    own_ms: tuple[float, float] | None
    square_ms: tuple[float, float] | None


@dataclass(frozen=True)
class Round:
    """The measurements of one workload in one process."""

    cold: Run
    loss_differs: float
    gflop: float
    turns: tuple[Turn, ...]
    elsewhere_cores: float


@dataclass(frozen=True)
class Products:
    """The cost of an epoch's matrix products alone."""

    gflop: float
    own_ms: float
    square_ms: float
    engine_own: float
    engine_square: float


@dataclass(frozen=True)
class Row:
    """The medians of a workload; the module explains each figure."""

    name: str
    epochs: int
    fit_ms: float
    engine_ms: float
    ratio: float
    to_reach: float
    reached: bool
    numpy_ms: float
    numpy_ratio: float
    no_slower: bool
    loss_differs: float
    page_ms: float
    first_epoch_s_cold: float
    first_epoch_s_warm: float
    cold_s: float
    warm_s: float
    products: Products | None
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the workloads and print them as tables or as JSON."""
    parser = parser_of("benchmarks.engine", "Training against model.fit.", WORKLOADS)
    add_count(parser, "rounds", ROUNDS, "processes a workload")
    add_count(parser, "turns", TURNS, "turns a process")
    options = parser.parse_args(arguments)
    print_measured(measure(options.names or tuple(WORKLOADS), options.rounds, options.turns), report, options.json)


def measure(names: Sequence[str] = tuple(WORKLOADS), rounds: int = ROUNDS, turns: int = TURNS) -> list[Row]:
    """Return a row for every workload; the rounds of different workloads take turns."""
    measured: dict[str, list[Round]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names:
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr, flush=True)
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                measured[name].append(process.submit(measure_round, name, turns).result())
    return [row_of(name, rounds_of) for name, rounds_of in measured.items()]


def report(rows: Sequence[Row]) -> str:
    """Return the rows as tables: against fit and NumPy, whole runs, and against bare products where there are any."""
    cells = [asdict(row) for row in rows]
    tables = [text_table(cells, HEADINGS), text_table(cells, RUN_HEADINGS)]
    products = [_product_cells(row, row.products) for row in rows if row.products is not None]
    if products:
        tables.append(text_table(products, PRODUCT_HEADINGS))
    return "\n\n".join(tables)


def _product_cells(row: Row, products: Products) -> dict[str, Any]:
    return (
        asdict(row)
        | asdict(products)
        | {
            "own_rate": 1000 * products.gflop / products.own_ms,
            "own_reached": products.engine_own <= PRODUCTS_MOST,
            "square_rate": 1000 * products.gflop / products.square_ms,
            "square_reached": products.engine_square <= PRODUCTS_MOST,
        }
    )


def row_of(name: str, rounds: Sequence[Round]) -> Row:
    """Return the medians of the rounds of a workload."""
    workload = WORKLOADS[name]
    epochs = workload.experiment.training.epochs
    turns = [turn for one in rounds for turn in one.turns]
    fit_ms = median(turn.fit_ms for turn in turns)
    engine_ms = median(turn.engine_ms for turn in turns)
    numpy_ms = _faster([turn.numpy_ms for turn in turns])
    warm_s = median(turn.page.whole_s for turn in turns)
    return Row(
        name=name,
        epochs=epochs,
        fit_ms=fit_ms,
        engine_ms=engine_ms,
        ratio=fit_ms / engine_ms,
        to_reach=workload.ratio,
        reached=fit_ms / engine_ms >= workload.ratio,
        numpy_ms=numpy_ms,
        numpy_ratio=numpy_ms / engine_ms,
        no_slower=engine_ms <= numpy_ms,
        loss_differs=max(one.loss_differs for one in rounds),
        page_ms=1000 * warm_s / epochs,
        first_epoch_s_cold=median(one.cold.first_epoch_s for one in rounds),
        first_epoch_s_warm=median(turn.page.first_epoch_s for turn in turns),
        cold_s=median(one.cold.whole_s for one in rounds),
        warm_s=warm_s,
        products=_products_of(turns, rounds[0].gflop, engine_ms),
        elsewhere_cores=median(one.elsewhere_cores for one in rounds),
    )


def _products_of(turns: Sequence[Turn], gflop: float, engine_ms: float) -> Products | None:
    own = [turn.own_ms for turn in turns if turn.own_ms is not None]
    squares = [turn.square_ms for turn in turns if turn.square_ms is not None]
    if not own:
        return None
    own_ms, square_ms = _faster(own), _faster(squares)
    return Products(gflop, own_ms, square_ms, engine_ms / own_ms, engine_ms / square_ms)


def _faster(times: Sequence[tuple[float, float]]) -> float:
    """Return the median with one thread of BLAS or with all, whichever is less."""
    return min(median(of_one_kind) for of_one_kind in zip(*times, strict=True))


# In a process of its own


def measure_round(name: str, turns: int = TURNS) -> Round:
    """Measure one workload in this process, which must be a new one."""
    with ProcessPoolExecutor(1, get_context("spawn")) as fitting:
        # Before the engine's settings, which are of the environment and would be inherited.
        fitting.submit(prepare_fit, name).result()
        return _measure_beside(fitting, name, turns)


def _measure_beside(fitting: ProcessPoolExecutor, name: str, turns: int) -> Round:
    from core.workers.worker import programs

    shared = programs()
    _touch_tensorflow()
    workload = WORKLOADS[name]
    experiment, split = workload.experiment, workload.split()
    elsewhere = Elsewhere()
    with _rows_given(workload, split):
        cold = time_run(experiment, shared, workload.axes)
        loop = make_loop(experiment, split)
        loss_differs = compare_loss(loop, experiment, float(cold.history[0, 0]))
        if loss_differs > LOSS_MOST:
            raise RuntimeError(f"{name}: NumPy's loss after an epoch is not the engine's: {loss_differs:.2g} of it.")
        measured = tuple(_measure_turn(workload, split, shared, fitting, loop) for _ in range(turns))
    return Round(cold, loss_differs, count_flops(experiment, split) / 1e9, measured, elsewhere.cores())


def _measure_turn(workload: Workload, split: Split, shared: Programs, fitting: ProcessPoolExecutor, loop: Loop) -> Turn:
    experiment = workload.experiment
    fit_ms = fitting.submit(time_fit).result()
    engine = time_run(experiment, shared, None)
    page = time_run(experiment, shared, workload.axes)
    numpy_ms = _with_threads(lambda: time_loop(loop, experiment))
    own_ms = square_ms = None
    if workload.shapes is not None:
        own_ms = _with_threads(lambda: 1000 * time_products(experiment, split))
        flops = count_flops(experiment, split)
        square_ms = _with_threads(lambda: 1000 * square_seconds(flops, time_squares()))
    return Turn(fit_ms, engine.epoch_ms, page, numpy_ms, own_ms, square_ms)


def _with_threads(measure: Callable[[], float]) -> tuple[float, float]:
    """Return what is measured with one thread of BLAS, and with all."""
    time.sleep(SETTLE_SECONDS)
    with threadpool_limits(1, "blas"):
        one = measure()
    every = measure()
    time.sleep(SETTLE_SECONDS)
    return one, every


@contextmanager
def _rows_given(workload: Workload, split: Split) -> Iterator[None]:
    """Let the engine train on a workload's random rows, which no experiment names."""
    if workload.shapes is None:
        yield
    else:
        with patch("core.training.trainer.prepare", lambda _: split):
            yield


def _touch_tensorflow() -> None:
    """Let TensorFlow start its threads, so that no measurement includes it."""
    import tensorflow as tf

    tf.reduce_sum(tf.ones((8, 8)) @ tf.ones((8, 8))).numpy()


if __name__ == "__main__":
    main()
