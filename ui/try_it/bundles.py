"""Bundles: this run's as a download, and an uploaded one to try, open in the lab or continue training."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import HiddenLayersError
from core.experiment import count_parameters, format_layers, menus
from core.jobs.job import Job
from core.trained.bundle import Bundle, load_bundle, save_bundle
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from ui import training
from ui.components.markdown import code, literal
from ui.components.stored_uploads import show_who_can_open_it
from ui.session import current, trials, widgets
from ui.sidebar import turn_to_lab
from ui.try_it.tried_model import TriedModel, data_fingerprint

_FILE = "bundle-file"


def show(model: TriedModel, network: TrainedNetwork, job: Job | None) -> None:
    """Explain what a bundle is, and offer what can be done with one."""
    this, another = st.columns(2, gap="large")
    with this:
        _show_this(model, network, job)
    with another:
        st.markdown("Upload a bundle of another run to try it here. The run in the lab stays as it is.")
        show_upload()


def _show_this(model: TriedModel, network: TrainedNetwork, job: Job | None) -> None:
    """Offer what can be done with the bundle of the run or of the uploaded file."""
    st.markdown(
        "A bundle is one file that holds this run: its experiment, weights and history, and all that is needed to "
        "predict new rows without the training data. In a terminal:"
    )
    st.code("python -m core predict run.zip --file rows.csv -o out.csv", language="bash", wrap_lines=True)
    if job is not None and model.split is not None:
        show_who_can_open_it(job.experiment.data)
        st.download_button(
            "Download bundle",
            bundle_maker(network, model.preparation, job),
            "run.zip",
            "application/zip",
            type="primary",
            icon=":material/download:",
            key="download-bundle",
            on_click="ignore",
        )
    _show_lab_buttons(model)


def show_title(file_name: str, bundle: Bundle) -> None:
    """Say which bundle is tried and what is in it, and offer to close it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Bundle {code(file_name)}: {_in_words(bundle)}", width="stretch")
        st.button("Close bundle", on_click=trials.set_bundle, args=(None,), icon=":material/close:", key="close-bundle")


def show_upload() -> None:
    """Let the person upload a bundle."""
    st.file_uploader("Upload a bundle", type="zip", key=_FILE, on_change=_open_upload)
    if problem := trials.bundle_problem():
        st.error(literal(problem), icon=":material/inventory_2:")


def bundle_maker(network: TrainedNetwork, preparation: Preparation, job: Job) -> Callable[[], bytes]:
    """Return a function that makes the bundle of a run as it is now, for whenever it is downloaded."""
    history = job.history()
    return lambda: save_bundle(Bundle(network, preparation, history, data_fingerprint(network.experiment.data)))


def _in_words(bundle: Bundle) -> str:
    experiment, preparation = bundle.experiment, bundle.preparation
    inputs, classes = bundle.network.inputs, bundle.network.classes
    parameters = count_parameters(experiment.network, inputs, classes)
    target = f"{classes} classes" if classes else f"target {literal(preparation.target_name)}"
    epochs = len(next(iter(bundle.history.values())))
    data = menus.DATA[experiment.data.name].title
    layers = format_layers(experiment.network.layers)
    return f"{data}, {inputs:,} inputs, {target}, layers {layers}, {parameters:,} parameters, {epochs} epochs"


def _show_lab_buttons(model: TriedModel) -> None:
    uploaded = trials.bundle()
    if uploaded is None:
        return
    has_rows = model.split is not None
    with st.container(horizontal=True, gap="small"):
        opens = st.button("Open experiment in the lab", icon=":material/science:", key="bundle-to-lab")
        continues = has_rows and st.button("Continue training", icon=":material/play_arrow:", key="train-on")
    if has_rows:
        st.caption(
            "The original training rows are available, so training can continue from the bundle's weights, with a new "
            "optimizer."
        )
    if opens:
        current.set_experiment(uploaded[1].experiment)
    if continues:
        training.continue_from(uploaded[1].network)
    if opens or continues:
        turn_to_lab()


def _open_upload() -> None:
    file = widgets.value(_FILE)
    if file is None:
        return
    try:
        trials.set_bundle((file.name, load_bundle(file.getvalue())))
    except HiddenLayersError as error:
        trials.set_bundle_problem(str(error))
