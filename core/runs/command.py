"""The command `python -m core predict`: the rows of a file, answered by a bundle."""

from __future__ import annotations

import sys
from pathlib import Path

from core.errors import DataError
from core.runs.bundle import load_bundle
from core.runs.rows import predict_file
from core.tables.report import read_content


def predict(bundle: Path, file: Path, output: Path | None) -> int:
    """Write the rows with their predictions as CSV, or print them; what a person should know goes to stderr.

    Raises:
        HiddenLayersError: where bundle or file cannot be read, or the table not be written.
    """
    run = load_bundle(read_content(bundle))
    predictions = predict_file(run.network, run.preparation, read_content(file), file.name)
    content = predictions.to_csv()
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        try:
            output.write_bytes(content)
        except OSError as error:
            raise DataError(f"{output} cannot be written: {error.strerror}.") from error
    for note in predictions.notes:
        sys.stderr.write(f"{note}\n")
    return 0
