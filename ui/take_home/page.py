"""The page "Take home": the experiment as code, and its run as files to download."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.analysis.axes import Axes
from core.errors import WorkersError
from core.experiment import Experiment
from core.export.report import report_page
from core.export.script import FILE_NAME, notebook, reads_file, script
from core.jobs.job import Job
from core.messages.updates import QUEUED, RUNNING
from core.trained.bundle import Bundle, save_bundle
from core.trained.history import history_csv
from core.trained.network import TrainedNetwork
from core.workers import worker
from core.workers.waiting import wait_for_answer
from ui.bar import show_title
from ui.components.markdown import code, literal
from ui.components.stored_uploads import show_who_can_open_it
from ui.results.run_results import RunResults, results_of
from ui.rows import split_or_message
from ui.server import jobs
from ui.session import current, files

_LAB = "../pages/lab.py"
_CODE_HEIGHT = 700
_COLUMN_SHARES = [5, 8]  # of a button and its description


@dataclass(frozen=True)
class _Download:
    """A file to download: its button, its name, a description, and a function that makes it."""

    key: str
    label: str
    file_name: str
    mime: str
    description: str
    make: Callable[[], str | bytes]


def show() -> None:
    """Draw the page; it is drawn again when the run ends."""
    experiment = current.experiment()
    job, status = show_title("Take home")
    if split_or_message(experiment.data) is None:
        return
    file_name = _file_name(experiment)
    downloads, shown = st.columns([2, 3], gap="medium")
    with downloads:
        st.subheader("The experiment")
        st.markdown("Plain Keras code, ready to run: the same rows, the same network and the same initial weights.")
        _offer(_code_files(experiment, file_name))
        if reads_file(experiment):
            st.caption(
                f"The code reads your file: put {code(file_name)} next to it, or change the file name at the top."
            )
        st.subheader("The run")
        _show_run(job, status, file_name)
    with shown:
        st.code(_script(experiment, file_name), language="python", height=_CODE_HEIGHT)


def _show_run(job: Job | None, status: str, file_name: str) -> None:
    """Offer the files of a run, or say why there are none."""
    results = _results_or_message(job, status)
    if job is None or results is None:
        return
    if status == RUNNING:
        st.caption(f"Still training: these files hold the weights from about epoch {results.epoch:,}.")
    else:
        st.caption(f"After epoch {results.epoch:,}.")
    show_who_can_open_it(results.data)
    _offer(_run_files(job, results, file_name))


def _results_or_message(job: Job | None, status: str) -> RunResults | None:
    """Return the run as it is now, or say why it has no files."""
    if job is None:
        st.info("Train this experiment in the lab to download its network, history and report as well.")
        st.page_link(_LAB, label="Go to the lab", icon=":material/science:")
        return None
    if status == QUEUED:
        st.info("This run is waiting for its turn. Its files will be available once it starts.")
        return None
    try:
        results = results_of(job)
    except WorkersError as error:
        st.warning(literal(str(error)))
        st.button("Try again", key="refresh", icon=":material/refresh:")
        return None
    if not results.epoch:
        st.info("This run has not finished its first epoch yet.")
        st.button("Check again", key="refresh", icon=":material/refresh:")
        return None
    return results


def _code_files(experiment: Experiment, file_name: str) -> list[_Download]:
    name = experiment.data.name
    return [
        _Download("script", "Script", f"{name}.py", "text/x-python", "Python, for a terminal or an editor.",
                  functools.partial(_script, experiment, file_name)),
        _Download("notebook", "Notebook", f"{name}.ipynb", "application/x-ipynb+json",
                  "For Jupyter or Colab; it also plots the curves.",
                  functools.partial(notebook, experiment, file_name)),
    ]  # fmt: skip


def _run_files(job: Job, results: RunResults, file_name: str) -> list[_Download]:
    """Return the files of a run. They are made on a thread without a session, from the arguments bound here."""
    name, network = results.data.name, results.network
    axes, test = job.axes, job.test_metrics
    history = job.history()
    return [
        _Download("keras", "Keras model", f"{name}.keras", "application/octet-stream",
                  how_to_load(network.experiment, f"{name}.keras"), functools.partial(_keras_file, network)),
        _Download("weights", "Weights", f"{name}-weights.npz", "application/octet-stream",
                  "NumPy arrays by layer; load them with `numpy.load`.", functools.partial(_weights_file, network)),
        _Download("history", "History", f"{name}-history.csv", "text/csv", "All metrics of every epoch, as CSV.",
                  functools.partial(history_csv, history)),
        _Download("report", "Report", f"{name}-report.html", "text/html",
                  "One page with all figures, which works offline. 5 MB.",
                  functools.partial(_report, network, history, test, _report_file_name(results, file_name), axes)),
        _Download("bundle", "Bundle", f"{name}-run.zip", "application/zip",
                  "The trained run in one file; predict new rows with `python -m core predict`.",
                  functools.partial(_bundle, results)),
    ]  # fmt: skip


def _offer(downloads: list[_Download]) -> None:
    """Draw a button for each file, which is made when the button is pressed."""
    for download in downloads:
        button, description = st.columns(_COLUMN_SHARES, gap="small", vertical_alignment="center", wrap=False)
        button.download_button(
            download.label,
            download.make,
            download.file_name,
            download.mime,
            key=f"take-{download.key}",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
        )
        description.caption(download.description)


@functools.lru_cache(maxsize=64)  # it is shown, so every run of the page needs it; a few kB each
def _script(experiment: Experiment, file_name: str) -> str:
    return script(experiment, file_name)


def _file_name(experiment: Experiment) -> str:
    """Return the name of the person's file where this session has uploaded it, else the default name."""
    table = experiment.data.table
    return files.name_of(table.file) if table is not None and files.has_name(table.file) else FILE_NAME


def _report_file_name(results: RunResults, file_name: str) -> str:
    return "" if results.data.table is None else file_name


def how_to_load(experiment: Experiment, file: str) -> str:
    """Return how to load the file with Keras, which does not know the sine as an activation by name."""
    if any(layer.activation == "sine" for layer in experiment.network.layers):
        return f'Load it with `keras.saving.load_model("{file}", custom_objects={{"sin": keras.ops.sin}})`.'
    return f'Load it with `keras.saving.load_model("{file}")`.'


def _keras_file(network: TrainedNetwork) -> bytes:
    content: bytes = wait_for_answer(jobs().cluster, worker.save_keras, network)
    return content


def _weights_file(network: TrainedNetwork) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **network.weights)
    return out.getvalue()


def _report(
    network: TrainedNetwork,
    history: dict[str, list[float]],
    test: tuple[float, ...] | None,
    file_name: str,
    axes: Axes | None,
) -> str:
    loss = str(network.experiment.training.loss)
    arguments = network.experiment.network, network.inputs, network.classes, loss
    summary: str = wait_for_answer(jobs().cluster, worker.summarize, *arguments)
    return report_page(network, history, summary, test, file_name, axes)


def _bundle(results: RunResults) -> bytes:
    return save_bundle(Bundle.of(results.network, results.split, results.history))
