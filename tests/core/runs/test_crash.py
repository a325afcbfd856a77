"""A server that is killed at any moment loses no run that had finished, and what it was training is interrupted."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest

from core.messages.updates import FINISHED, INTERRUPTED
from core.runs.database import DATABASE_VARIABLE
from core.runs.limits import WRITE_SECONDS
from core.runs.values import LAST
from tests.core.runs.changes import ME, finished, key, rows
from tests.layers import ROOT
from tests.seed_of_the_day import seed_of_the_day
from tests.waiting import PATIENCE, wait_until

KILLS = 3  # in the suite; `make bench ARGS=crash` has twenty


def killed_process(url: str, seed: int) -> list[tuple[str, str, int]]:
    """Let a process keep runs in a database, kill it at a random moment, and return what it had said by then."""
    draw = random.Random(seed)
    command = [sys.executable, "-m", "tests.core.runs.writing_process", str(seed)]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {DATABASE_VARIABLE: url}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(draw.randint(10, 40))]
        process.kill()
        lines += process.stdout.readlines()
    said = [line.split() for line in lines if line.endswith("\n")]
    return [(what, run, int(epochs)) for what, run, epochs in said]


def test_writing_keeps_its_promise_of_two_seconds():
    assert WRITE_SECONDS <= 1.0  # what a write itself takes comes on top


def test_killed_at_random_moments_no_finished_run_is_lost(url, start_writer):
    done: set[str] = set()
    for kill in range(KILLS):
        said = killed_process(url, seed_of_the_day() + kill)
        done |= {run for what, run, _ in said if what == "done"}
        kept = {run: epochs for what, run, epochs in said if what == "kept"}
        writer = start_writer()
        wait_until(lambda writer=writer: writer._engine is not None, "the database")
        assert writer.problem == ""
        found = {run.key: run for run in writer.store.runs(ME)}
        assert done <= {name for name, run in found.items() if run.status == FINISHED}
        assert {run.status for run in found.values()} <= {FINISHED, INTERRUPTED}
        for name, epochs in kept.items():
            assert found[name].epoch >= epochs
        for name, summary in found.items():
            run = writer.store.run(ME, name)
            history = np.array(list(run.history.values()), np.float32).T
            assert np.array_equal(history, rows(0, summary.epoch))
            assert (LAST in run.weights_of) == (summary.status == FINISHED)
        writer.note(finished(f"after {kill}"))
        assert writer.flush(PATIENCE)
        assert writer.store.run(ME, key(f"after {kill}")).summary.status == FINISHED
        done.add(key(f"after {kill}"))
        writer.close()
    assert len(done) > KILLS


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_servers_on_one_database_see_the_same_runs(url, start_writer):
    first, second = start_writer(), start_writer()
    for writer in (first, second):
        wait_until(lambda writer=writer: writer._engine is not None, "the database")
    for place in range(20):
        first.note(finished(f"first {place}"))
        second.note(finished(f"second {place}"))
    assert first.flush(PATIENCE)
    assert second.flush(PATIENCE)
    first.store.rename(ME, key("second 0"), "renamed by the other")
    assert len(first.store.runs(ME)) == len(second.store.runs(ME)) == 40
    assert second.store.run(ME, key("second 0")).summary.name == "renamed by the other"
