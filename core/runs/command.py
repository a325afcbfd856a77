"""The command `python -m core predict`: the rows of a file, answered by a bundle."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import DataError


def add_predict(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's arguments."""
    predict = commands.add_parser("predict", help="predict the rows of a file with a run's bundle")
    predict.add_argument("bundle", type=Path, help="a bundle, as the page “Try it” saves one")
    predict.add_argument("--file", type=Path, required=True, help="the rows: CSV or other text, Excel, Parquet, .npz")
    predict.add_argument("-o", "--output", type=Path, metavar="OUT.csv", help="where the table goes; printed without")


def predict(options: argparse.Namespace) -> int:
    """Write the rows with their predictions and probabilities as CSV; what a person should know goes to stderr.

    Raises:
        HiddenLayersError: where bundle or file cannot be read.
    """
    from core.runs.bundle import load_bundle
    from core.runs.rows import predict_file
    from core.tables.report import read_content

    bundle = load_bundle(read_content(options.bundle))
    predictions = predict_file(bundle.network, bundle.preparation, read_content(options.file), options.file.name)
    content = predictions.to_csv()
    if options.output is None:
        sys.stdout.buffer.write(content)
    else:
        try:
            options.output.write_bytes(content)
        except OSError as error:
            raise DataError(f"{options.output} cannot be written: {error.strerror}.") from error
    for note in predictions.notes:
        sys.stderr.write(f"{note}\n")
    return 0
