"""Faults of workers: runs that take all the time there is, a worker that freezes, a scheduler that is away."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise

import psutil

from benchmarks.fault_rows import COMMAND_MOST_S, PAGE_MOST_MS, Row, bounded
from benchmarks.person import Person, Seen
from benchmarks.report import quantile
from benchmarks.server import ROOT, is_healthy, serving, wait_until
from core.workers.connection import SCHEDULER_VARIABLE

LOOK_SECONDS = 0.5
# Minutes an epoch: 7,200 steps of 1.3 million weights.
HEAVY = "data=moons&points=9000&batch=1&layers=relu-512,relu-512,relu-512,relu-512,relu-512,relu-512"
LIGHT = "data=moons&points=1000&batch=20&layers=relu-32,relu-32&epochs=2000"  # six seconds at the usual pace
# Half a minute alone. Two structures: a worker that has compiled one would take both runs.
LASTING = [f"data=moons&points=6000&batch=10&layers={name}-32,{name}-32&epochs=2000" for name in ("relu", "tanh")]
MOVE_MOST_S = 1.0  # between two epochs of a small run, whoever else trains
TOLD_MOST_S = 15.0  # until the runs of a frozen worker are told
STOP_MOST_S = 15.0  # until the server has stopped
AWAY_SECONDS = 30.0
BACK_MOST_S = 30.0  # from the scheduler's return to a run's first epoch; its worker loads Keras meanwhile


def measure_starvation() -> list[Row]:
    """Two heavy runs, one for each worker, whose tabs are closed; then somebody else trains a small network."""
    name = "starvation"
    with serving() as (url, _), Person(url) as other:
        _warm(other)
        for seed in (1, 2):
            with Person(url) as heavy:
                heavy.open(f"{HEAVY}&seed={seed}")
                heavy.train()
                time.sleep(5.0)
        with _looking_on(other) as pages:
            other.open(LIGHT)
            pressed = time.monotonic()
            other.train()
            begun = other.wait_for(epoch=1).at - pressed
            time.sleep(4.0)
            longest = _longest_gap(other.frames)
            stopped = _seconds_until(other, "stop", "stopped")
    return [
        bounded(name, "seconds from Train to the first epoch", begun, "s", COMMAND_MOST_S),
        bounded(name, "longest time without an epoch", longest, "s", MOVE_MOST_S),
        bounded(name, "seconds from Stop to stopped", stopped, "s", COMMAND_MOST_S),
        _pages(name, pages),
    ]


def measure_frozen_worker() -> list[Row]:
    """A run on each worker, one of which is frozen."""
    name = "frozen worker"
    with serving() as (url, server):
        with Person(url) as one, Person(url) as two:
            people = (one, two)
            _warm(one)
            _warm(two)
            for person, query in zip(people, LASTING, strict=True):
                person.open(query)
                person.train()
                person.wait_for(epoch=1)
            frozen = _freeze_one(server)
            time.sleep(1.0)
            since = time.monotonic()
            time.sleep(0.5)
            moving = [person for person in people if person.latest and person.latest.at > since]
            if len(moving) != 1:
                raise RuntimeError(f"One of two runs should go on beside a frozen worker, not {len(moving)}.")
            (other,) = moving
            victim = two if other is one else one
            with _looking_on(other) as pages:
                paused = _seconds_until(other, "pause", "paused")
                resumed = _seconds_until(other, "train", "running")
                told = _seconds_until(victim, "", "interrupted")
            fresh = _worker_processes(server)
            again = next((process for process in fresh if process.pid != frozen.pid), None)
            if again is not None:
                again.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        server.terminate()
        with suppress(psutil.TimeoutExpired):
            server.wait(3 * STOP_MOST_S)
        stopped = time.monotonic() - started
    return [
        bounded(name, "seconds from Pause to paused, other worker", paused, "s", COMMAND_MOST_S),
        bounded(name, "seconds from Train to running, other worker", resumed, "s", COMMAND_MOST_S),
        bounded(name, "seconds until its own run is told", told, "s", TOLD_MOST_S),
        bounded(name, "seconds from SIGTERM to the server's end", stopped, "s", STOP_MOST_S),
        _pages(name, pages),
    ]


def measure_scheduler_away() -> list[Row]:
    """A scheduler elsewhere that is not there when the server starts, comes, goes for 30 s, and comes back."""
    name = "scheduler away"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ[SCHEDULER_VARIABLE] = f"tcp://127.0.0.1:{port}"
    try:
        with serving() as (url, _), Person(url) as person:
            pages: list[float] = []
            with _scheduler(port):
                came = _train_until_it_moves(person, pages)
                person.open(f"{LIGHT}&seed=3")
                person.train()
                person.wait_for(epoch=1)
            gone = time.monotonic()
            told = _seconds_until(person, "", "interrupted")
            while time.monotonic() - gone < AWAY_SECONDS:
                pages.append(person.rerun())
                time.sleep(LOOK_SECONDS)
            with _scheduler(port):
                back = _train_until_it_moves(person, pages)
            healthy = is_healthy(url)
    finally:
        del os.environ[SCHEDULER_VARIABLE]
    return [
        bounded(name, "seconds from its first start to a run's epoch", came, "s", BACK_MOST_S),
        bounded(name, "seconds until the run is told", told, "s", TOLD_MOST_S),
        bounded(name, "seconds from its return to a run's epoch", back, "s", BACK_MOST_S),
        bounded(name, "servers that do not answer", float(not healthy), "", 0.0),
        _pages(name, pages),
    ]


def _warm(person: Person) -> None:
    person.open("epochs=3")
    person.train()
    person.wait_for(status="finished")


def _pages(name: str, seconds: Sequence[float]) -> Row:
    return bounded(name, "others' page runs, p95", 1000 * quantile(seconds, 0.95), "ms", PAGE_MOST_MS)


def _seconds_until(person: Person, pressed: str, status: str) -> float:
    """Press a button, or none, and return the seconds until a frame says that the run has a status."""
    started = time.monotonic()
    if pressed:
        person.rerun(pressed)
    while not any(seen.status == status and seen.at >= started for seen in person.frames):
        if time.monotonic() - started > 2 * TOLD_MOST_S:
            break
        time.sleep(0.01)
    return time.monotonic() - started


def _longest_gap(frames: Sequence[Seen]) -> float:
    """Return the longest time between two frames in which the epoch has risen."""
    moments = [frames[0].at]
    epoch = frames[0].epoch
    for seen in frames:
        if seen.epoch > epoch:
            moments.append(seen.at)
            epoch = seen.epoch
    moments.append(frames[-1].at)
    return max((after - before for before, after in pairwise(moments)), default=0.0)


@contextmanager
def _looking_on(person: Person) -> Iterator[list[float]]:
    """Have a person's page run again and again meanwhile; gives the seconds of every run."""
    seconds: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            seconds.append(person.rerun())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seconds
    finally:
        over.set()
        thread.join()


