"""Draw: points of one's own on the plane, by mouse or finger, to train on."""

from __future__ import annotations

import streamlit as st

from ui import draw, session
from ui.live_panel import live_strip

if job := session.job():
    live_strip(job, job.status, job.experiment.training.epochs)
if draw.show():
    st.switch_page("../pages/lab.py")
