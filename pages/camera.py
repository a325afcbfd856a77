"""Camera: pictures of one's own, taken class by class, to train on."""

from __future__ import annotations

import streamlit as st

from ui import camera, training

training.show_strip()
if camera.show():
    st.switch_page("../pages/lab.py")