def _worker_processes(server: psutil.Process) -> list[psutil.Process]:
    """Return the training workers, which hold far more memory than what starts and watches them."""
    children = server.children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline()) and child.memory_info().rss > 2e8]


def _freeze_one(server: psutil.Process) -> psutil.Process:
    process = _worker_processes(server)[0]
    process.send_signal(signal.SIGSTOP)
    return process


@contextmanager
def _scheduler(port: int) -> Iterator[None]:
    """Run a scheduler with one worker, as the README says."""
    address = f"tcp://127.0.0.1:{port}"
    commands = [
        ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
        ["worker", address, "--nthreads", "8", "--nworkers", "1", "--memory-limit", "0"],
    ]
    processes = []
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    try:
        for command in commands:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *command],
                    cwd=ROOT,
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
            if command[0] == "scheduler":
                wait_until(lambda: _listens(port), "The scheduler did not start.")
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _train_until_it_moves(person: Person, pages: list[float]) -> float:
    """Press Train until a run has an epoch, as a person would; return the seconds."""
    started = time.monotonic()
    person.open("epochs=50")
    person.train()
    while not (person.latest and person.latest.epoch) and time.monotonic() - started < 120:
        if person.latest and person.latest.status in ("failed", "interrupted"):
            person.train()
        pages.append(person.rerun())
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - started
