"""What the page "Try it" shows: the network of the lab's run, or of a bundle, asked in several ways."""

from __future__ import annotations

import functools
from collections.abc import Callable

import streamlit as st

from core.datasets import Split, prepare
from core.errors import DataError, HiddenLayersError, WorkersError
from core.experiment import DataSpec, count_parameters, format_layers, menus
from core.jobs.job import Job
from core.messages.updates import QUEUED, RUNNING
from core.trained.bundle import Bundle, fingerprint_of, load_bundle, save_bundle
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from core.trained.row_predictions import predict_file
from ui import session, training
from ui.components.choose_view import choose_view
from ui.components.markdown import code, literal
from ui.rows import split_or_message
from ui.server import jobs
from ui.session import trials
from ui.sidebar import turn_to_lab
from ui.try_it import what_if
from ui.try_it.what_if import Tried

_SHOWN_ROWS = 200
_EXAMPLE_ROWS = 5
_BUNDLE_FILE, _ROWS_FILE = "bundle-file", "rows-file"


def show() -> None:
    """Draw the page for the bundle that was brought, or else for the lab's run."""
    st.title("Try it")
    brought, job = trials.bundle(), session.job()
    if brought is not None:
        _show_brought(*brought)
        _views(_of_bundle(*brought), None)
    elif job is not None:
        split = split_or_message(job.experiment.data)
        if split is not None:
            _views(Tried(job.token, job.experiment.data.name, _preparation(job.experiment.data), split), job)
    else:
        st.info("There is no trained network yet: train one in the Lab, or bring a bundle.", icon=":material/science:")
        if st.button("To the Lab", type="primary", icon=":material/arrow_forward:", key="to-lab"):
            turn_to_lab()
        _bring_bundle()


def _of_bundle(name: str, bundle: Bundle) -> Tried:
    data = bundle.experiment.data.name
    return Tried(_name_of(name, bundle), data, bundle.preparation, _rows_of(bundle))


def _name_of(name: str, bundle: Bundle) -> str:
    return f"{name} {bundle.fingerprint} {id(bundle)}"


def _show_brought(name: str, bundle: Bundle) -> None:
    """Say which bundle is tried, and what is in it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"The bundle {code(name)}: {_in_words(bundle)}", width="stretch")
        st.button("Put it away", on_click=trials.set_bundle, args=(None,), icon=":material/close:", key="close-bundle")


def _in_words(bundle: Bundle) -> str:
    experiment, preparation = bundle.experiment, bundle.preparation
    inputs, classes = bundle.network.inputs, bundle.network.classes
    parameters = count_parameters(experiment.network, inputs, classes)
    target = f"{classes} classes" if classes else literal(preparation.target_name)
    epochs = len(next(iter(bundle.history.values())))
    data = menus.DATA[experiment.data.name].title
    layers = format_layers(experiment.network.layers)
    return f"{data}, {inputs:,} inputs to {target}, layers {layers}, {parameters:,} parameters, {epochs} epochs"


@st.fragment
def _views(tried: Tried, job: Job | None) -> None:
    """Let a person choose how to ask the network; what is done in a view draws only this, but for another bundle."""
    brought = trials.bundle()
    if brought is not None and _name_of(*brought) != tried.name:
        st.rerun()
    chosen = choose_view(list(_VIEWS), "try-view")
    network = _network_or_message(job)
    if network is not None:
        _VIEWS[chosen](tried, network, job)


def _network_or_message(job: Job | None) -> TrainedNetwork | None:
    """Return the newest network of the lab's run, or of the bundle; or say why there is none."""
    if job is None:
        brought = trials.bundle()
        return None if brought is None else brought[1].network
    try:
        network = jobs().trained(job)
    except WorkersError as error:
        st.warning(literal(str(error)), icon=":material/hourglass_empty:")
        st.button("Ask again", key="ask-again", icon=":material/refresh:")
        return None
    if job.status in (QUEUED, RUNNING):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("It is still training: every change here asks the newest weights.", width="content")
            st.button("Take the newest weights", key="newest-weights", icon=":material/refresh:")
    return network


# A file of rows


def _show_batch(tried: Tried, network: TrainedNetwork, _: Job | None) -> None:
    st.markdown("Bring rows without an answer, with the columns that the network was trained on, found by their names.")
    file = st.file_uploader(
        "Rows to predict: CSV or other text, Excel, Parquet, .npz",
        key=_ROWS_FILE,
        on_change=trials.keep_predictions,
        args=(tried.name, None),
    )
    with st.container(horizontal=True):
        pressed = st.button(
            "Predict", type="primary", disabled=file is None, icon=":material/play_arrow:", key="predict-rows"
        )
        if tried.split is not None and tried.preparation.encoding is None:
            split = tried.split
            st.download_button(
                "Some rows as an example",
                lambda: _example(split),
                "rows.csv",
                "text/csv",
                icon=":material/download:",
                key="example-rows",
                on_click="ignore",
            )
    if pressed and file is not None:
        try:
            said = predict_file(network, tried.preparation, file.getvalue(), file.name)
        except DataError as error:
            trials.keep_predictions(tried.name, None)
            st.error(literal(str(error)), icon=":material/table_rows:")
            return
        trials.keep_predictions(tried.name, said)
    _show_predictions(tried)


