"""The data: what is in the set that the experiment names, seen from several sides before anything is trained."""

from __future__ import annotations

from ui import session, training
from ui.components.live_panel import save_buttons
from ui.controls import choose_data
from ui.data import page as data
from ui.sidebar import experiment_sidebar

experiment_sidebar(choose_data)
training.show_strip()
data.show(session.experiment())
save_buttons()
