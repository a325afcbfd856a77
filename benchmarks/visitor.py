"""Somebody who does whatever there is to do, in a real browser: `python -m benchmarks visitor`.

A walk draws its moves with a seed: controls, recipes, the buttons of the bar, pages, Back and Forward, reloads, second
tabs, fresh browsers that open the link, and how the lab is looked at. After each move the page comes to rest, and what
`benchmarks.seen_page` says must hold: the controls show what the address says, and that is what trains; a control that
was moved has moved; status, epoch, curves, matrix, plane and result line of a run at rest agree. The console has no
error, and no request fails.

    moves      moves done
    seconds    that the walk took
    traces     tracebacks in the server's log
    broken     what did not hold, or "nothing"
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.browser import opened_browser
from benchmarks.report import text_table
from benchmarks.server import serving
from benchmarks.walking import BrokenError, Visitor

SEEDS = range(10)
MOVES = 100
_NOTHING = "nothing"


@dataclass(frozen=True)
class Walk:
    """One walk."""

    seed: int
    moves: int
    seconds: float
    traces: int
    broken: str


def measure() -> list[Walk]:
    """Walk with every seed, each in a server of its own."""
    return [_walk(seed) for seed in SEEDS]


def report(walks: list[Walk]) -> str:
    """Return the walks as a table, and below it what was broken, with the moves that led to it."""
    headings = {"seed": "seed", "moves": "moves", "seconds": "seconds", "traces": "traces", "broken": "broken"}
    rows = [{**vars(walk), "broken": walk.broken.partition("\n")[0]} for walk in walks]
    broken = [walk.broken for walk in walks if walk.broken != _NOTHING]
    return "\n\n".join([text_table(rows, headings), *broken])


def _walk(seed: int) -> Walk:
    started = time.monotonic()
    broken = _NOTHING
    with TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        with serving(log=log) as (base, _), opened_browser() as browser:
            visitor = Visitor(browser, base, seed)
            try:
                for _ in range(MOVES):
                    visitor.move()
            except BrokenError as error:
                broken = str(error)
            finally:
                visitor.close()
        traces = log.read_text(errors="replace").count("Traceback (most recent call last)")
    return Walk(seed, len(visitor.did) - 1, time.monotonic() - started, traces, broken)
