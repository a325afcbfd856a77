"""Results: how good the run is that the lab shows."""

from __future__ import annotations

from ui import results
from ui.sidebar import experiment_address

experiment_address()
results.show()
