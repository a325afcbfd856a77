"""The command line.

python -m core run "data=moons&layers=tanh-4,tanh-2&epochs=100"
python -m core run --file FILE --target NAME "layers=relu-16"
python -m core inspect FILE
python -m core predict BUNDLE --file ROWS -o OUT.csv
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from core.errors import DataError, HiddenLayersError
from core.experiment import Experiment, menus, read_query

if TYPE_CHECKING:
    from core.training.updates import Update

_BAR = 24  # characters


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status, 2 for a mistake in what was asked."""
    parser = argparse.ArgumentParser(prog="python -m core", description="Hidden Layers without a browser.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="train an experiment and print how it went")
    run.add_argument("query", help='the experiment as in the address bar, e.g. "data=moons&layers=tanh-4,tanh-2"')
    run.add_argument("--json", action="store_true", help="print one JSON object")
    run.add_argument(
        "--data-home",
        type=Path,
        metavar="DIR",
        help="where downloaded data sets lie: Keras's in DIR/datasets, scikit-learn's in DIR or DIR/scikit_learn_data",
    )
    run.add_argument(
        "--file",
        type=Path,
        help="train on a file of your own: CSV or other text, Excel, Parquet, .npz, or a .zip of folders of pictures",
    )
    run.add_argument(
        "--target", metavar="NAME", default="", help="the file's column to predict; the last if none is named"
    )
    run.add_argument(
        "--inputs", metavar="A,B,C", default="", help="the file's columns to predict it from; all that can"
    )
    inspect = commands.add_parser("inspect", help="read a file and print what was found in it")
    inspect.add_argument(
        "file", type=Path, help="CSV or other text, Excel, Parquet, .npz, or a .zip of folders of pictures"
    )
    inspect.add_argument("--json", action="store_true", help="print one JSON object")
    predict = commands.add_parser("predict", help="predict the rows of a file with a run's bundle")
    predict.add_argument("bundle", type=Path, help="a bundle, as the page “Try it” saves one")
    predict.add_argument("--file", type=Path, required=True, help="the rows: CSV or other text, Excel, Parquet, .npz")
    predict.add_argument("-o", "--output", type=Path, metavar="OUT.csv", help="where the table goes; printed without")
    options = parser.parse_args(arguments)
    try:
        return {"run": _run, "inspect": _inspect, "predict": _predict}[options.command](options)
    except HiddenLayersError as error:
        print("error:", *str(error).split(), file=sys.stderr)  # a name in it may have line breaks
        return 2


def _run(options: argparse.Namespace) -> int:
    if options.file is None and (options.target or options.inputs):
        raise DataError("`--target` and `--inputs` are columns of a file: name it with `--file`.")
    if options.data_home is not None:
        from core.datasets.downloads import use_data_home

        use_data_home(options.data_home)
    if options.file is None:
        return _train_and_report(options, read_query(options.query))
    from core.datasets.downloads import HOME_VARIABLE

    with TemporaryDirectory() as folder:  # the file is kept no longer than the run
        os.environ[HOME_VARIABLE] = folder
        return _train_and_report(options, _file_experiment(options))


def _train_and_report(options: argparse.Namespace, experiment: Experiment) -> int:
    result, message = train(experiment, quiet=options.json)
    print(json.dumps(result) if options.json else report(result))
    if message:
        print(message, file=sys.stderr)
    return 1 if result["status"] == "failed" else 0


def _file_experiment(options: argparse.Namespace) -> Experiment:
    """Return the experiment of a query on a file.

    A target of many different numbers is predicted as a number; pictures stay from 0 to 1 if the query says no more.
    """
    from core.datasets.files import data_name, holds_pictures, table_of, target_of, task_of
    from core.datasets.uploads import keep_upload
    from core.tables.report import read_content

    pairs = parse_qsl(options.query, keep_blank_values=True)
    file = keep_upload(read_content(options.file))
    pairs.append(("file", file))
    pairs += [(key, text) for key, text in (("target_column", options.target), ("columns", options.inputs)) if text]
    if holds_pictures(file):
        if options.target or options.inputs:
            raise DataError(
                "`--target` and `--inputs` are columns of a table. This file holds pictures, and their folders are the "
                "classes: leave them out."
            )
        pairs += [pair for pair in (("data", "file"), ("scaling", "none")) if pair[0] not in dict(pairs)]
    if "data" in dict(pairs):
        return read_query(urlencode(pairs))
    table = read_query(urlencode([*pairs, ("data", "file")])).data.table
    assert table is not None
    return read_query(urlencode([*pairs, ("data", data_name(task_of(target_of(table_of(table), table))))]))


def _predict(options: argparse.Namespace) -> int:
    from core.runs.command import predict

    return predict(options.bundle, options.file, options.output)


def _inspect(options: argparse.Namespace) -> int:
    from core.datasets import picture_folders
    from core.experiment import TableSpec
    from core.tables import read_table, report

    content = report.read_content(options.file)
    if picture_folders.is_picture_folder(content):
        pictures = picture_folders.read_pictures_of(content, TableSpec.side)
        print(json.dumps(picture_folders.as_json(pictures)) if options.json else picture_folders.as_text(pictures))
    else:
        table = read_table(content, options.file.name)
        print(json.dumps(report.as_json(table)) if options.json else report.as_text(table))
    return 0


def train(experiment: Experiment, quiet: bool) -> tuple[dict[str, Any], str]:
    """Train an experiment in this process, with a progress bar unless `quiet`.

    Returns:
        What `--json` prints, and why training ended before its last epoch ("" where it did not). `seconds` runs
        from here, Keras loaded, to the end, tracing and compiling included; `first_epoch_seconds` to the first
        epoch's figures; `ms_per_epoch` is the mean time of the epochs themselves. A loss that is no number is None.

    Raises:
        HiddenLayersError: where the experiment cannot be trained.
    """
    from core.training.worker import programs

    shared = programs()
    from core.training.commands import Command
    from core.training.fetching import fetch_pictures
    from core.training.trainer import Trainer

    if menus.DATA[experiment.data.name].downloaded:
        fetch_pictures(experiment.data.name)
    updates: list[Update] = []
    first_epoch_at: list[float] = []
    history: list[list[float]] = []

    def take(update: Update) -> None:
        if update.epoch and not first_epoch_at:
            first_epoch_at.append(time.perf_counter())
        del history[update.first_row :]
        history.extend(update.rows.tolist())
        updates[:] = [update]
        if not quiet:
            _draw_progress(update, history[-1][0])

    started = time.perf_counter()
    trainer = Trainer(experiment, take, shared, axes=None)
    trainer.send(Command("train"))
    trainer.attend()
    seconds = time.perf_counter() - started
    last = updates[-1]
    if not quiet:
        print(file=sys.stderr)
    names = menus.HISTORY[experiment.data.task]
    columns = zip(*history, strict=True)
    result = {
        "experiment": asdict(experiment),
        "status": last.status,
        "parameters": trainer.parameters,
        "epochs": last.epoch,
        "history": {name: [_finite(value) for value in column] for name, column in zip(names, columns, strict=True)},
        "test": None if last.test is None else dict(zip(names, last.test, strict=False)),
        "confusion_matrix": last.arrays["confusion"].tolist() if trainer.split.classes else None,
        "class_names": list(trainer.split.class_names),
        "ms_per_epoch": trainer.ms_per_epoch,
        "seconds": seconds,
        "first_epoch_seconds": first_epoch_at[0] - started,
    }
    return result, last.message


def report(result: dict[str, Any]) -> str:
    """Return a result as text for the terminal."""
    history = result["history"]
    data = result["experiment"]["data"]
    everything = data["split"] == "all"
    held_out = "held-out (the training rows)" if everything else "validation" if data["validation"] else "held-out"
    times = (
        f"{result['parameters']:,} parameters, {result['epochs']} epochs in {result['seconds']:.2f} s, "
        f"{result['ms_per_epoch']:.2f} ms an epoch, first epoch after {result['first_epoch_seconds']:.2f} s"
    )
    training = {name: column[-1] for name, column in history.items() if not name.startswith("val_")}
    lines = [
        times,
        f"training: {_figures(training)}",
        f"{held_out}: {_figures({name: history[f'val_{name}'][-1] for name in training})}",
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
    return "not a number" if value is None else f"{value:.4f}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _draw_progress(update: Update, loss: float) -> None:
    done = update.epoch * _BAR // update.epochs
    line = f"epoch {update.epoch}/{update.epochs} [{'#' * done}{'.' * (_BAR - done)}] loss {loss:.4f}"
    print(f"\r{line:<70}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
