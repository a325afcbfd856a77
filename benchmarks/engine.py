"""The training engine against `model.fit`, on whole recipes: `python -m benchmarks.engine [--json] [RECIPE …]`.

What is measured, in seconds of wall clock; every round of a recipe is a process of its own, in which Keras is
imported and has run one small operation before the first clock starts:

    cold    A run whose network this process has never seen, as `python -m core run` and the page train it: from
            `Trainer(…)` (data made and parted, network built and traced, the compiler waited for) to the last update,
            the decision boundary drawn some twenty times a second where there are two inputs, confusion matrix and
            all. Not in it: Python's start and the import of Keras.
    warm    The same run again in the same process, once more from `Trainer(…)` to the last update.
    fit     One `model.fit(…, validation_data=…, verbose=0)` of the same network, optimizer, data and epochs. Keras's
            own tracing is in it. Not in it, to its advantage: the data, and building and compiling the model.

A round is a cold run, then warm runs and fit by turns: so ratios hold where other programs share the machine. The
figures are medians over all rounds:

    fit_ms, engine_ms      fit and warm, divided by the recipe's epochs, in milliseconds
    ratio                  fit_ms / engine_ms
    first_epoch_s_cold, _warm   from `Trainer(…)` to the update that brings the first epoch, in seconds
    fit_s, cold_s, warm_s  the whole runs
    elsewhere_cores        cores that other programs kept busy meanwhile; the more, the less the times say
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.machine import Elsewhere
from benchmarks.report import text_table
from core.experiment import RECIPES, Experiment, menus, read_query

if TYPE_CHECKING:
    from core.training.programs import Programs
    from core.training.updates import Update

MEASURED = ("moons", "sine", "digits", "four-blobs")
TO_REACH = {"moons": 50, "sine": 25, "digits": 50}  # ratio at least
ROUNDS = 3
FITS = 2  # a round
WARM_RUNS = 4  # before each
HEADINGS = {
    "recipe": "recipe",
    "epochs": "epochs",
    "fit_ms": "fit ms/epoch",
    "engine_ms": "engine ms/epoch",
    "ratio": "ratio",
    "to_reach": "to reach",
    "first_epoch_s_cold": "first epoch s, cold",
    "first_epoch_s_warm": "warm",
    "fit_s": "whole run s, fit",
    "cold_s": "cold",
    "warm_s": "warm",
    "elsewhere_cores": "cores busy elsewhere",
}


@dataclass(frozen=True)
class Run:
    """Seconds from the start of a run to its first epoch, and to its end."""

    first_epoch_s: float
    whole_s: float


@dataclass(frozen=True)
class Round:
    """What one process measured of one recipe."""

    cold: Run
    warm: tuple[Run, ...]
    fit_s: tuple[float, ...]
    elsewhere_cores: float


@dataclass(frozen=True)
class Row:
    """The medians of a recipe; see the module for what each figure is."""

    recipe: str
    epochs: int
    fit_ms: float
    engine_ms: float
    ratio: float
    first_epoch_s_cold: float
    first_epoch_s_warm: float
    fit_s: float
    cold_s: float
    warm_s: float
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the recipes and print them as a table or as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description="Training against model.fit.")
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help=f"of {', '.join(RECIPES)}; else those of the goal")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"processes a recipe (default {ROUNDS})")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.recipes if name not in RECIPES]
    if unknown or options.rounds < 1:
        parser.error(f"no such recipe: {', '.join(unknown)}" if unknown else "`--rounds` must be at least 1")
    rows = measure(options.recipes or MEASURED, options.rounds)
    print(json.dumps([asdict(row) for row in rows], indent=2) if options.json else report(rows))


def measure(recipes: Sequence[str] = MEASURED, rounds: int = ROUNDS) -> list[Row]:
    """Return a row for every recipe; the rounds of different recipes take turns."""
    measured: dict[str, list[Round]] = {recipe: [] for recipe in recipes}
    for number in range(rounds):
        for recipe in recipes:
            print(f"round {number + 1} of {rounds}: {recipe}", file=sys.stderr, flush=True)
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                measured[recipe].append(process.submit(measure_round, recipe).result())
    return [row_of(recipe, rounds_of) for recipe, rounds_of in measured.items()]


def report(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    cells = [asdict(row) | {"to_reach": TO_REACH.get(row.recipe, "")} for row in rows]
    return text_table(cells, HEADINGS)


def row_of(recipe: str, rounds: Sequence[Round]) -> Row:
    """Return the medians of the rounds of a recipe."""
    epochs = read_query(f"recipe={recipe}").training.epochs
    warm_runs = [run for one in rounds for run in one.warm]
    fit_s = median(seconds for one in rounds for seconds in one.fit_s)
    warm_s = median(run.whole_s for run in warm_runs)
    return Row(
        recipe=recipe,
        epochs=epochs,
        fit_ms=1000 * fit_s / epochs,
        engine_ms=1000 * warm_s / epochs,
        ratio=fit_s / warm_s,
        first_epoch_s_cold=median(one.cold.first_epoch_s for one in rounds),
        first_epoch_s_warm=median(run.first_epoch_s for run in warm_runs),
        fit_s=fit_s,
        cold_s=median(one.cold.whole_s for one in rounds),
        warm_s=warm_s,
        elsewhere_cores=median(one.elsewhere_cores for one in rounds),
    )


def measure_round(recipe: str) -> Round:
    """Measure one recipe in this process, which must be a new one."""
    from core.training.worker import programs

    shared = programs()
    _touch_tensorflow()
    experiment = read_query(f"recipe={recipe}")
    elsewhere = Elsewhere()
    cold = time_run(experiment, shared)
    warm: list[Run] = []
    fit_s: list[float] = []
    for _ in range(FITS):
        warm += [time_run(experiment, shared) for _ in range(WARM_RUNS)]
        fit_s.append(time_fit(experiment))
    return Round(cold, tuple(warm), tuple(fit_s), elsewhere.cores())


def time_run(experiment: Experiment, shared: Programs) -> Run:
    """Train an experiment to its end, as the page has it trained, and return how long that took."""
    from core.training.commands import Command
    from core.training.trainer import Trainer

    first_epoch_at: list[float] = []
    last: list[Update] = []

    def take(update: Update) -> None:
        if update.epoch and not first_epoch_at:
            first_epoch_at.append(time.perf_counter())
        last[:] = [update]

    axes = None if menus.DATA[experiment.data.name].group == "images" else (0, 1)
    started = time.perf_counter()
    trainer = Trainer(experiment, take, shared, axes)
    trainer.send(Command("train"))
    trainer.attend()
    whole_s = time.perf_counter() - started
    if (last[0].status, last[0].epoch) != ("finished", experiment.training.epochs):
        raise RuntimeError(f"The run ended as {last[0].status} after epoch {last[0].epoch}: {last[0].message}")
    return Run(first_epoch_at[0] - started, whole_s)


def time_fit(experiment: Experiment) -> float:
    """Train the same network with `model.fit` and return the seconds that call took."""
    from core.datasets import prepare
    from core.training.network import build_network, compile_network, encode_labels

    split = prepare(experiment.data)
    y_train, y_test = (encode_labels(labels, split.classes) for labels in (split.y_train, split.y_test))
    training = experiment.training
    model = build_network(experiment.network, split.features, split.classes, training.seed)
    compile_network(model, training, split.classes)
    started = time.perf_counter()
    model.fit(
        split.x_train,
        y_train,
        batch_size=training.batch_size,
        epochs=training.epochs,
        validation_data=(split.x_test, y_test),
        verbose=0,
    )
    return time.perf_counter() - started


def _touch_tensorflow() -> None:
    """Have TensorFlow start its threads, which whoever comes first would pay for."""
    import tensorflow as tf

    tf.reduce_sum(tf.ones((8, 8)) @ tf.ones((8, 8))).numpy()


if __name__ == "__main__":
    main()
