"""Draw: points of one's own on the plane, by mouse or finger, to train on."""

from __future__ import annotations

import streamlit as st

from ui import draw, training

training.show_strip()
if draw.show():
    st.switch_page("../pages/lab.py")
