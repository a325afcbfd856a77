"""Streamlit's command line with a clock in its process: `python -m benchmarks.ticking LOG run app.py …`.

A thread of the web process wakes up every TICK_SECONDS and writes to LOG how late it was, the worst of every
WINDOW_SECONDS. This shows stalls of that process, and so of everybody's page, from outside.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

TICK_SECONDS = 0.005
WINDOW_SECONDS = 0.05


def main() -> None:
    """Start the clock, then Streamlit."""
    log, *arguments = sys.argv[1:]
    threading.Thread(target=tick, args=(Path(log),), name="ticking", daemon=True).start()
    from streamlit.web.cli import main as streamlit

    streamlit(arguments, prog_name="streamlit")


def tick(log: Path) -> None:
    """Write lines of two numbers without end: the time (`time.monotonic`), and the milliseconds of being late."""
    with log.open("w", buffering=1) as lines:
        worst, window = 0.0, time.monotonic()
        while True:
            due = time.monotonic() + TICK_SECONDS
            time.sleep(TICK_SECONDS)
            now = time.monotonic()
            worst = max(worst, now - due)
            if now - window >= WINDOW_SECONDS:
                lines.write(f"{now:.3f} {1000 * worst:.1f}\n")
                worst, window = 0.0, now


def latest_ms(log: Path, since: float, until: float) -> float:
    """Return the milliseconds that the clock was late at worst between two times of `time.monotonic`."""
    ticks = [
        tuple(map(float, line.split())) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")
    ]
    return max((late for at, late in ticks if since <= at <= until), default=0.0)


if __name__ == "__main__":
    main()
