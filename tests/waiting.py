"""Waiting for a state that another thread or process brings about."""

import time
from collections.abc import Callable

PATIENCE = 280.0  # seconds; generous, because a busy machine is slow, not wrong. Below `faulthandler_timeout`.
_LOOK_SECONDS = 0.005


def wait_until(condition: Callable[[], object], what: str = "the state that is waited for") -> None:
    """Wait until a condition holds, and fail naming `what` if it never does."""
    __tracebackhide__ = True
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {PATIENCE:.0f} s")
        time.sleep(_LOOK_SECONDS)
