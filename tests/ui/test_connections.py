"""Connections: half-sent requests, handles, and what is logged."""

from __future__ import annotations

import logging
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.waiting import PATIENCE, wait_until
from ui import connections
from ui.connections import OncePerMinute, end_half_sent_requests, raise_handle_limit

SECONDS = 0.3


async def _greet(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server that has no patience for headers."""
    for name in ("connection_made", "data_received"):  # put back after the test
        monkeypatch.setattr(H11Protocol, name, getattr(H11Protocol, name))
    monkeypatch.setattr(connections, "HEADERS_SECONDS", SECONDS)
    end_half_sent_requests()
    app = Starlette(routes=[Route("/", _greet)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, http="h11", log_level="error", timeout_keep_alive=60))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_connection_without_whole_headers_ends(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(sent)
        assert client.recv(100) == b""


def test_a_half_sent_request_after_a_whole_one_ends_too(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while not answer.endswith(b"hello"):
            answer += client.recv(1000)
        client.sendall(b"GET /")
        assert client.recv(100) == b""


def test_a_connection_that_is_kept_is_used_again(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            assert client.get("/").text == "hello"
            threading.Event().wait(SECONDS)


def test_as_many_handles_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    code = (
        "import resource; from ui.connections import raise_handle_limit\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))\n"
        "print(raise_handle_limit(), resource.getrlimit(resource.RLIMIT_NOFILE), raise_handle_limit())"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "300 (300, 300) 300"
    assert raise_handle_limit() in (None, min(connections.HANDLES, before[1]), before[0])
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_line_is_logged_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    once = OncePerMinute()

    def passes(level: int, message: str) -> bool:
        return bool(once.filter(logging.LogRecord("asyncio", level, "", 0, message, (), None)))

    line = "socket.accept() out of system resource\nsocket: <socket {}>"
    assert [passes(logging.ERROR, line.format(number)) for number in range(3)] == [True, False, False]
    assert passes(logging.ERROR, "another line")
    assert [passes(logging.INFO, "started") for _ in range(2)] == [True, True]
    monkeypatch.setattr(connections, "_REPEATED_SECONDS", 0.0)
    assert passes(logging.ERROR, line.format(4))
