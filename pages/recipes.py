"""The old address of the recipes, which are part of Learn now."""

from __future__ import annotations

import streamlit as st

st.switch_page("../pages/learn.py")
