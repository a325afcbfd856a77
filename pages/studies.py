"""Studies: one experiment many times at once, to see luck, settings and races."""

from __future__ import annotations

from ui.bar import watch_run
from ui.studies import page as studies

studies.show()
watch_run()
