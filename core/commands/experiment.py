"""The experiment that a command is about: a query, a file, and the folder of downloaded data."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl, urlencode

from core.commands.input_files import read_content
from core.errors import DataError
from core.experiment import Experiment, read_query

_SPLIT_KEYS = {"split", "test", "train_rows", "validation", "train_share"}


def add_experiment(command: argparse.ArgumentParser) -> None:
    """Add the arguments that define the experiment."""
    command.add_argument("query", help='the experiment as in the address bar, e.g. "data=moons&layers=tanh-4,tanh-2"')
    command.add_argument(
        "--data-home",
        type=Path,
        metavar="DIR",
        help="folder of downloaded data sets: Keras's in DIR/datasets, scikit-learn's in DIR or DIR/scikit_learn_data",
    )
    command.add_argument(
        "--file",
        type=Path,
        help="train on a file of your own: CSV or other text, Excel, Parquet, .npz, or a .zip of folders of pictures",
    )
    command.add_argument("--target", metavar="NAME", default="", help="the column to predict; the last one by default")
    command.add_argument(
        "--inputs",
        metavar="A,B,C",
        default="",
        help="the input columns, a comma in a name written as %%2C; all usable ones by default",
    )


@contextmanager
def asked_experiment(options: argparse.Namespace) -> Iterator[Experiment]:
    """Yield the experiment of the options; its file is kept only inside this context.

    Raises:
        HiddenLayersError: where the query or the file is invalid.
    """
    if options.file is None and (options.target or options.inputs):
        raise DataError("`--target` and `--inputs` are columns of a file: give it with `--file`.")
    if options.data_home is not None:
        from core.datasets.downloads import use_data_home

        use_data_home(options.data_home)
    if options.file is None:
        yield read_query(options.query)
        return
    with TemporaryDirectory() as folder, _home(folder):
        yield _file_experiment(options)


@contextmanager
def _home(folder: str) -> Iterator[None]:
    """Keep uploads in a folder inside this context."""
    from core.datasets.downloads import HOME_VARIABLE

    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before


def _file_experiment(options: argparse.Namespace) -> Experiment:
    """Return the experiment of a query on a file.

    A target with many different numbers means regression, and all rows of a very small table train. Pictures stay
    unscaled. The query may say otherwise.
    """
    from core.datasets.table_columns import data_name, table_of, target_of, task_of
    from core.datasets.upload_store import keep_upload
    from core.datasets.uploaded_data import fitting_split, holds_pictures

    pairs = parse_qsl(options.query, keep_blank_values=True)
    file = keep_upload(read_content(options.file))
    pairs.append(("file", file))
    pairs += [(key, text) for key, text in (("target_column", options.target), ("columns", options.inputs)) if text]
    if holds_pictures(file):
        if options.target or options.inputs:
            raise DataError(
                "`--target` and `--inputs` are columns of a table. This file contains pictures, whose folders are "
                "the classes: leave these options out."
            )
        pairs += [pair for pair in (("data", "file"), ("scaling", "none")) if pair[0] not in dict(pairs)]
    if "data" not in dict(pairs):
        table = read_query(urlencode([*pairs, ("data", "file")])).data.table
        assert table is not None
        pairs.append(("data", data_name(task_of(target_of(table_of(table), table)))))
    experiment = read_query(urlencode(pairs))
    if not _SPLIT_KEYS & set(dict(pairs)) and fitting_split(experiment.data) == "all":
        return read_query(urlencode([*pairs, ("split", "all")]))
    return experiment