def _show_predictions(tried: Tried) -> None:
    said = trials.predictions(tried.name)
    if said is None:
        return
    for note in said.notes:
        st.caption(literal(note))
    st.dataframe(
        said.frame.head(_SHOWN_ROWS),
        hide_index=True,
        column_config={
            said.predicted: st.column_config.Column(pinned=True),  # seen beside a file's columns, however many
            **{name: st.column_config.NumberColumn(format="%.4f") for name in said.probabilities},
        },
    )
    if len(said.frame) > _SHOWN_ROWS:
        st.caption(f"The first {_SHOWN_ROWS} of {len(said.frame):,} rows.")
    st.download_button(
        "Download predictions",
        said.to_csv,
        "predictions.csv",
        "text/csv",
        type="primary",
        icon=":material/download:",
        key="download-predictions",
        on_click="ignore",
    )


def _example(split: Split) -> bytes:
    import pandas as pd

    rows = pd.DataFrame(split.raw_test[:_EXAMPLE_ROWS], columns=list(split.feature_names))
    return rows.to_csv(index=False).encode()


# A bundle


def _show_bundle(tried: Tried, network: TrainedNetwork, job: Job | None) -> None:
    st.markdown(
        "A bundle is one file with this run: its experiment, weights and history, and what it takes to answer new rows "
        "without the data. In a terminal:"
    )
    st.code("python -m core predict run.zip --file rows.csv -o out.csv", language="bash")
    if job is not None and tried.split is not None:
        st.download_button(
            "Download this run's bundle",
            _saver(network, tried.preparation, job),
            "run.zip",
            "application/zip",
            type="primary",
            icon=":material/download:",
            key="download-bundle",
            on_click="ignore",
        )
    _show_lab_button(tried)
    _bring_bundle()


def _saver(network: TrainedNetwork, preparation: Preparation, job: Job) -> Callable[[], bytes]:
    """Return what makes the file when it is asked for, of what is shown now."""
    history = job.history()
    return lambda: save_bundle(Bundle(network, preparation, history, _fingerprint(network.experiment.data)))


def _show_lab_button(tried: Tried) -> None:
    brought = trials.bundle()
    if brought is None:
        return
    here = tried.split is not None
    with st.container(horizontal=True, gap="small"):
        to_lab = st.button("Open its experiment in the Lab", icon=":material/science:", key="bundle-to-lab")
        on = here and st.button("Train on from its weights", icon=":material/play_arrow:", key="train-on")
    if here:
        st.caption("The very rows that it was trained on are here, so it can be trained on, with a fresh optimizer.")
    if to_lab:
        session.set_experiment(brought[1].experiment)
    if on:
        training.go_on(brought[1].network)
    if to_lab or on:
        turn_to_lab()


def _bring_bundle() -> None:
    st.file_uploader("Bring a bundle", type="zip", key=_BUNDLE_FILE, on_change=_take_bundle)
    if problem := trials.bundle_problem():
        st.error(literal(problem), icon=":material/inventory_2:")


def _take_bundle() -> None:
    file = session.state(_BUNDLE_FILE)
    if file is None:
        return
    try:
        trials.set_bundle((file.name, load_bundle(file.getvalue())))
    except HiddenLayersError as error:
        trials.set_bundle_problem(str(error))


# What all of it asks about the data, found once for everybody


@functools.lru_cache(maxsize=16)
def _preparation(data: DataSpec) -> Preparation:
    return Preparation.of(prepare(data))


@functools.lru_cache(maxsize=16)
def _fingerprint(data: DataSpec) -> str:
    return fingerprint_of(prepare(data))


def _rows_of(bundle: Bundle) -> Split | None:
    """Return the rows of a bundle's experiment where they are here and the same."""
    data: DataSpec = bundle.experiment.data
    try:
        return prepare(data) if _fingerprint(data) == bundle.fingerprint else None
    except DataError:
        return None


_VIEWS: dict[str, Callable[[Tried, TrainedNetwork, Job | None], None]] = {
    "What if": lambda tried, network, _: what_if.show(tried, network),
    "A file of rows": _show_batch,
    "Bundle": _show_bundle,
}
