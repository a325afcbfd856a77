"""Try it: the lab's network, or one from a bundle, tried on single inputs and on files of rows."""

from __future__ import annotations

from ui.components.live_panel import complete_charts
from ui.sidebar import experiment_in_address
from ui.try_it import page as try_it

experiment_in_address()
try_it.show()
complete_charts()
