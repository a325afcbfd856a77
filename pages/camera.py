"""Camera: your own pictures, taken class by class, to train on."""

from __future__ import annotations

from ui.bar import watch_run
from ui.camera import page as camera
from ui.sidebar import turn_to_lab

if camera.show():
    turn_to_lab()
watch_run()
