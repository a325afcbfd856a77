"""Take home: the lab's experiment as code, and its run as files."""

from __future__ import annotations

from ui.components.live_panel import keyboard_for_code
from ui.sidebar import experiment_in_address
from ui.take_home import page as take_home

experiment_in_address()
take_home.show()
keyboard_for_code()
