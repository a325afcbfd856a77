"""The command `python -m core predict`: the rows of a file, answered by a run's bundle."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.commands.input_files import read_content, write_content


def add_predict(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser("predict", help="predict the rows of a file with a run's bundle")
    command.add_argument("bundle", type=Path, help="a bundle, as the app and `export` write one")
    command.add_argument("--file", type=Path, required=True, help="the rows: CSV or other text, Excel, Parquet, .npz")
    command.add_argument("-o", "--output", type=Path, metavar="OUT.csv", help="where the table goes; printed without")


def predict(options: argparse.Namespace) -> int:
    """Write the rows with their predictions as CSV, or print them; what a person should know goes to stderr.

    Raises:
        HiddenLayersError: where bundle or file cannot be read, or the table not be written.
    """
    from core.trained.bundle import load_bundle
    from core.trained.row_predictions import predict_file

    run = load_bundle(read_content(options.bundle))
    predictions = predict_file(run.network, run.preparation, read_content(options.file), options.file.name)
    content = predictions.to_csv()
    if options.output is None:
        sys.stdout.buffer.write(content)
    else:
        write_content(options.output, content)
    for note in predictions.notes:
        print(note, file=sys.stderr)
    return 0
