"""Draw: points of one's own on the plane, by mouse or finger, to train on."""

from __future__ import annotations

from ui import training
from ui.draw import page as draw
from ui.sidebar import turn_to_lab

training.show_strip()
if draw.show():
    turn_to_lab()
