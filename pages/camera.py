"""Camera: pictures of one's own, taken class by class, to train on."""

from __future__ import annotations

from ui import training
from ui.camera import page as camera
from ui.sidebar import turn_to_lab

training.show_strip()
if camera.show():
    turn_to_lab()
