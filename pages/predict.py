"""Try it: the lab's network, or one from a bundle, asked by hand, by a file of rows, or taken home."""

from __future__ import annotations

from ui import training
from ui.components.live_panel import save_buttons
from ui.sidebar import experiment_in_address
from ui.try_it import page as try_it

experiment_in_address()
training.show_strip()
try_it.show()
save_buttons()
