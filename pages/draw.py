"""Draw: points of one's own on the plane, by mouse or finger, to train on."""

from __future__ import annotations

from ui import draw, training
from ui.sidebar import turn_to_lab

training.show_strip()
if draw.show():
    turn_to_lab()
