"""The command `python -m core export`: an experiment as code, or its run as a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from core.commands.experiment import add_experiment, asked_experiment
from core.commands.input_files import write_content
from core.errors import DataError
from core.experiment import Experiment

_STDOUT = Path("-")


def add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its arguments."""
    command = commands.add_parser("export", help="write an experiment as code, or train it and write the run")
    add_experiment(command)
    command.add_argument(
        "--format",
        choices=tuple(FORMATS),
        required=True,
        help="script and notebook: plain Keras code, untrained; report: an HTML page; bundle: for `predict` and the "
        "app; keras: a .keras file",
    )
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="the file to write, - for standard output; text formats are printed by default",
    )


def export(options: argparse.Namespace) -> int:
    """Write the experiment in the chosen format.

    Raises:
        HiddenLayersError: where the experiment is invalid, or the file cannot be written.
    """
    if options.output is None and options.format in _BINARY:
        raise DataError(f"A {options.format} file is binary: give a file with `-o`, or `-o -` for standard output.")
    with asked_experiment(options) as experiment:
        content = FORMATS[options.format](experiment, options.file.name if options.file else "")
    if options.output is None or options.output == _STDOUT:
        sys.stdout.buffer.write(content)
        return 0
    write_content(options.output, content)
    return 0


def _script(experiment: Experiment, file_name: str) -> bytes:
    from core.export.script import FILE_NAME, script

    _fetch(experiment)
    return script(experiment, file_name or FILE_NAME).encode()


def _notebook(experiment: Experiment, file_name: str) -> bytes:
    from core.export.script import FILE_NAME, notebook

    _fetch(experiment)
    return notebook(experiment, file_name or FILE_NAME).encode()


def _fetch(experiment: Experiment) -> None:
    """Download the data if the number of classes depends on them."""
    from core.datasets.downloads import NotDownloadedError
    from core.export.data_code import count_classes

    try:
        count_classes(experiment.data)
    except NotDownloadedError as error:
        from core.workers.worker import fetch

        fetch(error.name)


def _report(experiment: Experiment, file_name: str) -> bytes:
    from core.commands.run import train_to_the_end
    from core.export.report import report_page

    done = train_to_the_end(experiment, quiet=False)
    network = done.network()
    from core.engine.keras_network import summary_text

    loss = str(experiment.training.loss)
    summary = summary_text(experiment.network, network.inputs, network.classes, loss)
    return report_page(network, done.history, summary, done.last.test, file_name).encode()


def _bundle(experiment: Experiment, _: str) -> bytes:
    from core.commands.run import train_to_the_end
    from core.trained.bundle import Bundle, save_bundle

    done = train_to_the_end(experiment, quiet=False)
    return save_bundle(Bundle.of(done.network(), done.trainer.split, done.history))


def _keras(experiment: Experiment, _: str) -> bytes:
    from core.commands.run import train_to_the_end

    done = train_to_the_end(experiment, quiet=False)
    from core.engine.saving import keras_file

    return keras_file(done.network())


# The formats: each makes the content from the experiment and the name of the person's file ("" without one).
FORMATS: Mapping[str, Callable[[Experiment, str], bytes]] = {
    "script": _script,
    "notebook": _notebook,
    "report": _report,
    "bundle": _bundle,
    "keras": _keras,
}
_BINARY = ("bundle", "keras")
