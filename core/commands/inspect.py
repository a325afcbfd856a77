"""The command `python -m core inspect`: the contents of a file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from core.commands.input_files import read_content


def add_inspect(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser("inspect", help="read a file and print what it contains")
    command.add_argument(
        "file",
        type=Path,
        help="CSV or other text, Excel, Parquet, .npz, JSON, ARFF, HTML, LIBSVM, Stata or SAS, one of these packed, or "
        "a .zip of folders of pictures",
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def inspect(options: argparse.Namespace) -> int:
    """Print what a file contains.

    Raises:
        DataError: where it cannot be read.
    """
    from core.datasets import picture_folders
    from core.datasets.file_notes import table_notes
    from core.datasets.table_columns import data_name, target_of, task_of
    from core.experiment import DataSpec, TableSpec
    from core.tables import inspection, read_table

    content = read_content(options.file)
    if picture_folders.is_picture_folder(content):
        pictures = picture_folders.read_pictures_of(content, TableSpec.side)
        print(json.dumps(picture_folders.as_json(pictures)) if options.json else picture_folders.as_text(pictures))
    else:
        table = read_table(content, options.file.name)
        spec = TableSpec()
        data = DataSpec(data_name(task_of(target_of(table, spec))), table=spec, split="ordered")
        notes = table_notes(table, data)
        print(json.dumps(inspection.as_json(table, notes)) if options.json else inspection.as_text(table, notes))
    return 0
