"""Camera: pictures of one's own, taken class by class, to train on."""

from __future__ import annotations

import streamlit as st

from ui import camera, session
from ui.live_panel import live_strip

if job := session.job():
    live_strip(job, job.status, job.experiment.training.epochs)
if camera.show():
    st.switch_page("../pages/lab.py")
