"""The lab: pick data, shape a network, watch it learn."""

from __future__ import annotations

import streamlit as st

from core.errors import DataError
from ui import lab, session, training
from ui.controls import axes_control, experiment_controls
from ui.live_panel import live_figures, live_strip
from ui.panel import panel_json
from ui.server import split_of

session.follow_address()
lab.show_address_problems()
with st.sidebar:
    session.change_experiment(experiment_controls(session.experiment()))
experiment = session.experiment()
session.write_address()

try:
    split = split_of(experiment.data)
except DataError as error:
    st.error(str(error), icon=":material/table_rows:")
    st.stop()

job = training.job_for(experiment)
training.follow_pace(job)
buttons, strip = st.columns([11, 9], vertical_alignment="center")
with buttons:
    training.action_bar(job)
with strip:
    live_strip(job, experiment.training.epochs, session.take_note(), lambda: None)
if split.image_shape is None and split.features > 2:
    axes = axes_control(split.feature_names, session.axes(split.features))
    training.draw_over(job, axes)
lab.show_row_notes(split)
live_figures(job, experiment.training.epochs, panel_json(experiment.data, session.axes(split.features), experiment.training.epochs))
lab.show_result_line(experiment, split, job)
