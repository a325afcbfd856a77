"""The command `python -m core run`: train an experiment and print the results."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.commands.experiment import add_experiment, asked_experiment
from core.errors import DataError
from core.experiment import Experiment, menus

if TYPE_CHECKING:
    from core.messages.updates import Update
    from core.trained.network import TrainedNetwork
    from core.training.trainer import Trainer

_BAR = 24  # characters


def add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser("run", help="train an experiment and print the results")
    add_experiment(command)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Train and print the results; return 1 if training diverged.

    Raises:
        HiddenLayersError: where the experiment cannot be trained.
    """
    with asked_experiment(options) as experiment:
        notes = notes_on(experiment)
        if notes and not options.json:
            print("".join(f"note: {note}\n" for note in notes), flush=True)
        result, message = train(experiment, quiet=options.json)
    result["notes"] = list(notes)
    print(json.dumps(result) if options.json else report(experiment, result))
    if message:
        print(message, file=sys.stderr)
    return 1 if result["status"] == "failed" else 0


def notes_on(experiment: Experiment) -> tuple[str, ...]:
    """Return what was decided about the file of an experiment; nothing without a file."""
    if experiment.data.table is None:
        return ()
    from core.datasets.file_notes import file_notes

    return file_notes(experiment.data)


@dataclass(frozen=True, eq=False)
class Trained:
    """A run that has ended in this process.

    Attributes:
        trainer: has the rows and the weights.
        last: the last update; its message says why training ended early, "" if it did not.
        history: one column a metric of `menus.HISTORY`.
        seconds: the duration, tracing and compiling included, loading Keras not.
        first_epoch_seconds: the time until the first epoch's metrics.
    """

    trainer: Trainer
    last: Update
    history: dict[str, list[float]]
    seconds: float
    first_epoch_seconds: float

    def network(self) -> TrainedNetwork:
        """Return the trained network.

        Raises:
            DataError: where training diverged.
        """
        from core.messages.updates import FAILED
        from core.trained.network import TrainedNetwork

        if self.last.status == FAILED:
            raise DataError(self.last.message)
        weights = self.trainer.weights()
        return TrainedNetwork(weights.experiment, weights.arrays)


def train(experiment: Experiment, quiet: bool) -> tuple[dict[str, Any], str]:
    """Train an experiment in this process, with a progress bar unless `quiet`.

    Returns:
        What `--json` prints, and why training ended early ("" if it did not). `seconds` and `first_epoch_seconds` are
        those of `Trained`; `ms_per_epoch` is the mean time of the epochs alone. NaN, such as the R² of a single row,
        becomes None.

    Raises:
        HiddenLayersError: where the experiment cannot be trained.
    """
    done = train_to_the_end(experiment, quiet)
    trainer, last = done.trainer, done.last
    result = {
        "experiment": asdict(experiment),
        "status": last.status,
        "parameters": trainer.parameters,
        "epochs": last.epoch,
        "history": {name: [_finite(value) for value in column] for name, column in done.history.items()},
        "test": None if last.test is None else dict(zip(done.history, map(_finite, last.test), strict=False)),
        "confusion_matrix": last.arrays["confusion"].tolist() if trainer.split.classes else None,
        "class_names": list(trainer.split.class_names),
        "ms_per_epoch": trainer.ms_per_epoch,
        "seconds": done.seconds,
        "first_epoch_seconds": done.first_epoch_seconds,
    }
    return result, last.message


def train_to_the_end(experiment: Experiment, quiet: bool) -> Trained:
    """Train an experiment in this process, with a progress bar unless `quiet`; missing data are downloaded.

    Raises:
        HiddenLayersError: where the experiment cannot be trained.
    """
    from core.workers.worker import programs

    shared = programs()
    from core.messages.commands import Command
    from core.training.trainer import Trainer
    from core.workers.fetching import fetch_pictures

    if menus.DATA[experiment.data.name].downloaded:
        fetch_pictures(experiment.data.name)
    updates: list[Update] = []
    first_epoch_at: list[float] = []
    rows: list[list[float]] = []

    def take(update: Update) -> None:
        if update.epoch and not first_epoch_at:
            first_epoch_at.append(time.perf_counter())
        del rows[update.first_row :]
        rows.extend(update.rows.tolist())
        updates[:] = [update]
        if not quiet:
            _draw_progress(update, rows[-1][0])

    started = time.perf_counter()
    trainer = Trainer(experiment, take, shared, axes=None)
    trainer.send(Command("train"))
    trainer.attend()
    seconds = time.perf_counter() - started
    if not quiet:
        print(file=sys.stderr)
    columns = map(list, zip(*rows, strict=True))
    history = dict(zip(menus.HISTORY[experiment.data.task], columns, strict=True))
    return Trained(trainer, updates[-1], history, seconds, first_epoch_at[0] - started)


def report(experiment: Experiment, result: dict[str, Any]) -> str:
    """Return a result as text for the terminal; metrics are those of the epoch that the final weights belong to."""
    from core.trained.epoch import weights_epoch

    history = result["history"]
    row = weights_epoch(experiment, history) - 1
    everything = experiment.data.split == "all"
    validates = "validation" if experiment.data.validation else "held-out"
    held_out = "held-out (the training rows)" if everything else validates
    times = (
        f"{result['parameters']:,} parameters, {result['epochs']} epochs in {result['seconds']:.2f} s, "
        f"{result['ms_per_epoch']:.2f} ms per epoch, first epoch after {result['first_epoch_seconds']:.2f} s"
    )
    training = {name: column[row] for name, column in history.items() if not name.startswith("val_")}
    lines = [
        times,
        f"training: {_figures(training)}",
        f"{held_out}: {_figures({name: history[f'val_{name}'][row] for name in training})}",
    ]
    if result["test"]:
        lines.append(f"test: {_figures(result['test'])}")
    if result["confusion_matrix"]:
        lines += ["", "confusion matrix, rows true, columns predicted:"]
        lines += _matrix_lines(result["confusion_matrix"], result["class_names"])
    return "\n".join(lines)


_TITLES = {"mae": "mean absolute error", "r2": "R²"}


def _figures(values: dict[str, float | None]) -> str:
    return ", ".join(f"{_TITLES.get(name, name)} {_number(value)}" for name, value in values.items())


def _matrix_lines(matrix: list[list[int]], names: list[str]) -> list[str]:
    widest = max(map(len, names))
    cell = max(len(str(count)) for row in matrix for count in row)
    return [
        f"{name:>{widest}}  " + "  ".join(f"{count:>{cell}}" for count in row)
        for name, row in zip(names, matrix, strict=True)
    ]


def _number(value: float | None) -> str:
    return "NaN" if value is None else f"{value:.4f}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _draw_progress(update: Update, loss: float) -> None:
    done = update.epoch * _BAR // update.epochs
    line = f"epoch {update.epoch}/{update.epochs} [{'#' * done}{'.' * (_BAR - done)}] loss {loss:.4f}"
    print(f"\r{line:<70}", end="", file=sys.stderr, flush=True)
