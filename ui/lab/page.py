"""What the lab says in words: what was wrong in an address, what was done with the rows, how the run ended."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st

from core.datasets import Split
from core.errors import ExperimentError
from core.experiment import Experiment, count_parameters, layer_parameters, menus, normalization_parameters, to_query
from core.jobs.job import Job
from core.messages.updates import FINISHED, PAUSED, STOPPED
from core.trained.epoch import weights_epoch
from ui import session
from ui.components.markdown import code
from ui.server import jobs

_ASK_SECONDS = 0.5
# How each metric is written: its word, and the digits behind the point.
_METRICS = {"loss": ("loss", 4), "accuracy": ("accuracy", 3), "mae": ("MAE", 4), "r2": ("R²", 3)}


def show_address_problems() -> None:
    """Say what the address got wrong; the defaults stand in those places."""
    problems = session.address_problems()
    if problems:
        lines = "\n".join(f"- {_problem(problem)}" for problem in problems)
        st.warning(f"Part of this address could not be used; defaults stand in its place.\n{lines}")


def show_row_notes(split: Split) -> None:
    """Say what a person should know of the rows before reading the figures."""
    notes = []
    if split.dropped_rows:
        what = "rows with a missing value" if split.image_shape is None else "pictures that cannot be read"
        notes.append(f"{split.dropped_rows} {what} were dropped.")
    if split.three_parts:
        notes.append(
            f"{len(split.y_train)} rows train, {len(split.y_val)} validate after every epoch, and {len(split.y_test)} "
            "test once, at the end."
        )
    if split.all_rows_train:
        notes.append("Every row trains, so the held-out figures are the training rows'.")
    if split.image_shape is None and split.features > 2:
        drawn = "boundary" if split.task == menus.CLASSES else "surface"
        notes.append(f"The {drawn} {_held_still(split)}.")
    if notes:
        st.caption(" ".join(notes))


def _held_still(split: Split) -> str:
    """Return what the plane that is drawn does with the features that it does not show."""
    axes = session.axes(split)
    if axes.components:
        return "is drawn over the plane in which the training rows lie flattest; no row lies quite on it"
    where = "at its median over the training rows" if axes.row is None else f"as training row {axes.row} has it"
    return f"holds every other feature {where}"


def show_result_line(experiment: Experiment, split: Split, job: Job | None) -> None:
    """Show the final figures, the parameter count, the link and the command line of the experiment."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(_final_figures(job, split), width="stretch")
        with st.container(horizontal=True, width="content", gap="small"):  # goes to the next line as one
            _show_details(experiment, split)


def _show_details(experiment: Experiment, split: Split) -> None:
    count = count_parameters(experiment.network, split.inputs, split.classes)
    if (network := st.popover(f"{count:,} parameters", key="parameters", on_change="rerun")).open:
        with network:
            _show_network(experiment, split)
    if (link := st.popover("Link", icon=":material/link:", key="link", on_change="rerun")).open:
        link.caption("Opens this experiment anywhere, and trains to the same history.")
        link.code(_link(experiment), language=None, wrap_lines=True)
    if (command := st.popover("Command line", icon=":material/terminal:", key="command", on_change="rerun")).open:
        command.caption("Trains the same experiment without a browser.")
        command.code(f'python -m core run "{to_query(experiment)}"', language="bash", wrap_lines=True)


def _final_figures(job: Job | None, split: Split) -> str:
    history = job.history() if job is not None and job.status in (FINISHED, PAUSED, STOPPED) else {}
    if job is None or not history or not history["loss"]:
        return "&nbsp;"
    epoch = weights_epoch(job.experiment, history)
    last = [column[epoch - 1] for column in history.values()]
    metrics = [name for name in history if not name.startswith("val_")]
    groups = {
        "training": last[: len(metrics)],
        split.validation_name: last[len(metrics) :],
        "test": job.test_metrics or (),
    }
    written = " · ".join(f"{rows} {_figures(metrics, values)}" for rows, values in groups.items() if values)
    return f"After epoch {epoch}: {written}"


def _figures(metrics: Sequence[str], values: Sequence[float]) -> str:
    """Return metrics as they are written: "loss **0.1234**, accuracy **0.990**"."""
    written = zip(map(_METRICS.__getitem__, metrics), values, strict=True)
    return ", ".join(f"{word} **{value:.{digits}f}**" for (word, digits), value in written)


def _show_network(experiment: Experiment, split: Split) -> None:
    """Show the parameter count, and Keras's summary as soon as a worker has written it."""
    st.caption(_parameter_sum(experiment, split))
    waiting = _summary(experiment, split) is None
    st.fragment(_show_summary, run_every=_ASK_SECONDS if waiting else None)(experiment, split, waiting)


def _show_summary(experiment: Experiment, split: Split, waiting: bool) -> None:
    text = _summary(experiment, split)
    if text is None:
        st.caption("Keras's own summary comes as soon as a worker has loaded Keras.")
    elif waiting:
        st.rerun()  # which ends the asking
    else:
        st.code(text, language=None)


def _summary(experiment: Experiment, split: Split) -> str | None:
    return jobs().summaries.get(experiment.network, split.inputs, split.classes, str(experiment.training.loss))


def _parameter_sum(experiment: Experiment, split: Split) -> str:
    layers = list(layer_parameters(experiment.network, split.inputs, split.classes))
    parts = [f"{inputs} × {units} + {units}" for inputs, units, _ in layers]
    dense = sum(count for *_, count in layers)
    written = f"{' + '.join(parts)} = {dense:,} weights and biases"
    if normalization := normalization_parameters(experiment.network):
        written += f"; with {normalization:,} of the normalization layers, {dense + normalization:,} parameters"
    return written


def _link(experiment: Experiment) -> str:
    url = urlsplit(st.context.url or "http://localhost:8501")
    return url._replace(path=url.path or "/", query=to_query(experiment), fragment="").geturl()


def _problem(problem: ExperimentError) -> str:
    """Return a problem as Markdown; what stood in the address is shown letter for letter."""
    received = str(problem).partition(f"{problem.expected}. Received: ")[2].removesuffix(".")
    return f"{code(problem.key)} must be {problem.expected}. Received: {code(received)}."
