"""Data: the experiment's data set from several sides, before anything is trained."""

from __future__ import annotations

from ui.components.live_panel import complete_charts
from ui.controls import choose_data
from ui.data import page as data
from ui.session import current
from ui.sidebar import experiment_sidebar

experiment_sidebar(choose_data)
data.show(current.experiment())
complete_charts()
