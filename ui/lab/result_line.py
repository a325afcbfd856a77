"""The line below the lab's figures: metrics, parameters, link and command line."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.datasets import Split
from core.experiment import Experiment, count_parameters, layer_parameters, normalization_parameters, to_query
from core.glossary import TERMS
from core.jobs.job import Job
from ui.components.live_panel import live_class, live_result
from ui.components.stored_uploads import show_who_can_open_it
from ui.lab.class_link import class_link, show_class_link
from ui.links import is_of_this_machine_only, link_to_this_page
from ui.qr_code import qr_rows
from ui.server import jobs
from ui.session import lesson, limits

_POLL_SECONDS = 0.5


def show_result_line(experiment: Experiment, split: Split, job: Job | None) -> None:
    """Show the metrics of a job, and the parameter count, the link and the command line of the experiment."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        live_result(job, None if split.all_rows_train else split.validation_name, split.target_is_scaled)
        with st.container(horizontal=True, width="content", gap="small"):  # wraps as one
            _show_details(experiment, split)


def _show_details(experiment: Experiment, split: Split) -> None:
    count = count_parameters(experiment.network, split.inputs, split.classes)
    if (network := _popover(f"{count:,} parameters", "parameters")).open:
        with network:
            _show_network(experiment, split)
    if limits.hides("share"):
        return
    if (link := _popover("Link", "link", ":material/link:")).open:
        link.caption("Opens this experiment anywhere. Training it gives the same history.")
        with link:
            show_who_can_open_it(experiment.data)
        link.code(link_to_this_page(to_query(experiment)), language=None, wrap_lines=True)
        with link:
            show_class_link(experiment)
    if lesson.present() is None:  # beside one there is less room
        _show_command_line(experiment)
    link_for_class = class_link(experiment)
    live_class(link_for_class, qr_rows(link_for_class), is_of_this_machine_only(link_for_class))


def _show_command_line(experiment: Experiment) -> None:
    if (command := _popover("Command line", "command", ":material/terminal:")).open:
        command.caption("Trains the same experiment without a browser.")
        command.code(f'python -m core run "{to_query(experiment)}"', language="bash", wrap_lines=True)


def _popover(label: str, name: str, icon: str | None = None) -> Any:
    """Return a button that opens; its name is that of its term in the glossary."""
    return st.popover(label, icon=icon, key=name, on_change="rerun", help=TERMS[name].text)


def _show_network(experiment: Experiment, split: Split) -> None:
    """Show the parameter count, and Keras's summary once a worker has written it."""
    st.caption(_parameter_sum(experiment, split))
    waiting = _summary(experiment, split) is None
    st.fragment(_show_summary, run_every=_POLL_SECONDS if waiting else None)(experiment, split, waiting)


def _show_summary(experiment: Experiment, split: Split, waiting: bool) -> None:
    text = _summary(experiment, split)
    if text is None:
        st.caption("Keras's own summary appears once a worker has loaded Keras.")
    elif waiting:
        st.rerun()  # of the whole page, which ends the polling
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
        written += f"; plus {normalization:,} in normalization layers: {dense + normalization:,} parameters"
    return written
