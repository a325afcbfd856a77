"""Take home: the experiment that the lab shows as code, and its run as files."""

from __future__ import annotations

from ui import take_home
from ui.sidebar import experiment_in_address

experiment_in_address()
take_home.show()
