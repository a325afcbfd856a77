"""Try it: the lab's network, or one from a bundle, asked by hand, by a file of rows, or taken home."""

from __future__ import annotations

from ui import predict, training
from ui.live_panel import save_buttons
from ui.sidebar import experiment_in_address

experiment_in_address()
training.show_strip()
predict.show()
save_buttons()
