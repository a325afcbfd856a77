"""Draw: your own points on the plane, by mouse or finger, to train on."""

from __future__ import annotations

from ui.bar import watch_run
from ui.draw import page as draw
from ui.sidebar import turn_to_lab

if draw.show():
    turn_to_lab()
watch_run()
