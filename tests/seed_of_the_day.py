"""The seed of what is drawn anew every day, so that many days try more than any one."""

from __future__ import annotations

import os
from datetime import UTC, datetime

VARIABLE = "HIDDEN_LAYERS_SEED"


def seed_of_the_day() -> int:
    """Return the seed: what the variable HIDDEN_LAYERS_SEED says, so that a day can be repeated, or else the date."""
    return int(os.environ.get(VARIABLE) or datetime.now(UTC).strftime("%Y%m%d"))
