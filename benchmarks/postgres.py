"""A PostgreSQL server for tests and benchmarks, where the machine has one."""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

_DEBIAN = Path("/usr/lib/postgresql")  # where its programs are, by version; they are on nobody's path
_START_SECONDS = 60.0


@functools.cache
def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None where it is not installed."""
    found = sorted(_DEBIAN.glob("*/bin/postgres"))
    path = found[-1] if found else shutil.which("postgres")
    return Path(path).resolve().parent if path else None


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server on a free port of this machine, and give its address without a database's name.

    It refuses to run as root, and then runs as nobody. It keeps nothing safe from a power cut, and so is fast.
    """
    programs = postgres_programs()
    assert programs is not None
    as_user: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="hidden-layers-postgres-") as name:
        folder, log = Path(name), Path(name) / "log"
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        options = ["-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        make: list[str | Path] = [programs / "initdb", "-D", folder / "data", *options]
        subprocess.run(make, check=True, capture_output=True, cwd="/", **as_user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "unix_socket_directories="]
        command: list[str | Path] = [
            programs / "postgres",
            "-D",
            folder / "data",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            *settings,
        ]
        with log.open("wb") as file:
            server = subprocess.Popen(command, stdout=file, stderr=file, cwd="/", **as_user)
        try:
            _wait(server, port, log)
            yield f"postgresql+psycopg://tests@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # ends its connections, and does not wait for them
            server.wait(_START_SECONDS)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(_address(port), connect_timeout=2).close()
            return
        except psycopg.OperationalError as error:
            assert server.poll() is None, log.read_text()
            if time.monotonic() > end:
                raise AssertionError(f"PostgreSQL did not start:\n{log.read_text()}") from error
            time.sleep(0.02)


def new_database(address: str, name: str) -> str:
    """Make an empty database on a server that `postgres` runs, and return its URL."""
    with psycopg.connect(address.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    return f"{address}/{name}"


def _address(port: int) -> str:
    return f"postgresql://tests@127.0.0.1:{port}/postgres"
