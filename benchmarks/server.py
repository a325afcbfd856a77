"""The app as people run it: a server of its own, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from core.datasets.downloads import HOME_VARIABLE
from core.runs.database import DATABASE_VARIABLE

ROOT = Path(__file__).parents[1]
START_SECONDS = 90  # until it answers


@contextmanager
def serving(
    streamlit: Sequence[str] = ("streamlit",), log: Path | None = None, database: str = ""
) -> Iterator[tuple[str, psutil.Process]]:
    """Run the app; gives its address and the web process.

    Args:
        streamlit: the module that stands for Streamlit's command line, and its own arguments.
        log: where all that it prints goes; where there is none, only errors are printed.
        database: where its runs are kept; in one of its own where none is named.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", *streamlit, "run", "app.py", "--server.port", str(port)]
    kept = tempfile.TemporaryDirectory(prefix="hidden-layers-runs-", ignore_cleanup_errors=True)
    environment = os.environ | {
        DATABASE_VARIABLE: database or f"sqlite:///{kept.name}/runs.db",
        # Another server's would hold what it has compiled: nothing would be new.
        HOME_VARIABLE: os.environ.get(HOME_VARIABLE, kept.name),
    }
    with open(log or os.devnull, "wb") as printed:
        errors = subprocess.STDOUT if log else None
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=printed, stderr=errors, start_new_session=True
        )
    url = f"http://localhost:{port}"
    try:
        wait_until(lambda: process.poll() is not None or is_healthy(url), "The server did not start.")
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        kept.cleanup()


def is_healthy(url: str) -> bool:
    """Return whether the server answers."""
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so; raises RuntimeError after START_SECONDS."""
    latest = time.monotonic() + START_SECONDS
    while not is_so():
        if time.monotonic() > latest:
            raise RuntimeError(otherwise)
        time.sleep(0.1)
