"""Learn: lessons that lead through the lab, and the networks of published tutorials."""

from __future__ import annotations

from ui.bar import watch_run
from ui.learn import page as learn
from ui.sidebar import turn_to_lab

if learn.show():
    turn_to_lab()
watch_run()
