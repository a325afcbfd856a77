"""A scheduler elsewhere that is not there, comes, goes, and comes back. It has no workers: none is needed here."""

import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from distributed import WorkerPlugin

from core.errors import WorkersError
from core.workers import connection as connection_module
from core.workers import lasting_connection as lasting_module
from core.workers.connection import SCHEDULER_VARIABLE, TLS_VARIABLES, Connection
from core.workers.dispatcher import Dispatcher
from core.workers.lasting_connection import LastingConnection
from tests.waiting import PATIENCE, wait_until


@dataclass
class Watched:
    """A connection, and what it has told."""

    connection: LastingConnection
    dispatcher: Dispatcher
    told: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def look(self) -> dict | None:
        """Look at the workers on the dispatcher's thread; None where the scheduler did not answer."""
        seen: list[dict | None] = []

        def look() -> None:
            try:
                seen.append(self.connection.look())
            except WorkersError:
                seen.append(None)

        self.dispatcher.submit(look)
        wait_until(lambda: seen)
        return seen[0]


@pytest.fixture
def address(monkeypatch) -> str:
    """Where the scheduler will be."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv(SCHEDULER_VARIABLE, address)
    monkeypatch.setattr(connection_module, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(lasting_module, "_BACK_OFF_SECONDS", (0.05, 0.1))
    return address


@pytest.fixture
def start_scheduler(address) -> Iterator[Callable[[], subprocess.Popen]]:
    """Start a scheduler there; it is killed in the end."""
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        port = address.rpartition(":")[2]
        command = [sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def watched(address) -> Iterator[Watched]:
    told: list[str] = []
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())
    lasting_module.logger.addHandler(handler)
    dispatcher = Dispatcher(lambda *failure: told.append(f"failed: {failure}"))
    connection = LastingConnection(
        Connection(1, 1),
        dispatcher,
        lambda: told.append("open"),
        lambda: told.append("lost"),
        "topic",
        lambda event: None,
        WorkerPlugin(),
    )
    yield Watched(connection, dispatcher, told, logged)
    dispatcher.stop(PATIENCE)
    connection.close()
    lasting_module.logger.removeHandler(handler)


def test_a_scheduler_that_comes_and_goes_is_connected_again_and_logged_once(watched, start_scheduler):
    wait_until(lambda: watched.connection._attempts >= 3, "three attempts")
    assert watched.connection.is_away
    assert watched.look() == {}
    for number in (1, 2):
        scheduler = start_scheduler()
        wait_until(lambda number=number: watched.told == ["open", "lost"] * (number - 1) + ["open"], "the connection")
        assert not watched.connection.is_away
        assert watched.look() == {}  # it has no workers
        scheduler.kill()
        scheduler.wait()
        wait_until(lambda: watched.look() == {} and watched.connection.is_away, "the loss")
        assert watched.told == ["open", "lost"] * number
        wait_until(lambda: watched.connection._attempts >= 3, "three attempts")
    assert len(watched.logged) == 5  # not there, there, lost, there, lost
    assert "cannot be reached" in watched.logged[0]


def test_a_scheduler_elsewhere_that_does_not_answer_counts_as_lost(watched, start_scheduler, monkeypatch):
    start_scheduler()
    wait_until(lambda: watched.told == ["open"], "the connection")
    monkeypatch.setattr(lasting_module, "_UNANSWERED_SECONDS", 0.0)

    def hang(self) -> dict:
        raise WorkersError("no answer")

    monkeypatch.setattr(Connection, "look", hang)
    assert watched.look() is None
    wait_until(lambda: watched.look() is None or "lost" in watched.told, "the loss")
    wait_until(lambda: watched.told == ["open", "lost", "open"], "another connection")


@pytest.mark.parametrize("missing", [*TLS_VARIABLES])
def test_a_certificate_that_is_missing_is_named(missing, monkeypatch, tmp_path):
    (tmp_path / "file.pem").write_text("x")
    for variable in TLS_VARIABLES:
        monkeypatch.setenv(variable, str(tmp_path / "file.pem"))
    monkeypatch.setenv(missing, str(tmp_path / "nowhere.pem"))
    with pytest.raises(WorkersError, match=f"`{missing}` must name a file in PEM format. Received: .*nowhere.pem"):
        connection_module._named_security()
