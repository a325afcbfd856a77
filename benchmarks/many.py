"""Many runs in one compiled program against one after the other: `python -m benchmarks.many [--json] [NAME …]`.

Measured for MEMBERS experiments that differ only in their seed, in their learning rate (evenly spaced in its
logarithm over RATES), or in the width of their first layer or of all (1, 2, … MEMBERS units); every case is a process
of its own:

    together    A whole call of `train_many` with a compiled program: data, first weights, every epoch, histories.
    alone       The same experiments with the `Trainer`, compiled, one whole run after the other, without a boundary.
    cold_s      Seconds of the first call of `train_many`, which builds, traces and compiles.

Together and alone take turns. The figures are medians over them:

    together_ms, alone_ms     milliseconds of all members' runs by the number of epochs
    epochs_ms                 what of alone_ms the epochs themselves take
    ratio                     alone_ms / together_ms; the target is at least RATIO, of widths WIDTHS_RATIO
    at_most                   the ratio if all members' matrix products were made at the machine's best rate and
                              nothing else took any time; see `benchmarks.products`
    early_differs             the largest difference of the histories' losses over all members and EARLY epochs
    loss_differs, accuracy_differs   … over all epochs. In `digits`, whose rate is high for raw pixels, rounding grows
                              with every epoch: a NumPy loop whose first weights change by 1e-7 differs as much
    elsewhere_cores           cores that other programs kept busy
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from statistics import median

import numpy as np

from benchmarks.command_line import add_count, parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.products import SIDE, count_flops, time_squares
from benchmarks.report import text_table
from benchmarks.training import time_run
from core.datasets import prepare
from core.experiment import Experiment, menus, read_query

MEMBERS = 20
RATES = (0.001, 0.03)
RATIO = 8.0
WIDTHS_RATIO = 6.0
TURNS = 3
SQUARES = 5  # times that the best rate is measured
EARLY = 3
SEEDS_OF, RATES_OF, WIDTHS_OF, FIRST_WIDTHS_OF = "seeds", "rates", "widths", "widths of the first layer"
CASES = {
    "moons-seeds": ("", SEEDS_OF),
    "moons-rates": ("", RATES_OF),
    "one-layer-widths": ("layers=tanh-4", WIDTHS_OF),
    "moons-first-widths": ("", FIRST_WIDTHS_OF),
    "moons-widths": ("", WIDTHS_OF),
    "digits-seeds": ("recipe=digits", SEEDS_OF),
    "penguins-rates": ("recipe=penguins&scaling=standard", RATES_OF),
    "sine-seeds": ("recipe=sine", SEEDS_OF),
}
HEADINGS = {
    "name": f"{MEMBERS} at once",
    "epochs": "epochs",
    "alone_ms": "one by one, ms/epoch",
    "epochs_ms": "its epochs",
    "together_ms": "together",
    "ratio": "ratio",
    "to_reach": "to reach",
    "reached": "reached",
    "at_most": "at most",
    "early_differs": f"loss differs by, in {EARLY} epochs",
    "loss_differs": "in all",
    "accuracy_differs": "accuracy",
    "cold_s": "cold s",
    "elsewhere_cores": "cores busy elsewhere",
}


@dataclass(frozen=True)
class Row:
    """The medians of a case; see the module for what each figure is."""

    name: str
    epochs: int
    alone_ms: float
    epochs_ms: float
    together_ms: float
    ratio: float
    to_reach: float
    reached: bool
    at_most: float
    early_differs: float
    loss_differs: float
    accuracy_differs: float
    cold_s: float
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the cases and print them as a table or as JSON."""
    parser = parser_of("benchmarks.many", "Many runs at once.", CASES)
    add_count(parser, "turns", TURNS, "turns a case")
    options = parser.parse_args(arguments)
    print_measured(measure(options.names or tuple(CASES), options.turns), report, options.json)


def measure(names: Sequence[str] = tuple(CASES), turns: int = TURNS) -> list[Row]:
    """Return a row for every case."""
    rows = []
    for name in names:
        print(f"many at once: {name}", file=sys.stderr, flush=True)
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            rows.append(process.submit(measure_case, name, turns).result())
    return rows


def report(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    return text_table([asdict(row) for row in rows], HEADINGS)


def members_of(experiment: Experiment, vary: str) -> list[Experiment]:
    """Return MEMBERS experiments that differ in seed, in learning rate, or in the width of layers."""
    training, network = experiment.training, experiment.network
    if vary in (WIDTHS_OF, FIRST_WIDTHS_OF):
        count = len(network.layers) if vary == WIDTHS_OF else 1
        layers = (
            (*(replace(layer, units=units) for layer in network.layers[:count]), *network.layers[count:])
            for units in range(1, MEMBERS + 1)
        )
        return [replace(experiment, network=replace(network, layers=one)) for one in layers]
    if vary == SEEDS_OF:
        trainings = [replace(training, seed=seed) for seed in range(MEMBERS)]
    else:
        trainings = [replace(training, learning_rate=float(rate)) for rate in np.geomspace(*RATES, MEMBERS)]
    return [replace(experiment, training=one) for one in trainings]


def measure_case(name: str, turns: int = TURNS) -> Row:
    """Measure one case in this process, which must be a new one."""
    from core.workers.worker import programs

    shared = programs()
    from core.engine.many import train_many

    query, vary = CASES[name]
    experiment = read_query(query)
    split = prepare(experiment.data)
    members = members_of(experiment, vary)
    elsewhere = Elsewhere()
    epochs = experiment.training.epochs
    alone_ms, epochs_ms, together_ms = [], [], []
    started = time.perf_counter()
    train_many(members)
    cold_s = time.perf_counter() - started
    for member in members:
        time_run(member, shared, None)  # which compiles what is not compiled
    for _ in range(turns):
        started = time.perf_counter()
        together = train_many(members)
        together_ms.append(1000 * (time.perf_counter() - started) / epochs)
        alone = [time_run(member, shared, None) for member in members]
        alone_ms.append(1000 * sum(run.whole_s for run in alone) / epochs)
        epochs_ms.append(sum(run.epoch_ms for run in alone))

    columns = menus.HISTORY[experiment.data.task]
    histories = np.stack([np.stack([member.history[column] for column in columns], axis=1) for member in together])
    differences = np.abs(histories - np.stack([run.history for run in alone])).max(axis=0)  # (epochs, columns)
    is_loss = np.array(["loss" in column for column in columns])
    ratio = median(alone_ms) / median(together_ms)
    best_rate = 2 * SIDE**3 / min(time_squares() for _ in range(SQUARES))  # operations a second
    products_ms = 1000 * sum(count_flops(member, split) for member in members) / best_rate
    to_reach = WIDTHS_RATIO if vary in (WIDTHS_OF, FIRST_WIDTHS_OF) else RATIO
    return Row(
        name=name,
        epochs=epochs,
        alone_ms=median(alone_ms),
        epochs_ms=median(epochs_ms),
        together_ms=median(together_ms),
        ratio=ratio,
        to_reach=to_reach,
        reached=ratio >= to_reach,
        at_most=median(alone_ms) / products_ms,
        early_differs=float(differences[:EARLY, is_loss].max()),
        loss_differs=float(differences[:, is_loss].max()),
        accuracy_differs=float(differences[:, ~is_loss].max()),
        cold_s=cold_s,
        elsewhere_cores=elsewhere.cores(),
    )


if __name__ == "__main__":
    main()
