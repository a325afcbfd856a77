"""What is left of a server's runs when it is killed at random moments under load, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import make_url

from benchmarks.crash_writer import OWNER, rows
from benchmarks.postgres import new_database, postgres, postgres_programs
from benchmarks.report import text_table
from core.messages.updates import FINISHED, INTERRUPTED
from core.runs.database import DATABASE_VARIABLE, open_engine, upgrade, writing
from core.runs.recording import interrupt_runs_of
from core.runs.servers import ThisServer
from core.runs.store import RunStore
from core.runs.values import LAST, RunSummary

ROOT = Path(__file__).parents[1]
KILLS = 20
_HEADINGS = {
    "database": "database",
    "kills": "kills",
    "finished": "finished",
    "interrupted": "interrupted",
    "lost": "lost",
    "seconds": "longest start, s",
}
_LINES_MORE = 60  # that the process says after its first finished run, at most, before it is killed


@dataclass(frozen=True)
class Crash:
    """What was found after a kill.

    Attributes:
        database: "sqlite" or "postgresql".
        finished: runs that were there as finished.
        interrupted: runs that were there as interrupted.
        lost: runs that had finished or grown, and were not there as they were.
        seconds: from the start of the next server to an open database.
    """

    database: str
    finished: int
    interrupted: int
    lost: int
    seconds: float


def measure() -> list[Crash]:
    """Kill KILLS processes one after another on a database of each kind."""
    found: list[Crash] = []
    with tempfile.TemporaryDirectory() as folder:
        found += crashes(f"sqlite:///{folder}/runs.db", KILLS, 0)
    if postgres_programs() is not None:
        with postgres() as address:
            found += crashes(new_database(address, "crash"), KILLS, 1000)
    return found


def report(crashes: Sequence[Crash]) -> str:
    """Return a table, a line for each kind of database."""
    lines = []
    for database in dict.fromkeys(crash.database for crash in crashes):
        of_it = [crash for crash in crashes if crash.database == database]
        lines.append(
            {
                "database": database,
                "kills": len(of_it),
                "finished": of_it[-1].finished,
                "interrupted": of_it[-1].interrupted,
                "lost": sum(crash.lost for crash in of_it),
                "seconds": max(crash.seconds for crash in of_it),
            }
        )
    return text_table(lines, _HEADINGS)


def crashes(url: str, kills: int, seed: int) -> Iterator[Crash]:
    """Kill processes that keep runs in a database, and yield what is found after each.

    Raises:
        RunsError: where the database cannot be opened after a kill.
    """
    done: dict[str, int] = {}
    for kill in range(kills):
        said = _killed(url, seed + kill)
        done |= {run: epochs for what, run, epochs in said if what == "done"}
        kept = {run: epochs for what, run, epochs in said if what == "kept"}
        started = time.monotonic()
        with _next_server(url) as store:
            seconds = time.monotonic() - started
            found = {run.key: run for run in store.runs(OWNER)}
            lost = sum(run not in found or found[run].status != FINISHED for run in done)
            lost += sum(run not in found or found[run].epoch < epochs for run, epochs in kept.items())
            lost += sum(not _is_whole(store, run) for run in found.values())
            statuses = [run.status for run in found.values()]
            yield Crash(
                make_url(url).get_backend_name(), statuses.count(FINISHED), statuses.count(INTERRUPTED), lost, seconds
            )


def _killed(url: str, seed: int) -> list[tuple[str, str, int]]:
    """Let a process keep runs, kill it at a random moment, and return what it had said by then."""
    draw, command = random.Random(seed), [sys.executable, "-m", "benchmarks.crash_writer", str(seed)]
    environment = os.environ | {DATABASE_VARIABLE: url}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while lines[-1] and not lines[-1].startswith("done"):
            lines.append(process.stdout.readline())
        lines += [process.stdout.readline() for _ in range(draw.randint(0, _LINES_MORE))]
        time.sleep(draw.random() * 0.2)
        process.kill()
        lines += process.stdout.readlines()
    said = [line.split() for line in lines if line.endswith("\n")]
    return [(what, run, int(epochs)) for what, run, epochs in said]


@contextmanager
def _next_server(url: str) -> Iterator[RunStore]:
    """Open a database as the next server does: what the killed one was training is interrupted then."""
    engine, server = open_engine(make_url(url)), ThisServer()
    try:
        upgrade(engine)
        with writing(engine) as connection:
            interrupt_runs_of(connection, server.dead(connection))
        yield RunStore(engine)
    finally:
        engine.dispose()


def _is_whole(store: RunStore, summary: RunSummary) -> bool:
    """Return whether a run's history is what was noted, and a finished one has its weights."""
    run = store.run(OWNER, summary.key)
    history = np.array(list(run.history.values()), np.float32).T
    is_right = summary.status in (FINISHED, INTERRUPTED) and np.array_equal(history, rows(0, summary.epoch))
    return is_right and (LAST in run.weights_of) == (summary.status == FINISHED)
