"""What the page "Take home" offers: the experiment as code, and its run as files."""

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
from ui import session, training
from ui.components.markdown import code, literal
from ui.results.look import Look, look_at
from ui.rows import split_or_message
from ui.server import jobs

_LAB = "../pages/lab.py"
_CODE_HEIGHT = 700
_BUTTON_SHARES = [5, 8]  # of the width, for a button and for what it is


@dataclass(frozen=True)
class _Download:
    """A file that is offered: its button, its name, what it is for, and what makes it."""

    key: str
    label: str
    file_name: str
    mime: str
    what: str
    make: Callable[[], str | bytes]


def show() -> None:
    """Draw the page; it is drawn again when the run comes to rest."""
    experiment = session.experiment()
    job, status = training.title_with_strip("Take home")
    if split_or_message(experiment.data) is None:
        return
    file_name = _file_name(experiment)
    files, shown = st.columns([2, 3], gap="medium")
    with files:
        st.subheader("The experiment")
        st.markdown("Plain Keras that runs as it is: the same rows, the same network and the same first weights.")
        _offer(_code_files(experiment, file_name))
        if reads_file(experiment):
            st.caption(f"It reads your file: put {code(file_name)} beside it, or change the name at its top.")
        st.subheader("The run")
        _show_run(job, status, file_name)
    with shown:
        st.code(_script(experiment, file_name), language="python", height=_CODE_HEIGHT)


def _show_run(job: Job | None, status: str, file_name: str) -> None:
    """Offer the files of a run, or say why there are none."""
    look = _look_or_message(job, status)
    if job is None or look is None:
        return
    if status == RUNNING:
        st.caption(f"It still trains: these are its weights of about epoch {look.epoch:,}.")
    else:
        st.caption(f"After epoch {look.epoch:,}.")
    _offer(_run_files(job, look, file_name))


def _look_or_message(job: Job | None, status: str) -> Look | None:
    """Return the run's network as it is now, or say why there is none."""
    if job is None:
        st.info("Train this experiment in the lab, and its network, its curves and a report can be taken home too.")
        st.page_link(_LAB, label="To the lab", icon=":material/science:")
        return None
    if status == QUEUED:
        st.info("The run waits for its turn; its files come when it has begun.")
        return None
    try:
        look = look_at(job)
    except WorkersError as error:
        st.warning(literal(str(error)))
        st.button("Try again", key="refresh", icon=":material/refresh:")
        return None
    if not look.epoch:
        st.info("The run has not ended its first epoch yet.")
        st.button("Look again", key="refresh", icon=":material/refresh:")
        return None
    return look


def _code_files(experiment: Experiment, file_name: str) -> list[_Download]:
    name = experiment.data.name
    return [
        _Download("script", "Script", f"{name}.py", "text/x-python", "Python, for a terminal or an editor.",
                  functools.partial(_script, experiment, file_name)),
        _Download("notebook", "Notebook", f"{name}.ipynb", "application/x-ipynb+json",
                  "For Jupyter or Colab; draws the curves too.",
                  functools.partial(notebook, experiment, file_name)),
    ]  # fmt: skip


def _run_files(job: Job, look: Look, file_name: str) -> list[_Download]:
    """Return the files of a run. What makes them runs on another thread, so it takes all it needs along."""
    name, network = look.data.name, look.network
    axes, test = job.axes, job.test_metrics
    history = job.history()
    return [
        _Download("keras", "Keras model", f"{name}.keras", "application/octet-stream",
                  _how_to_load(network.experiment, f"{name}.keras"), functools.partial(_keras_file, network)),
        _Download("weights", "Weights", f"{name}-weights.npz", "application/octet-stream",
                  "NumPy arrays by layer: `numpy.load` reads them.", functools.partial(_weights_file, network)),
        _Download("history", "History", f"{name}-history.csv", "text/csv", "Every figure of every epoch, as CSV.",
                  functools.partial(history_csv, history)),
        _Download("report", "Report", f"{name}-report.html", "text/html",
                  "One page with all figures, which opens without a network. 5 MB.",
                  functools.partial(_report, network, history, test, _named(look, file_name), axes)),
        _Download("bundle", "Bundle", f"{name}-run.zip", "application/zip",
                  "The trained run in one file: `python -m core predict` answers new rows with it.",
                  functools.partial(_bundle, look)),
    ]  # fmt: skip


def _offer(downloads: list[_Download]) -> None:
    """Draw a button a file; the file is made when it is pressed."""
    for download in downloads:
        button, what = st.columns(_BUTTON_SHARES, gap="small", vertical_alignment="center", wrap=False)
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
        what.caption(download.what)


@functools.lru_cache(maxsize=64)
def _script(experiment: Experiment, file_name: str) -> str:
    return script(experiment, file_name)


def _file_name(experiment: Experiment) -> str:
    """Return what the person's file is called at home, where the data are one that this session has brought."""
    table = experiment.data.table
    return session.file_name(table.file) if table is not None and session.knows_file(table.file) else FILE_NAME


def _named(look: Look, file_name: str) -> str:
    return "" if look.data.table is None else file_name


def _how_to_load(experiment: Experiment, file: str) -> str:
    """Say how Keras reads the file; the sine is no activation that it knows by name."""
    if any(layer.activation == "sine" for layer in experiment.network.layers):
        return f'`keras.saving.load_model("{file}", custom_objects={{"sin": keras.ops.sin}})` reads it.'
    return f'`keras.saving.load_model("{file}")` reads it.'


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


def _bundle(look: Look) -> bytes:
    return save_bundle(Bundle.of(look.network, look.split, look.history))
