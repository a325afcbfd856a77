"""Camera: pictures of one's own, taken class by class, to train on."""

from __future__ import annotations

from ui import camera, training
from ui.sidebar import turn_to_lab

training.show_strip()
if camera.show():
    turn_to_lab()
