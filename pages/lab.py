"""The lab: pick data, shape a network, watch it learn."""

from __future__ import annotations

import streamlit as st

from core.datasets import prepare
from core.datasets.downloads import NotDownloadedError
from core.datasets.uploads import NotUploadedError
from core.errors import DataError
from ui import lab, session, training
from ui.controls import experiment_controls
from ui.downloads import show_download
from ui.live_panel import live_figures, live_strip
from ui.markdown import literal
from ui.panel import panel_json


@st.fragment
def workbench() -> None:
    """Draw what stands beside the controls; a button in it, or a run that ends, draws it again without them."""
    experiment = session.experiment()
    try:
        split = prepare(experiment.data)
    except NotDownloadedError as error:
        show_download(error.name)
        return
    except NotUploadedError:
        st.info("Bring a file: choose it in the sidebar, under **Data**. It trains as soon as it is here.")
        return
    except DataError as error:
        st.error(literal(str(error)), icon=":material/table_rows:")
        return
    job = training.job_for(experiment)
    training.follow_view(job, split)
    if note := session.take_note():
        st.toast(note, icon=":material/restart_alt:")
    status = job.status if job else ""  # read once: what changes while this is drawn, the strip reports
    buttons, strip = st.columns([11, 9], vertical_alignment="center")
    with buttons:
        training.action_bar(job, status)
    with strip:
        live_strip(job, status, experiment.training.epochs)
    lab.show_row_notes(split)
    live_figures(job, panel_json(experiment.data, session.axes(split.features), experiment.training.epochs))
    lab.show_result_line(experiment, split, job)
    if session.controls_lag():
        st.rerun()


session.follow_address()
training.find_job()
lab.show_address_problems()
with st.sidebar:
    session.change_experiment(experiment_controls(session.experiment()))
session.write_address()
workbench()
