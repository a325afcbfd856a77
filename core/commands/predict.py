"""The command `python -m core predict`: predictions of a bundle for the rows of a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.commands.input_files import read_content, write_content


def add_predict(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser("predict", help="predict the rows of a file with a run's bundle")
    command.add_argument("bundle", type=Path, help="a bundle, written by the app or by `export`")
    command.add_argument("--file", type=Path, required=True, help="the rows: CSV or other text, Excel, Parquet, .npz")
    command.add_argument("-o", "--output", type=Path, metavar="OUT.csv", help="the file to write; printed by default")


def predict(options: argparse.Namespace) -> int:
    """Write the rows with their predictions as CSV, or print them; notes go to stderr.

    Raises:
        HiddenLayersError: where the bundle or the file cannot be read, or the table cannot be written.
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
