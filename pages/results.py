"""Results: how good the lab's run is."""

from __future__ import annotations

from ui.components.live_panel import complete_charts
from ui.results import page as results
from ui.sidebar import experiment_in_address

experiment_in_address()
results.show()
complete_charts()
