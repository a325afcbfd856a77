"""Runs: every run that was trained, to find, open and name."""

from __future__ import annotations

from ui.bar import watch_run
from ui.components.live_panel import complete_charts
from ui.runs import page as runs
from ui.sidebar import turn_to_lab

if runs.show():
    turn_to_lab()
complete_charts()
watch_run()
